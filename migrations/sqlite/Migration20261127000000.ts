import { Migration } from '@mikro-orm/migrations';

export class Migration20261127000000 extends Migration {

  override name = 'Migration20261127000000';

  override up(): void | Promise<void> {
    this.addSql(`drop index \`users_organization_index\`;`);
    this.addSql(`alter table \`users\` add column \`subject\` text null;`);
    this.addSql(`create index \`users_subject_index\` on \`users\` (\`subject\`);`);
    this.addSql(`create unique index \`users_subject_key\` on \`users\` (\`organization_id\`, \`subject\`);`);

    this.addSql(`pragma foreign_keys = off;`);
    this.addSql(`create table \`memberships__temp_alter\` (\`id\` integer not null primary key autoincrement, \`organization_id\` bigint not null, \`user_id\` bigint not null, \`role\` text check (\`role\` in ('OWNER', 'MANAGER', 'CLERK', 'VIEWER')) not null, \`created_at\` datetime not null, \`updated_at\` datetime not null, \`version\` integer not null default 1, \`removed_at\` datetime null, constraint \`memberships_organization_id_foreign\` foreign key (\`organization_id\`) references \`organizations\` (\`id\`), constraint \`memberships_user_id_foreign\` foreign key (\`user_id\`) references \`users\` (\`id\`));`);
    this.addSql(`insert into \`memberships__temp_alter\` select \`id\`, \`organization_id\`, \`user_id\`, \`role\`, \`created_at\`, \`created_at\` as \`updated_at\`, 1 as \`version\`, null as \`removed_at\` from \`memberships\`;`);
    this.addSql(`drop table \`memberships\`;`);
    this.addSql(`alter table \`memberships__temp_alter\` rename to \`memberships\`;`);
    this.addSql(`create unique index \`memberships_user_key\` on \`memberships\` (\`organization_id\`, \`user_id\`);`);
    this.addSql(`create index \`memberships_user_index\` on \`memberships\` (\`user_id\`);`);
    this.addSql(`create index \`memberships_organization_index\` on \`memberships\` (\`organization_id\`, \`id\`);`);

    this.addSql(`create table \`api_keys__temp_alter\` (\`id\` integer not null primary key autoincrement, \`organization_id\` bigint not null, \`membership_id\` bigint not null, \`name\` text not null, \`prefix\` text not null, \`hash\` text not null, \`role\` text check (\`role\` in ('OWNER', 'MANAGER', 'CLERK', 'VIEWER')) not null, \`scopes\` json null, \`created_at\` datetime not null, \`expires_at\` datetime null, \`last_used_at\` datetime null, \`revoked_at\` datetime null, constraint \`api_keys_organization_id_foreign\` foreign key (\`organization_id\`) references \`organizations\` (\`id\`), constraint \`api_keys_membership_id_foreign\` foreign key (\`membership_id\`) references \`memberships\` (\`id\`));`);
    this.addSql(`insert into \`api_keys__temp_alter\` select \`id\`, \`organization_id\`, \`membership_id\`, \`name\`, \`prefix\`, \`hash\`, (select \`role\` from \`memberships\` where \`memberships\`.\`id\` = \`api_keys\`.\`membership_id\`) as \`role\`, null as \`scopes\`, \`created_at\`, null as \`expires_at\`, null as \`last_used_at\`, null as \`revoked_at\` from \`api_keys\`;`);
    this.addSql(`drop table \`api_keys\`;`);
    this.addSql(`alter table \`api_keys__temp_alter\` rename to \`api_keys\`;`);
    this.addSql(`create index \`api_keys_organization_index\` on \`api_keys\` (\`organization_id\`, \`id\`);`);
    this.addSql(`create index \`api_keys_membership_index\` on \`api_keys\` (\`membership_id\`, \`id\`);`);
    this.addSql(`create unique index \`api_keys_hash_key\` on \`api_keys\` (\`hash\`);`);
    this.addSql(`pragma foreign_keys = on;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`pragma foreign_keys = off;`);
    this.addSql(`create table \`api_keys__temp_alter\` (\`created_at\` datetime not null, \`hash\` text not null, \`id\` integer not null primary key autoincrement, \`membership_id\` bigint not null, \`name\` text not null, \`organization_id\` bigint not null, \`prefix\` text not null, constraint \`api_keys_membership_id_foreign\` foreign key (\`membership_id\`) references \`memberships\` (\`id\`), constraint \`api_keys_organization_id_foreign\` foreign key (\`organization_id\`) references \`organizations\` (\`id\`));`);
    this.addSql(`insert into \`api_keys__temp_alter\` select \`created_at\`, \`hash\`, \`id\`, \`membership_id\`, \`name\`, \`organization_id\`, \`prefix\` from \`api_keys\`;`);
    this.addSql(`drop table \`api_keys\`;`);
    this.addSql(`alter table \`api_keys__temp_alter\` rename to \`api_keys\`;`);
    this.addSql(`create unique index \`api_keys_hash_key\` on \`api_keys\` (\`hash\`);`);
    this.addSql(`create index \`api_keys_membership_index\` on \`api_keys\` (\`membership_id\`);`);
    this.addSql(`create index \`api_keys_organization_index\` on \`api_keys\` (\`organization_id\`);`);
    this.addSql(`pragma foreign_keys = on;`);

    this.addSql(`drop index \`memberships_organization_index\`;`);
    this.addSql(`alter table \`memberships\` drop column \`updated_at\`;`);
    this.addSql(`alter table \`memberships\` drop column \`version\`;`);
    this.addSql(`alter table \`memberships\` drop column \`removed_at\`;`);

    this.addSql(`drop index \`users_subject_index\`;`);
    this.addSql(`drop index \`users_subject_key\`;`);
    this.addSql(`alter table \`users\` drop column \`subject\`;`);
    this.addSql(`create index \`users_organization_index\` on \`users\` (\`organization_id\`);`);
  }

}
