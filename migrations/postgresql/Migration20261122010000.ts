import { Migration } from '@mikro-orm/migrations';

export class Migration20261122010000 extends Migration {

  override name = 'Migration20261122010000';

  override up(): void | Promise<void> {
    this.addSql(`create table "count_lines" ("id" bigserial primary key, "organization_id" bigint not null, "movement_id" bigint not null, "position" int not null, "item_id" bigint not null, "lot_id" bigint null, "counted" bigint not null, "expected" bigint null, "difference" bigint not null);`);
    this.addSql(`create index "count_lines_organization_index" on "count_lines" ("organization_id");`);
    this.addSql(`create index "count_lines_item_index" on "count_lines" ("item_id");`);
    this.addSql(`create index "count_lines_lot_index" on "count_lines" ("lot_id");`);
    this.addSql(`alter table "count_lines" add constraint "count_lines_key" unique ("movement_id", "position");`);

    this.addSql(`alter table "movements" add "reason" text collate "C" null, add "reverses_id" bigint null;`);
    this.addSql(`alter table "movements" add constraint "movements_reverses_id_foreign" foreign key ("reverses_id") references "movements" ("id") on delete no action;`);
    this.addSql(`alter table "movements" add constraint "movements_reverses_key" unique ("reverses_id");`);
    this.addSql(`alter table "movements" add constraint "movements_reason_check" check (reason = 'CORRECTION' or reason = 'DAMAGED' or reason = 'EXPIRED' or reason = 'FOUND' or reason = 'LOST' or reason = 'STOLEN' or reason = 'USED' or reason = 'OTHER');`);

    this.addSql(`alter table "count_lines" add constraint "count_lines_organization_id_foreign" foreign key ("organization_id") references "organizations" ("id");`);
    this.addSql(`alter table "count_lines" add constraint "count_lines_movement_id_foreign" foreign key ("movement_id") references "movements" ("id");`);
    this.addSql(`alter table "count_lines" add constraint "count_lines_item_id_foreign" foreign key ("item_id") references "items" ("id");`);
    this.addSql(`alter table "count_lines" add constraint "count_lines_lot_id_foreign" foreign key ("lot_id") references "lots" ("id") on delete no action;`);
    this.addSql(`alter table "count_lines" add constraint "count_lines_counted_check" check (counted >= 0 and counted <= 9007199254740991);`);
    this.addSql(`alter table "count_lines" add constraint "count_lines_expected_check" check (expected >= -9007199254740991 and expected <= 9007199254740991);`);
    this.addSql(`alter table "count_lines" add constraint "count_lines_difference_check" check (difference >= -9007199254740991 and difference <= 9007199254740991);`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "count_lines" cascade;`);

    this.addSql(`alter table "movements" drop constraint "movements_reverses_id_foreign";`);

    this.addSql(`alter table "movements" drop constraint "movements_reverses_key";`);
    this.addSql(`alter table "movements" drop constraint "movements_reason_check";`);
    this.addSql(`alter table "movements" drop column "reason", drop column "reverses_id";`);
  }

}
