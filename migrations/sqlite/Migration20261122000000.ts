import { Migration } from '@mikro-orm/migrations';

export class Migration20261122000000 extends Migration {

  override name = 'Migration20261122000000';

  override up(): void | Promise<void> {
    this.addSql(`create table \`organizations\` (\`id\` integer not null primary key autoincrement, \`name\` text not null, \`created_at\` datetime not null);`);

    this.addSql(`create table \`locations\` (\`id\` integer not null primary key autoincrement, \`organization_id\` bigint not null, \`code\` text not null, \`code_key\` text not null, \`name\` text not null, \`name_key\` text not null, \`kind\` text check (\`kind\` in ('STORAGE', 'TRANSIT', 'SUPPLIER', 'CUSTOMER', 'ADJUSTMENT', 'SCRAP')) not null, \`parent_id\` bigint null, \`archived_at\` datetime null, \`created_at\` datetime not null, \`updated_at\` datetime not null, \`version\` integer not null default 1, constraint \`locations_organization_id_foreign\` foreign key (\`organization_id\`) references \`organizations\` (\`id\`), constraint \`locations_parent_id_foreign\` foreign key (\`parent_id\`) references \`locations\` (\`id\`) on delete no action);`);
    this.addSql(`create index \`locations_parent_index\` on \`locations\` (\`parent_id\`, \`code_key\`, \`id\`);`);
    this.addSql(`create index \`locations_kind_index\` on \`locations\` (\`organization_id\`, \`kind\`, \`id\`);`);
    this.addSql(`create index \`locations_name_index\` on \`locations\` (\`organization_id\`, \`name_key\`, \`id\`);`);
    this.addSql(`create unique index \`locations_code_key\` on \`locations\` (\`organization_id\`, \`code_key\`);`);

    this.addSql(`create table \`journal_heads\` (\`id\` integer not null primary key autoincrement, \`organization_id\` bigint not null, \`seq\` bigint not null, \`recorded_at\` datetime not null, constraint \`journal_heads_organization_id_foreign\` foreign key (\`organization_id\`) references \`organizations\` (\`id\`));`);
    this.addSql(`create unique index \`journal_heads_organization_key\` on \`journal_heads\` (\`organization_id\`);`);

    this.addSql(`create table \`journal_entries\` (\`id\` integer not null primary key autoincrement, \`organization_id\` bigint not null, \`seq\` bigint not null, \`at\` datetime not null, \`action\` text not null, \`actor_id\` bigint null, \`subject_type\` text not null, \`subject_id\` bigint not null, \`changes\` json null, constraint \`journal_entries_organization_id_foreign\` foreign key (\`organization_id\`) references \`organizations\` (\`id\`));`);
    this.addSql(`create index \`journal_entries_subject_index\` on \`journal_entries\` (\`organization_id\`, \`subject_type\`, \`subject_id\`, \`seq\`);`);
    this.addSql(`create unique index \`journal_entries_seq_key\` on \`journal_entries\` (\`organization_id\`, \`seq\`);`);

    this.addSql(`create table \`idempotency_keys\` (\`id\` integer not null primary key autoincrement, \`organization_id\` bigint not null, \`key\` text not null, \`input_hash\` text not null, constraint \`idempotency_keys_organization_id_foreign\` foreign key (\`organization_id\`) references \`organizations\` (\`id\`));`);
    this.addSql(`create unique index \`idempotency_keys_key\` on \`idempotency_keys\` (\`organization_id\`, \`key\`);`);

    this.addSql(`create table \`categories\` (\`id\` integer not null primary key autoincrement, \`organization_id\` bigint not null, \`name\` text not null, \`name_key\` text not null, \`parent_id\` bigint null, \`parent_key\` bigint not null, \`created_at\` datetime not null, \`updated_at\` datetime not null, \`version\` integer not null default 1, constraint \`categories_organization_id_foreign\` foreign key (\`organization_id\`) references \`organizations\` (\`id\`), constraint \`categories_parent_id_foreign\` foreign key (\`parent_id\`) references \`categories\` (\`id\`) on delete no action);`);
    this.addSql(`create index \`categories_name_index\` on \`categories\` (\`organization_id\`, \`name_key\`, \`id\`);`);
    this.addSql(`create index \`categories_parent_index\` on \`categories\` (\`parent_id\`, \`name_key\`, \`id\`);`);
    this.addSql(`create unique index \`categories_name_key\` on \`categories\` (\`organization_id\`, \`parent_key\`, \`name_key\`);`);

    this.addSql(`create table \`items\` (\`id\` integer not null primary key autoincrement, \`organization_id\` bigint not null, \`sku\` text not null, \`sku_key\` text not null, \`name\` text not null, \`name_key\` text not null, \`description\` text null, \`unit\` text not null, \`decimals\` integer not null, \`tracking\` text check (\`tracking\` in ('NONE', 'LOT', 'SERIAL')) not null, \`attributes\` json not null, \`reorder_point\` bigint null, \`category_id\` bigint null, \`archived_at\` datetime null, \`created_at\` datetime not null, \`updated_at\` datetime not null, \`version\` integer not null default 1, constraint \`items_organization_id_foreign\` foreign key (\`organization_id\`) references \`organizations\` (\`id\`), constraint \`items_category_id_foreign\` foreign key (\`category_id\`) references \`categories\` (\`id\`) on delete no action, constraint \`items_decimals_check\` check (decimals >= 0 and decimals <= 6), constraint \`items_reorder_point_check\` check (reorder_point >= 0 and reorder_point <= 9007199254740991));`);
    this.addSql(`create index \`items_name_index\` on \`items\` (\`organization_id\`, \`name_key\`, \`id\`);`);
    this.addSql(`create index \`items_created_index\` on \`items\` (\`organization_id\`, \`created_at\`, \`id\`);`);
    this.addSql(`create index \`items_category_index\` on \`items\` (\`category_id\`, \`sku_key\`, \`id\`);`);
    this.addSql(`create unique index \`items_sku_key\` on \`items\` (\`organization_id\`, \`sku_key\`);`);

    this.addSql(`create table \`lots\` (\`id\` integer not null primary key autoincrement, \`organization_id\` bigint not null, \`item_id\` bigint not null, \`code\` text not null, \`code_key\` text not null, \`expires_on\` date null, \`created_at\` datetime not null, constraint \`lots_organization_id_foreign\` foreign key (\`organization_id\`) references \`organizations\` (\`id\`), constraint \`lots_item_id_foreign\` foreign key (\`item_id\`) references \`items\` (\`id\`));`);
    this.addSql(`create index \`lots_item_index\` on \`lots\` (\`item_id\`, \`code_key\`, \`id\`);`);
    this.addSql(`create unique index \`lots_code_key\` on \`lots\` (\`organization_id\`, \`item_id\`, \`code_key\`);`);

    this.addSql(`create table \`stock_levels\` (\`id\` integer not null primary key autoincrement, \`organization_id\` bigint not null, \`item_id\` bigint not null, \`location_id\` bigint not null, \`lot_id\` bigint null, \`lot_key\` bigint not null, \`outside\` integer not null, \`on_hand\` bigint not null, \`reserved\` bigint not null, \`updated_at\` datetime not null, constraint \`stock_levels_organization_id_foreign\` foreign key (\`organization_id\`) references \`organizations\` (\`id\`), constraint \`stock_levels_item_id_foreign\` foreign key (\`item_id\`) references \`items\` (\`id\`), constraint \`stock_levels_location_id_foreign\` foreign key (\`location_id\`) references \`locations\` (\`id\`), constraint \`stock_levels_lot_id_foreign\` foreign key (\`lot_id\`) references \`lots\` (\`id\`) on delete no action, constraint \`stock_levels_real_check\` check (outside or (reserved >= 0 and on_hand >= reserved)), constraint \`stock_levels_on_hand_check\` check (on_hand >= -9007199254740991 and on_hand <= 9007199254740991), constraint \`stock_levels_reserved_check\` check (reserved >= 0 and reserved <= 9007199254740991));`);
    this.addSql(`create index \`stock_levels_item_index\` on \`stock_levels\` (\`item_id\`, \`id\`);`);
    this.addSql(`create index \`stock_levels_location_index\` on \`stock_levels\` (\`location_id\`, \`id\`);`);
    this.addSql(`create index \`stock_levels_lot_index\` on \`stock_levels\` (\`lot_id\`);`);
    this.addSql(`create unique index \`stock_levels_key\` on \`stock_levels\` (\`organization_id\`, \`item_id\`, \`location_id\`, \`lot_key\`);`);

    this.addSql(`create table \`tags\` (\`id\` integer not null primary key autoincrement, \`organization_id\` bigint not null, \`name\` text not null, \`name_key\` text not null, \`created_at\` datetime not null, \`updated_at\` datetime not null, \`version\` integer not null default 1, constraint \`tags_organization_id_foreign\` foreign key (\`organization_id\`) references \`organizations\` (\`id\`));`);
    this.addSql(`create unique index \`tags_name_key\` on \`tags\` (\`organization_id\`, \`name_key\`);`);

    this.addSql(`create table \`item_tags\` (\`id\` integer not null primary key autoincrement, \`organization_id\` bigint not null, \`item_id\` bigint not null, \`tag_id\` bigint not null, constraint \`item_tags_organization_id_foreign\` foreign key (\`organization_id\`) references \`organizations\` (\`id\`), constraint \`item_tags_item_id_foreign\` foreign key (\`item_id\`) references \`items\` (\`id\`), constraint \`item_tags_tag_id_foreign\` foreign key (\`tag_id\`) references \`tags\` (\`id\`));`);
    this.addSql(`create index \`item_tags_organization_index\` on \`item_tags\` (\`organization_id\`);`);
    this.addSql(`create index \`item_tags_tag_index\` on \`item_tags\` (\`tag_id\`, \`item_id\`);`);
    this.addSql(`create unique index \`item_tags_key\` on \`item_tags\` (\`item_id\`, \`tag_id\`);`);

    this.addSql(`create table \`users\` (\`id\` integer not null primary key autoincrement, \`organization_id\` bigint not null, \`name\` text not null, \`created_at\` datetime not null, constraint \`users_organization_id_foreign\` foreign key (\`organization_id\`) references \`organizations\` (\`id\`));`);
    this.addSql(`create index \`users_organization_index\` on \`users\` (\`organization_id\`);`);

    this.addSql(`create table \`movements\` (\`id\` integer not null primary key autoincrement, \`organization_id\` bigint not null, \`seq\` bigint not null, \`kind\` text check (\`kind\` in ('RECEIPT', 'ISSUE', 'TRANSFER', 'ADJUSTMENT', 'COUNT', 'REVERSAL')) not null, \`idempotency_key_id\` bigint not null, \`reference\` text null, \`note\` text null, \`reason\` text null, \`reverses_id\` bigint null, \`actor_id\` bigint not null, \`occurred_at\` datetime not null, \`recorded_at\` datetime not null, constraint \`movements_organization_id_foreign\` foreign key (\`organization_id\`) references \`organizations\` (\`id\`), constraint \`movements_idempotency_key_id_foreign\` foreign key (\`idempotency_key_id\`) references \`idempotency_keys\` (\`id\`), constraint \`movements_reverses_id_foreign\` foreign key (\`reverses_id\`) references \`movements\` (\`id\`) on delete no action, constraint \`movements_actor_id_foreign\` foreign key (\`actor_id\`) references \`users\` (\`id\`), constraint \`movements_reason_check\` check (reason = 'CORRECTION' or reason = 'DAMAGED' or reason = 'EXPIRED' or reason = 'FOUND' or reason = 'LOST' or reason = 'STOLEN' or reason = 'USED' or reason = 'OTHER'));`);
    this.addSql(`create index \`movements_occurred_index\` on \`movements\` (\`organization_id\`, \`occurred_at\`, \`id\`);`);
    this.addSql(`create index \`movements_recorded_index\` on \`movements\` (\`organization_id\`, \`recorded_at\`, \`id\`);`);
    this.addSql(`create index \`movements_actor_index\` on \`movements\` (\`actor_id\`);`);
    this.addSql(`create unique index \`movements_seq_key\` on \`movements\` (\`organization_id\`, \`seq\`);`);
    this.addSql(`create unique index \`movements_idempotency_key\` on \`movements\` (\`idempotency_key_id\`);`);
    this.addSql(`create unique index \`movements_reverses_key\` on \`movements\` (\`reverses_id\`);`);

    this.addSql(`create table \`movement_lines\` (\`id\` integer not null primary key autoincrement, \`organization_id\` bigint not null, \`movement_id\` bigint not null, \`position\` integer not null, \`item_id\` bigint not null, \`lot_id\` bigint null, \`lot_key\` bigint not null, \`from_location_id\` bigint not null, \`to_location_id\` bigint not null, \`quantity\` bigint not null, \`from_after\` bigint not null, \`to_after\` bigint not null, constraint \`movement_lines_organization_id_foreign\` foreign key (\`organization_id\`) references \`organizations\` (\`id\`), constraint \`movement_lines_movement_id_foreign\` foreign key (\`movement_id\`) references \`movements\` (\`id\`), constraint \`movement_lines_item_id_foreign\` foreign key (\`item_id\`) references \`items\` (\`id\`), constraint \`movement_lines_lot_id_foreign\` foreign key (\`lot_id\`) references \`lots\` (\`id\`) on delete no action, constraint \`movement_lines_from_location_id_foreign\` foreign key (\`from_location_id\`) references \`locations\` (\`id\`), constraint \`movement_lines_to_location_id_foreign\` foreign key (\`to_location_id\`) references \`locations\` (\`id\`), constraint \`movement_lines_quantity_check\` check (quantity >= 1 and quantity <= 9007199254740991), constraint \`movement_lines_ends_check\` check (from_location_id <> to_location_id));`);
    this.addSql(`create index \`movement_lines_organization_index\` on \`movement_lines\` (\`organization_id\`, \`id\`);`);
    this.addSql(`create index \`movement_lines_item_index\` on \`movement_lines\` (\`item_id\`, \`id\`);`);
    this.addSql(`create index \`movement_lines_lot_index\` on \`movement_lines\` (\`lot_id\`, \`id\`);`);
    this.addSql(`create index \`movement_lines_from_index\` on \`movement_lines\` (\`from_location_id\`, \`id\`);`);
    this.addSql(`create index \`movement_lines_to_index\` on \`movement_lines\` (\`to_location_id\`, \`id\`);`);
    this.addSql(`create index \`movement_lines_out_of_level_index\` on \`movement_lines\` (\`item_id\`, \`from_location_id\`, \`lot_key\`, \`movement_id\`, \`position\`);`);
    this.addSql(`create index \`movement_lines_into_level_index\` on \`movement_lines\` (\`item_id\`, \`to_location_id\`, \`lot_key\`, \`movement_id\`, \`position\`);`);
    this.addSql(`create unique index \`movement_lines_key\` on \`movement_lines\` (\`movement_id\`, \`position\`);`);

    this.addSql(`create table \`count_lines\` (\`id\` integer not null primary key autoincrement, \`organization_id\` bigint not null, \`movement_id\` bigint not null, \`position\` integer not null, \`item_id\` bigint not null, \`lot_id\` bigint null, \`counted\` bigint not null, \`expected\` bigint null, \`difference\` bigint not null, constraint \`count_lines_organization_id_foreign\` foreign key (\`organization_id\`) references \`organizations\` (\`id\`), constraint \`count_lines_movement_id_foreign\` foreign key (\`movement_id\`) references \`movements\` (\`id\`), constraint \`count_lines_item_id_foreign\` foreign key (\`item_id\`) references \`items\` (\`id\`), constraint \`count_lines_lot_id_foreign\` foreign key (\`lot_id\`) references \`lots\` (\`id\`) on delete no action, constraint \`count_lines_counted_check\` check (counted >= 0 and counted <= 9007199254740991), constraint \`count_lines_expected_check\` check (expected >= -9007199254740991 and expected <= 9007199254740991), constraint \`count_lines_difference_check\` check (difference >= -9007199254740991 and difference <= 9007199254740991));`);
    this.addSql(`create index \`count_lines_organization_index\` on \`count_lines\` (\`organization_id\`);`);
    this.addSql(`create index \`count_lines_item_index\` on \`count_lines\` (\`item_id\`);`);
    this.addSql(`create index \`count_lines_lot_index\` on \`count_lines\` (\`lot_id\`);`);
    this.addSql(`create unique index \`count_lines_key\` on \`count_lines\` (\`movement_id\`, \`position\`);`);

    this.addSql(`create table \`memberships\` (\`id\` integer not null primary key autoincrement, \`organization_id\` bigint not null, \`user_id\` bigint not null, \`role\` text check (\`role\` in ('OWNER', 'MANAGER', 'CLERK', 'VIEWER')) not null, \`created_at\` datetime not null, constraint \`memberships_organization_id_foreign\` foreign key (\`organization_id\`) references \`organizations\` (\`id\`), constraint \`memberships_user_id_foreign\` foreign key (\`user_id\`) references \`users\` (\`id\`));`);
    this.addSql(`create index \`memberships_user_index\` on \`memberships\` (\`user_id\`);`);
    this.addSql(`create unique index \`memberships_user_key\` on \`memberships\` (\`organization_id\`, \`user_id\`);`);

    this.addSql(`create table \`api_keys\` (\`id\` integer not null primary key autoincrement, \`organization_id\` bigint not null, \`membership_id\` bigint not null, \`name\` text not null, \`prefix\` text not null, \`hash\` text not null, \`created_at\` datetime not null, constraint \`api_keys_organization_id_foreign\` foreign key (\`organization_id\`) references \`organizations\` (\`id\`), constraint \`api_keys_membership_id_foreign\` foreign key (\`membership_id\`) references \`memberships\` (\`id\`));`);
    this.addSql(`create index \`api_keys_organization_index\` on \`api_keys\` (\`organization_id\`);`);
    this.addSql(`create index \`api_keys_membership_index\` on \`api_keys\` (\`membership_id\`);`);
    this.addSql(`create unique index \`api_keys_hash_key\` on \`api_keys\` (\`hash\`);`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "api_keys";`);
    this.addSql(`drop table if exists "memberships";`);
    this.addSql(`drop table if exists "count_lines";`);
    this.addSql(`drop table if exists "movement_lines";`);
    this.addSql(`drop table if exists "movements";`);
    this.addSql(`drop table if exists "users";`);
    this.addSql(`drop table if exists "item_tags";`);
    this.addSql(`drop table if exists "tags";`);
    this.addSql(`drop table if exists "stock_levels";`);
    this.addSql(`drop table if exists "lots";`);
    this.addSql(`drop table if exists "items";`);
    this.addSql(`drop table if exists "categories";`);
    this.addSql(`drop table if exists "idempotency_keys";`);
    this.addSql(`drop table if exists "journal_entries";`);
    this.addSql(`drop table if exists "journal_heads";`);
    this.addSql(`drop table if exists "locations";`);
    this.addSql(`drop table if exists "organizations";`);
  }

}
