import { Migration } from '@mikro-orm/migrations';

export class Migration20261127000000 extends Migration {

  override name = 'Migration20261127000000';

  override up(): void | Promise<void> {
    this.addSql(`drop index "users_organization_index";`);
    this.addSql(`alter table "users" add "subject" text collate "C" null;`);
    this.addSql(`create index "users_subject_index" on "users" ("subject");`);
    this.addSql(`alter table "users" add constraint "users_subject_key" unique ("organization_id", "subject");`);

    this.addSql(`alter table "memberships" add "updated_at" timestamptz(3) null, add "version" int not null default 1, add "removed_at" timestamptz(3) null;`);
    this.addSql(`update "memberships" set "updated_at" = "created_at";`);
    this.addSql(`alter table "memberships" alter column "updated_at" set not null;`);
    this.addSql(`create index "memberships_organization_index" on "memberships" ("organization_id", "id");`);

    this.addSql(`drop index "api_keys_membership_index";`);
    this.addSql(`drop index "api_keys_organization_index";`);
    this.addSql(`alter table "api_keys" add "role" text collate "C" null, add "scopes" jsonb null, add "expires_at" timestamptz(3) null, add "last_used_at" timestamptz(3) null, add "revoked_at" timestamptz(3) null;`);
    this.addSql(`update "api_keys" set "role" = "memberships"."role" from "memberships" where "memberships"."id" = "api_keys"."membership_id";`);
    this.addSql(`alter table "api_keys" alter column "role" set not null;`);
    this.addSql(`create index "api_keys_membership_index" on "api_keys" ("membership_id", "id");`);
    this.addSql(`create index "api_keys_organization_index" on "api_keys" ("organization_id", "id");`);
    this.addSql(`alter table "api_keys" add constraint "api_keys_role_check" check ("role" in ('OWNER', 'MANAGER', 'CLERK', 'VIEWER'));`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop index "api_keys_organization_index";`);
    this.addSql(`drop index "api_keys_membership_index";`);
    this.addSql(`alter table "api_keys" drop constraint "api_keys_role_check";`);
    this.addSql(`alter table "api_keys" drop column "role", drop column "scopes", drop column "expires_at", drop column "last_used_at", drop column "revoked_at";`);
    this.addSql(`create index "api_keys_organization_index" on "api_keys" ("organization_id");`);
    this.addSql(`create index "api_keys_membership_index" on "api_keys" ("membership_id");`);

    this.addSql(`drop index "memberships_organization_index";`);
    this.addSql(`alter table "memberships" drop column "updated_at", drop column "version", drop column "removed_at";`);

    this.addSql(`drop index "users_subject_index";`);
    this.addSql(`alter table "users" drop constraint "users_subject_key";`);
    this.addSql(`alter table "users" drop column "subject";`);
    this.addSql(`create index "users_organization_index" on "users" ("organization_id");`);
  }

}
