import { Migration } from '@mikro-orm/migrations';

export class Migration20261123000000 extends Migration {

  override name = 'Migration20261123000000';

  override up(): void | Promise<void> {
    this.addSql(`create table "reservations" ("id" bigserial primary key, "organization_id" bigint not null, "idempotency_key_id" bigint not null, "reference" text collate "C" not null, "state" text collate "C" not null, "expires_at" timestamptz(3) null, "created_at" timestamptz(3) not null, "resolved_at" timestamptz(3) null);`);
    this.addSql(`create index "reservations_created_index" on "reservations" ("organization_id", "created_at", "id");`);
    this.addSql(`create index "reservations_due_index" on "reservations" ("state", "expires_at");`);
    this.addSql(`alter table "reservations" add constraint "reservations_idempotency_key" unique ("idempotency_key_id");`);

    this.addSql(`create table "reservation_lines" ("id" bigserial primary key, "organization_id" bigint not null, "reservation_id" bigint not null, "position" int not null, "item_id" bigint not null, "location_id" bigint not null, "lot_id" bigint null, "lot_key" bigint not null, "quantity" bigint not null, "fulfilled" bigint not null, "held" bigint not null);`);
    this.addSql(`create index "reservation_lines_organization_index" on "reservation_lines" ("organization_id");`);
    this.addSql(`create index "reservation_lines_item_index" on "reservation_lines" ("item_id", "reservation_id");`);
    this.addSql(`create index "reservation_lines_location_index" on "reservation_lines" ("location_id");`);
    this.addSql(`create index "reservation_lines_lot_index" on "reservation_lines" ("lot_id");`);
    this.addSql(`create index "reservation_lines_level_index" on "reservation_lines" ("item_id", "location_id", "lot_key", "held");`);
    this.addSql(`alter table "reservation_lines" add constraint "reservation_lines_key" unique ("reservation_id", "position");`);

    this.addSql(`alter table "reservations" add constraint "reservations_organization_id_foreign" foreign key ("organization_id") references "organizations" ("id");`);
    this.addSql(`alter table "reservations" add constraint "reservations_idempotency_key_id_foreign" foreign key ("idempotency_key_id") references "idempotency_keys" ("id");`);
    this.addSql(`alter table "reservations" add constraint "reservations_resolved_check" check ((state = 'ACTIVE') = (resolved_at is null));`);
    this.addSql(`alter table "reservations" add constraint "reservations_state_check" check ("state" in ('ACTIVE', 'FULFILLED', 'RELEASED', 'EXPIRED'));`);

    this.addSql(`alter table "reservation_lines" add constraint "reservation_lines_organization_id_foreign" foreign key ("organization_id") references "organizations" ("id");`);
    this.addSql(`alter table "reservation_lines" add constraint "reservation_lines_reservation_id_foreign" foreign key ("reservation_id") references "reservations" ("id");`);
    this.addSql(`alter table "reservation_lines" add constraint "reservation_lines_item_id_foreign" foreign key ("item_id") references "items" ("id");`);
    this.addSql(`alter table "reservation_lines" add constraint "reservation_lines_location_id_foreign" foreign key ("location_id") references "locations" ("id");`);
    this.addSql(`alter table "reservation_lines" add constraint "reservation_lines_lot_id_foreign" foreign key ("lot_id") references "lots" ("id") on delete no action;`);
    this.addSql(`alter table "reservation_lines" add constraint "reservation_lines_quantity_check" check (quantity >= 1 and quantity <= 9007199254740991);`);
    this.addSql(`alter table "reservation_lines" add constraint "reservation_lines_fulfilled_check" check (fulfilled >= 0 and fulfilled <= 9007199254740991);`);
    this.addSql(`alter table "reservation_lines" add constraint "reservation_lines_held_check" check (held >= 0 and held <= 9007199254740991);`);
    this.addSql(`alter table "reservation_lines" add constraint "reservation_lines_rest_check" check (held + fulfilled <= quantity);`);
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table "reservation_lines" drop constraint "reservation_lines_reservation_id_foreign";`);

    this.addSql(`drop table if exists "reservation_lines" cascade;`);
    this.addSql(`drop table if exists "reservations" cascade;`);
  }

}
