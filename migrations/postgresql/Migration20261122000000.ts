import { Migration } from '@mikro-orm/migrations';

export class Migration20261122000000 extends Migration {

  override name = 'Migration20261122000000';

  override up(): void | Promise<void> {
    this.addSql(`create table "organizations" ("id" bigserial primary key, "name" text collate "C" not null, "created_at" timestamptz(3) not null);`);

    this.addSql(`create table "locations" ("id" bigserial primary key, "organization_id" bigint not null, "code" text collate "C" not null, "code_key" text collate "C" not null, "name" text collate "C" not null, "name_key" text collate "C" not null, "kind" text collate "C" not null, "parent_id" bigint null, "archived_at" timestamptz(3) null, "created_at" timestamptz(3) not null, "updated_at" timestamptz(3) not null, "version" int not null default 1);`);
    this.addSql(`create index "locations_parent_index" on "locations" ("parent_id", "code_key", "id");`);
    this.addSql(`create index "locations_kind_index" on "locations" ("organization_id", "kind", "id");`);
    this.addSql(`create index "locations_name_index" on "locations" ("organization_id", "name_key", "id");`);
    this.addSql(`alter table "locations" add constraint "locations_code_key" unique ("organization_id", "code_key");`);
    this.addSql(`alter table "locations" add constraint "locations_kind_check" check ("kind" in ('STORAGE', 'TRANSIT', 'SUPPLIER', 'CUSTOMER', 'ADJUSTMENT', 'SCRAP'));`);

    this.addSql(`create table "journal_heads" ("id" bigserial primary key, "organization_id" bigint not null, "seq" bigint not null, "recorded_at" timestamptz(3) not null);`);
    this.addSql(`alter table "journal_heads" add constraint "journal_heads_organization_key" unique ("organization_id");`);

    this.addSql(`create table "journal_entries" ("id" bigserial primary key, "organization_id" bigint not null, "seq" bigint not null, "at" timestamptz(3) not null, "action" text collate "C" not null, "actor_id" bigint null, "subject_type" text collate "C" not null, "subject_id" bigint not null, "changes" jsonb null);`);
    this.addSql(`create index "journal_entries_subject_index" on "journal_entries" ("organization_id", "subject_type", "subject_id", "seq");`);
    this.addSql(`alter table "journal_entries" add constraint "journal_entries_seq_key" unique ("organization_id", "seq");`);

    this.addSql(`create table "idempotency_keys" ("id" bigserial primary key, "organization_id" bigint not null, "key" text collate "C" not null, "input_hash" text collate "C" not null);`);
    this.addSql(`alter table "idempotency_keys" add constraint "idempotency_keys_key" unique ("organization_id", "key");`);

    this.addSql(`create table "categories" ("id" bigserial primary key, "organization_id" bigint not null, "name" text collate "C" not null, "name_key" text collate "C" not null, "parent_id" bigint null, "parent_key" bigint not null, "created_at" timestamptz(3) not null, "updated_at" timestamptz(3) not null, "version" int not null default 1);`);
    this.addSql(`create index "categories_name_index" on "categories" ("organization_id", "name_key", "id");`);
    this.addSql(`create index "categories_parent_index" on "categories" ("parent_id", "name_key", "id");`);
    this.addSql(`alter table "categories" add constraint "categories_name_key" unique ("organization_id", "parent_key", "name_key");`);

    this.addSql(`create table "items" ("id" bigserial primary key, "organization_id" bigint not null, "sku" text collate "C" not null, "sku_key" text collate "C" not null, "name" text collate "C" not null, "name_key" text collate "C" not null, "description" text collate "C" null, "unit" text collate "C" not null, "decimals" int not null, "tracking" text collate "C" not null, "attributes" jsonb not null, "reorder_point" bigint null, "category_id" bigint null, "archived_at" timestamptz(3) null, "created_at" timestamptz(3) not null, "updated_at" timestamptz(3) not null, "version" int not null default 1);`);
    this.addSql(`create index "items_name_index" on "items" ("organization_id", "name_key", "id");`);
    this.addSql(`create index "items_created_index" on "items" ("organization_id", "created_at", "id");`);
    this.addSql(`create index "items_category_index" on "items" ("category_id", "sku_key", "id");`);
    this.addSql(`alter table "items" add constraint "items_sku_key" unique ("organization_id", "sku_key");`);
    this.addSql(`alter table "items" add constraint "items_decimals_check" check (decimals >= 0 and decimals <= 6);`);
    this.addSql(`alter table "items" add constraint "items_reorder_point_check" check (reorder_point >= 0 and reorder_point <= 9007199254740991);`);
    this.addSql(`alter table "items" add constraint "items_tracking_check" check ("tracking" in ('NONE', 'LOT', 'SERIAL'));`);

    this.addSql(`create table "lots" ("id" bigserial primary key, "organization_id" bigint not null, "item_id" bigint not null, "code" text collate "C" not null, "code_key" text collate "C" not null, "expires_on" date null, "created_at" timestamptz(3) not null);`);
    this.addSql(`create index "lots_item_index" on "lots" ("item_id", "code_key", "id");`);
    this.addSql(`alter table "lots" add constraint "lots_code_key" unique ("organization_id", "item_id", "code_key");`);

    this.addSql(`create table "stock_levels" ("id" bigserial primary key, "organization_id" bigint not null, "item_id" bigint not null, "location_id" bigint not null, "lot_id" bigint null, "lot_key" bigint not null, "outside" boolean not null, "on_hand" bigint not null, "reserved" bigint not null, "updated_at" timestamptz(3) not null);`);
    this.addSql(`create index "stock_levels_item_index" on "stock_levels" ("item_id", "id");`);
    this.addSql(`create index "stock_levels_location_index" on "stock_levels" ("location_id", "id");`);
    this.addSql(`create index "stock_levels_lot_index" on "stock_levels" ("lot_id");`);
    this.addSql(`alter table "stock_levels" add constraint "stock_levels_key" unique ("organization_id", "item_id", "location_id", "lot_key");`);
    this.addSql(`alter table "stock_levels" add constraint "stock_levels_real_check" check (outside or (reserved >= 0 and on_hand >= reserved));`);
    this.addSql(`alter table "stock_levels" add constraint "stock_levels_on_hand_check" check (on_hand >= -9007199254740991 and on_hand <= 9007199254740991);`);
    this.addSql(`alter table "stock_levels" add constraint "stock_levels_reserved_check" check (reserved >= 0 and reserved <= 9007199254740991);`);

    this.addSql(`create table "tags" ("id" bigserial primary key, "organization_id" bigint not null, "name" text collate "C" not null, "name_key" text collate "C" not null, "created_at" timestamptz(3) not null, "updated_at" timestamptz(3) not null, "version" int not null default 1);`);
    this.addSql(`alter table "tags" add constraint "tags_name_key" unique ("organization_id", "name_key");`);

    this.addSql(`create table "item_tags" ("id" bigserial primary key, "organization_id" bigint not null, "item_id" bigint not null, "tag_id" bigint not null);`);
    this.addSql(`create index "item_tags_organization_index" on "item_tags" ("organization_id");`);
    this.addSql(`create index "item_tags_tag_index" on "item_tags" ("tag_id", "item_id");`);
    this.addSql(`alter table "item_tags" add constraint "item_tags_key" unique ("item_id", "tag_id");`);

    this.addSql(`create table "users" ("id" bigserial primary key, "organization_id" bigint not null, "name" text collate "C" not null, "created_at" timestamptz(3) not null);`);
    this.addSql(`create index "users_organization_index" on "users" ("organization_id");`);

    this.addSql(`create table "movements" ("id" bigserial primary key, "organization_id" bigint not null, "seq" bigint not null, "kind" text collate "C" not null, "idempotency_key_id" bigint not null, "reference" text collate "C" null, "note" text collate "C" null, "reason" text collate "C" null, "reverses_id" bigint null, "actor_id" bigint not null, "occurred_at" timestamptz(3) not null, "recorded_at" timestamptz(3) not null);`);
    this.addSql(`create index "movements_occurred_index" on "movements" ("organization_id", "occurred_at", "id");`);
    this.addSql(`create index "movements_recorded_index" on "movements" ("organization_id", "recorded_at", "id");`);
    this.addSql(`create index "movements_actor_index" on "movements" ("actor_id");`);
    this.addSql(`alter table "movements" add constraint "movements_seq_key" unique ("organization_id", "seq");`);
    this.addSql(`alter table "movements" add constraint "movements_idempotency_key" unique ("idempotency_key_id");`);
    this.addSql(`alter table "movements" add constraint "movements_reverses_key" unique ("reverses_id");`);
    this.addSql(`alter table "movements" add constraint "movements_reason_check" check (reason = 'CORRECTION' or reason = 'DAMAGED' or reason = 'EXPIRED' or reason = 'FOUND' or reason = 'LOST' or reason = 'STOLEN' or reason = 'USED' or reason = 'OTHER');`);
    this.addSql(`alter table "movements" add constraint "movements_kind_check" check ("kind" in ('RECEIPT', 'ISSUE', 'TRANSFER', 'ADJUSTMENT', 'COUNT', 'REVERSAL'));`);

    this.addSql(`create table "movement_lines" ("id" bigserial primary key, "organization_id" bigint not null, "movement_id" bigint not null, "position" int not null, "item_id" bigint not null, "lot_id" bigint null, "lot_key" bigint not null, "from_location_id" bigint not null, "to_location_id" bigint not null, "quantity" bigint not null, "from_after" bigint not null, "to_after" bigint not null);`);
    this.addSql(`create index "movement_lines_organization_index" on "movement_lines" ("organization_id", "id");`);
    this.addSql(`create index "movement_lines_item_index" on "movement_lines" ("item_id", "id");`);
    this.addSql(`create index "movement_lines_lot_index" on "movement_lines" ("lot_id", "id");`);
    this.addSql(`create index "movement_lines_from_index" on "movement_lines" ("from_location_id", "id");`);
    this.addSql(`create index "movement_lines_to_index" on "movement_lines" ("to_location_id", "id");`);
    this.addSql(`create index "movement_lines_out_of_level_index" on "movement_lines" ("item_id", "from_location_id", "lot_key", "movement_id", "position");`);
    this.addSql(`create index "movement_lines_into_level_index" on "movement_lines" ("item_id", "to_location_id", "lot_key", "movement_id", "position");`);
    this.addSql(`alter table "movement_lines" add constraint "movement_lines_key" unique ("movement_id", "position");`);
    this.addSql(`alter table "movement_lines" add constraint "movement_lines_quantity_check" check (quantity >= 1 and quantity <= 9007199254740991);`);
    this.addSql(`alter table "movement_lines" add constraint "movement_lines_ends_check" check (from_location_id <> to_location_id);`);

    this.addSql(`create table "count_lines" ("id" bigserial primary key, "organization_id" bigint not null, "movement_id" bigint not null, "position" int not null, "item_id" bigint not null, "lot_id" bigint null, "counted" bigint not null, "expected" bigint null, "difference" bigint not null);`);
    this.addSql(`create index "count_lines_organization_index" on "count_lines" ("organization_id");`);
    this.addSql(`create index "count_lines_item_index" on "count_lines" ("item_id");`);
    this.addSql(`create index "count_lines_lot_index" on "count_lines" ("lot_id");`);
    this.addSql(`alter table "count_lines" add constraint "count_lines_key" unique ("movement_id", "position");`);
    this.addSql(`alter table "count_lines" add constraint "count_lines_counted_check" check (counted >= 0 and counted <= 9007199254740991);`);
    this.addSql(`alter table "count_lines" add constraint "count_lines_expected_check" check (expected >= -9007199254740991 and expected <= 9007199254740991);`);
    this.addSql(`alter table "count_lines" add constraint "count_lines_difference_check" check (difference >= -9007199254740991 and difference <= 9007199254740991);`);

    this.addSql(`create table "memberships" ("id" bigserial primary key, "organization_id" bigint not null, "user_id" bigint not null, "role" text collate "C" not null, "created_at" timestamptz(3) not null);`);
    this.addSql(`create index "memberships_user_index" on "memberships" ("user_id");`);
    this.addSql(`alter table "memberships" add constraint "memberships_user_key" unique ("organization_id", "user_id");`);
    this.addSql(`alter table "memberships" add constraint "memberships_role_check" check ("role" in ('OWNER', 'MANAGER', 'CLERK', 'VIEWER'));`);

    this.addSql(`create table "api_keys" ("id" bigserial primary key, "organization_id" bigint not null, "membership_id" bigint not null, "name" text collate "C" not null, "prefix" text collate "C" not null, "hash" text collate "C" not null, "created_at" timestamptz(3) not null);`);
    this.addSql(`create index "api_keys_organization_index" on "api_keys" ("organization_id");`);
    this.addSql(`create index "api_keys_membership_index" on "api_keys" ("membership_id");`);
    this.addSql(`alter table "api_keys" add constraint "api_keys_hash_key" unique ("hash");`);

    this.addSql(`alter table "locations" add constraint "locations_organization_id_foreign" foreign key ("organization_id") references "organizations" ("id");`);
    this.addSql(`alter table "locations" add constraint "locations_parent_id_foreign" foreign key ("parent_id") references "locations" ("id") on delete no action;`);

    this.addSql(`alter table "journal_heads" add constraint "journal_heads_organization_id_foreign" foreign key ("organization_id") references "organizations" ("id");`);

    this.addSql(`alter table "journal_entries" add constraint "journal_entries_organization_id_foreign" foreign key ("organization_id") references "organizations" ("id");`);

    this.addSql(`alter table "idempotency_keys" add constraint "idempotency_keys_organization_id_foreign" foreign key ("organization_id") references "organizations" ("id");`);

    this.addSql(`alter table "categories" add constraint "categories_organization_id_foreign" foreign key ("organization_id") references "organizations" ("id");`);
    this.addSql(`alter table "categories" add constraint "categories_parent_id_foreign" foreign key ("parent_id") references "categories" ("id") on delete no action;`);

    this.addSql(`alter table "items" add constraint "items_organization_id_foreign" foreign key ("organization_id") references "organizations" ("id");`);
    this.addSql(`alter table "items" add constraint "items_category_id_foreign" foreign key ("category_id") references "categories" ("id") on delete no action;`);

    this.addSql(`alter table "lots" add constraint "lots_organization_id_foreign" foreign key ("organization_id") references "organizations" ("id");`);
    this.addSql(`alter table "lots" add constraint "lots_item_id_foreign" foreign key ("item_id") references "items" ("id");`);

    this.addSql(`alter table "stock_levels" add constraint "stock_levels_organization_id_foreign" foreign key ("organization_id") references "organizations" ("id");`);
    this.addSql(`alter table "stock_levels" add constraint "stock_levels_item_id_foreign" foreign key ("item_id") references "items" ("id");`);
    this.addSql(`alter table "stock_levels" add constraint "stock_levels_location_id_foreign" foreign key ("location_id") references "locations" ("id");`);
    this.addSql(`alter table "stock_levels" add constraint "stock_levels_lot_id_foreign" foreign key ("lot_id") references "lots" ("id") on delete no action;`);

    this.addSql(`alter table "tags" add constraint "tags_organization_id_foreign" foreign key ("organization_id") references "organizations" ("id");`);

    this.addSql(`alter table "item_tags" add constraint "item_tags_organization_id_foreign" foreign key ("organization_id") references "organizations" ("id");`);
    this.addSql(`alter table "item_tags" add constraint "item_tags_item_id_foreign" foreign key ("item_id") references "items" ("id");`);
    this.addSql(`alter table "item_tags" add constraint "item_tags_tag_id_foreign" foreign key ("tag_id") references "tags" ("id");`);

    this.addSql(`alter table "users" add constraint "users_organization_id_foreign" foreign key ("organization_id") references "organizations" ("id");`);

    this.addSql(`alter table "movements" add constraint "movements_organization_id_foreign" foreign key ("organization_id") references "organizations" ("id");`);
    this.addSql(`alter table "movements" add constraint "movements_idempotency_key_id_foreign" foreign key ("idempotency_key_id") references "idempotency_keys" ("id");`);
    this.addSql(`alter table "movements" add constraint "movements_reverses_id_foreign" foreign key ("reverses_id") references "movements" ("id") on delete no action;`);
    this.addSql(`alter table "movements" add constraint "movements_actor_id_foreign" foreign key ("actor_id") references "users" ("id");`);

    this.addSql(`alter table "movement_lines" add constraint "movement_lines_organization_id_foreign" foreign key ("organization_id") references "organizations" ("id");`);
    this.addSql(`alter table "movement_lines" add constraint "movement_lines_movement_id_foreign" foreign key ("movement_id") references "movements" ("id");`);
    this.addSql(`alter table "movement_lines" add constraint "movement_lines_item_id_foreign" foreign key ("item_id") references "items" ("id");`);
    this.addSql(`alter table "movement_lines" add constraint "movement_lines_lot_id_foreign" foreign key ("lot_id") references "lots" ("id") on delete no action;`);
    this.addSql(`alter table "movement_lines" add constraint "movement_lines_from_location_id_foreign" foreign key ("from_location_id") references "locations" ("id");`);
    this.addSql(`alter table "movement_lines" add constraint "movement_lines_to_location_id_foreign" foreign key ("to_location_id") references "locations" ("id");`);

    this.addSql(`alter table "count_lines" add constraint "count_lines_organization_id_foreign" foreign key ("organization_id") references "organizations" ("id");`);
    this.addSql(`alter table "count_lines" add constraint "count_lines_movement_id_foreign" foreign key ("movement_id") references "movements" ("id");`);
    this.addSql(`alter table "count_lines" add constraint "count_lines_item_id_foreign" foreign key ("item_id") references "items" ("id");`);
    this.addSql(`alter table "count_lines" add constraint "count_lines_lot_id_foreign" foreign key ("lot_id") references "lots" ("id") on delete no action;`);

    this.addSql(`alter table "memberships" add constraint "memberships_organization_id_foreign" foreign key ("organization_id") references "organizations" ("id");`);
    this.addSql(`alter table "memberships" add constraint "memberships_user_id_foreign" foreign key ("user_id") references "users" ("id");`);

    this.addSql(`alter table "api_keys" add constraint "api_keys_organization_id_foreign" foreign key ("organization_id") references "organizations" ("id");`);
    this.addSql(`alter table "api_keys" add constraint "api_keys_membership_id_foreign" foreign key ("membership_id") references "memberships" ("id");`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "api_keys" cascade;`);
    this.addSql(`drop table if exists "memberships" cascade;`);
    this.addSql(`drop table if exists "count_lines" cascade;`);
    this.addSql(`drop table if exists "movement_lines" cascade;`);
    this.addSql(`drop table if exists "movements" cascade;`);
    this.addSql(`drop table if exists "users" cascade;`);
    this.addSql(`drop table if exists "item_tags" cascade;`);
    this.addSql(`drop table if exists "tags" cascade;`);
    this.addSql(`drop table if exists "stock_levels" cascade;`);
    this.addSql(`drop table if exists "lots" cascade;`);
    this.addSql(`drop table if exists "items" cascade;`);
    this.addSql(`drop table if exists "categories" cascade;`);
    this.addSql(`drop table if exists "idempotency_keys" cascade;`);
    this.addSql(`drop table if exists "journal_entries" cascade;`);
    this.addSql(`drop table if exists "journal_heads" cascade;`);
    this.addSql(`drop table if exists "locations" cascade;`);
    this.addSql(`drop table if exists "organizations" cascade;`);
  }

}
