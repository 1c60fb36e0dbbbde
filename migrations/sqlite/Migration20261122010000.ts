import { Migration } from '@mikro-orm/migrations';

export class Migration20261122010000 extends Migration {

  override name = 'Migration20261122010000';

  override up(): void | Promise<void> {
    this.addSql(`create table \`count_lines\` (\`id\` integer not null primary key autoincrement, \`organization_id\` bigint not null, \`movement_id\` bigint not null, \`position\` integer not null, \`item_id\` bigint not null, \`lot_id\` bigint null, \`counted\` bigint not null, \`expected\` bigint null, \`difference\` bigint not null, constraint \`count_lines_organization_id_foreign\` foreign key (\`organization_id\`) references \`organizations\` (\`id\`), constraint \`count_lines_movement_id_foreign\` foreign key (\`movement_id\`) references \`movements\` (\`id\`), constraint \`count_lines_item_id_foreign\` foreign key (\`item_id\`) references \`items\` (\`id\`), constraint \`count_lines_lot_id_foreign\` foreign key (\`lot_id\`) references \`lots\` (\`id\`) on delete no action, constraint \`count_lines_counted_check\` check (counted >= 0 and counted <= 9007199254740991), constraint \`count_lines_expected_check\` check (expected >= -9007199254740991 and expected <= 9007199254740991), constraint \`count_lines_difference_check\` check (difference >= -9007199254740991 and difference <= 9007199254740991));`);
    this.addSql(`create index \`count_lines_organization_index\` on \`count_lines\` (\`organization_id\`);`);
    this.addSql(`create index \`count_lines_item_index\` on \`count_lines\` (\`item_id\`);`);
    this.addSql(`create index \`count_lines_lot_index\` on \`count_lines\` (\`lot_id\`);`);
    this.addSql(`create unique index \`count_lines_key\` on \`count_lines\` (\`movement_id\`, \`position\`);`);

    this.addSql(`pragma foreign_keys = off;`);
    this.addSql(`create table \`movements__temp_alter\` (\`id\` integer not null primary key autoincrement, \`organization_id\` bigint not null, \`seq\` bigint not null, \`kind\` text check (\`kind\` in ('RECEIPT', 'ISSUE', 'TRANSFER', 'ADJUSTMENT', 'COUNT', 'REVERSAL')) not null, \`idempotency_key_id\` bigint not null, \`reference\` text null, \`note\` text null, \`reason\` text null, \`reverses_id\` bigint null, \`actor_id\` bigint not null, \`occurred_at\` datetime not null, \`recorded_at\` datetime not null, constraint \`movements_organization_id_foreign\` foreign key (\`organization_id\`) references \`organizations\` (\`id\`), constraint \`movements_idempotency_key_id_foreign\` foreign key (\`idempotency_key_id\`) references \`idempotency_keys\` (\`id\`), constraint \`movements_reverses_id_foreign\` foreign key (\`reverses_id\`) references \`movements\` (\`id\`) on delete no action, constraint \`movements_actor_id_foreign\` foreign key (\`actor_id\`) references \`users\` (\`id\`), constraint \`movements_reason_check\` check (reason = 'CORRECTION' or reason = 'DAMAGED' or reason = 'EXPIRED' or reason = 'FOUND' or reason = 'LOST' or reason = 'STOLEN' or reason = 'USED' or reason = 'OTHER'));`);
    this.addSql(`insert into \`movements__temp_alter\` select \`id\`, \`organization_id\`, \`seq\`, \`kind\`, \`idempotency_key_id\`, \`reference\`, \`note\`, null as \`reason\`, null as \`reverses_id\`, \`actor_id\`, \`occurred_at\`, \`recorded_at\` from \`movements\`;`);
    this.addSql(`drop table \`movements\`;`);
    this.addSql(`alter table \`movements__temp_alter\` rename to \`movements\`;`);
    this.addSql(`create index \`movements_occurred_index\` on \`movements\` (\`organization_id\`, \`occurred_at\`, \`id\`);`);
    this.addSql(`create index \`movements_actor_index\` on \`movements\` (\`actor_id\`);`);
    this.addSql(`create unique index \`movements_seq_key\` on \`movements\` (\`organization_id\`, \`seq\`);`);
    this.addSql(`create unique index \`movements_idempotency_key\` on \`movements\` (\`idempotency_key_id\`);`);
    this.addSql(`create unique index \`movements_reverses_key\` on \`movements\` (\`reverses_id\`);`);
    this.addSql(`pragma foreign_keys = on;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists \`count_lines\`;`);

    this.addSql(`pragma foreign_keys = off;`);
    this.addSql(`create table \`movements__temp_alter\` (\`actor_id\` bigint not null, \`id\` integer not null primary key autoincrement, \`idempotency_key_id\` bigint not null, \`kind\` text check (\`kind\` in ('RECEIPT', 'ISSUE', 'TRANSFER', 'ADJUSTMENT', 'COUNT', 'REVERSAL')) not null, \`note\` text null, \`occurred_at\` datetime not null, \`organization_id\` bigint not null, \`recorded_at\` datetime not null, \`reference\` text null, \`seq\` bigint not null, constraint \`movements_actor_id_foreign\` foreign key (\`actor_id\`) references \`users\` (\`id\`), constraint \`movements_idempotency_key_id_foreign\` foreign key (\`idempotency_key_id\`) references \`idempotency_keys\` (\`id\`), constraint \`movements_organization_id_foreign\` foreign key (\`organization_id\`) references \`organizations\` (\`id\`));`);
    this.addSql(`insert into \`movements__temp_alter\` select \`actor_id\`, \`id\`, \`idempotency_key_id\`, \`kind\`, \`note\`, \`occurred_at\`, \`organization_id\`, \`recorded_at\`, \`reference\`, \`seq\` from \`movements\`;`);
    this.addSql(`drop table \`movements\`;`);
    this.addSql(`alter table \`movements__temp_alter\` rename to \`movements\`;`);
    this.addSql(`create index \`movements_actor_index\` on \`movements\` (\`actor_id\`);`);
    this.addSql(`create unique index \`movements_idempotency_key\` on \`movements\` (\`idempotency_key_id\`);`);
    this.addSql(`create index \`movements_occurred_index\` on \`movements\` (\`organization_id\`, \`occurred_at\`, \`id\`);`);
    this.addSql(`create unique index \`movements_seq_key\` on \`movements\` (\`organization_id\`, \`seq\`);`);
    this.addSql(`pragma foreign_keys = on;`);
  }

}
