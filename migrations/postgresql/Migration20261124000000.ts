import { Migration } from '@mikro-orm/migrations';

export class Migration20261124000000 extends Migration {

  override name = 'Migration20261124000000';

  override up(): void | Promise<void> {
    this.addSql(`create table "barcodes" ("id" bigserial primary key, "organization_id" bigint not null, "item_id" bigint not null, "code" text collate "C" not null, "code_key" text collate "C" not null);`);
    this.addSql(`create index "barcodes_item_index" on "barcodes" ("item_id", "code_key", "id");`);
    this.addSql(`alter table "barcodes" add constraint "barcodes_code_key" unique ("organization_id", "code_key");`);

    this.addSql(`alter table "journal_heads" add "archived_seq" bigint not null default '0';`);

    this.addSql(`alter table "barcodes" add constraint "barcodes_organization_id_foreign" foreign key ("organization_id") references "organizations" ("id");`);
    this.addSql(`alter table "barcodes" add constraint "barcodes_item_id_foreign" foreign key ("item_id") references "items" ("id");`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "barcodes" cascade;`);

    this.addSql(`alter table "journal_heads" drop column "archived_seq";`);
  }

}
