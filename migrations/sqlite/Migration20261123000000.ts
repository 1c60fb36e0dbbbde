import { Migration } from '@mikro-orm/migrations';

export class Migration20261123000000 extends Migration {

  override name = 'Migration20261123000000';

  override up(): void | Promise<void> {
    this.addSql(`create table \`reservations\` (\`id\` integer not null primary key autoincrement, \`organization_id\` bigint not null, \`idempotency_key_id\` bigint not null, \`reference\` text not null, \`state\` text check (\`state\` in ('ACTIVE', 'FULFILLED', 'RELEASED', 'EXPIRED')) not null, \`expires_at\` datetime null, \`created_at\` datetime not null, \`resolved_at\` datetime null, constraint \`reservations_organization_id_foreign\` foreign key (\`organization_id\`) references \`organizations\` (\`id\`), constraint \`reservations_idempotency_key_id_foreign\` foreign key (\`idempotency_key_id\`) references \`idempotency_keys\` (\`id\`), constraint \`reservations_resolved_check\` check ((state = 'ACTIVE') = (resolved_at is null)));`);
    this.addSql(`create index \`reservations_created_index\` on \`reservations\` (\`organization_id\`, \`created_at\`, \`id\`);`);
    this.addSql(`create index \`reservations_due_index\` on \`reservations\` (\`state\`, \`expires_at\`);`);
    this.addSql(`create unique index \`reservations_idempotency_key\` on \`reservations\` (\`idempotency_key_id\`);`);

    this.addSql(`create table \`reservation_lines\` (\`id\` integer not null primary key autoincrement, \`organization_id\` bigint not null, \`reservation_id\` bigint not null, \`position\` integer not null, \`item_id\` bigint not null, \`location_id\` bigint not null, \`lot_id\` bigint null, \`lot_key\` bigint not null, \`quantity\` bigint not null, \`fulfilled\` bigint not null, \`held\` bigint not null, constraint \`reservation_lines_organization_id_foreign\` foreign key (\`organization_id\`) references \`organizations\` (\`id\`), constraint \`reservation_lines_reservation_id_foreign\` foreign key (\`reservation_id\`) references \`reservations\` (\`id\`), constraint \`reservation_lines_item_id_foreign\` foreign key (\`item_id\`) references \`items\` (\`id\`), constraint \`reservation_lines_location_id_foreign\` foreign key (\`location_id\`) references \`locations\` (\`id\`), constraint \`reservation_lines_lot_id_foreign\` foreign key (\`lot_id\`) references \`lots\` (\`id\`) on delete no action, constraint \`reservation_lines_quantity_check\` check (quantity >= 1 and quantity <= 9007199254740991), constraint \`reservation_lines_fulfilled_check\` check (fulfilled >= 0 and fulfilled <= 9007199254740991), constraint \`reservation_lines_held_check\` check (held >= 0 and held <= 9007199254740991), constraint \`reservation_lines_rest_check\` check (held + fulfilled <= quantity));`);
    this.addSql(`create index \`reservation_lines_organization_index\` on \`reservation_lines\` (\`organization_id\`);`);
    this.addSql(`create index \`reservation_lines_item_index\` on \`reservation_lines\` (\`item_id\`, \`reservation_id\`);`);
    this.addSql(`create index \`reservation_lines_location_index\` on \`reservation_lines\` (\`location_id\`);`);
    this.addSql(`create index \`reservation_lines_lot_index\` on \`reservation_lines\` (\`lot_id\`);`);
    this.addSql(`create index \`reservation_lines_level_index\` on \`reservation_lines\` (\`item_id\`, \`location_id\`, \`lot_key\`, \`held\`);`);
    this.addSql(`create unique index \`reservation_lines_key\` on \`reservation_lines\` (\`reservation_id\`, \`position\`);`);
  }

  override down(): void | Promise<void> {

    this.addSql(`drop table if exists \`reservation_lines\`;`);
    this.addSql(`drop table if exists \`reservations\`;`);
  }

}
