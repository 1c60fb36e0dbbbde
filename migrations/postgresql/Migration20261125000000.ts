import { Migration } from '@mikro-orm/migrations';

export class Migration20261125000000 extends Migration {

  override name = 'Migration20261125000000';

  override up(): void | Promise<void> {
    this.addSql(`alter table "lots" add "expires_key" text collate "C" not null default '~', add "expires_down_key" text collate "C" not null default '';`);
    this.addSql(`update "lots" set "expires_key" = "expires_on"::text, "expires_down_key" = "expires_on"::text where "expires_on" is not null;`);
    this.addSql(`create index "lots_expires_index" on "lots" ("item_id", "expires_key", "id");`);
    this.addSql(`create index "lots_expires_down_index" on "lots" ("item_id", "expires_down_key", "id");`);

    this.addSql(`create index "reservations_reference_index" on "reservations" ("organization_id", "reference", "id");`);
    this.addSql(`create index "reservations_state_index" on "reservations" ("organization_id", "state", "id");`);

    this.addSql(`create index "stock_levels_organization_index" on "stock_levels" ("organization_id", "id");`);

    this.addSql(`create index "movements_reference_index" on "movements" ("organization_id", "reference", "id");`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop index "lots_expires_index";`);
    this.addSql(`drop index "lots_expires_down_index";`);
    this.addSql(`alter table "lots" drop column "expires_key", drop column "expires_down_key";`);

    this.addSql(`drop index "stock_levels_organization_index";`);

    this.addSql(`drop index "movements_reference_index";`);

    this.addSql(`drop index "reservations_reference_index";`);
    this.addSql(`drop index "reservations_state_index";`);
  }

}
