import { Migration } from '@mikro-orm/migrations';

export class Migration20261126000000 extends Migration {

  override name = 'Migration20261126000000';

  override up(): void | Promise<void> {
    this.addSql(`create table "item_words" ("id" bigserial primary key, "organization_id" bigint not null, "item_id" bigint not null, "word" text collate "C" not null);`);
    this.addSql(`alter table "item_words" add constraint "item_words_key" unique ("organization_id", "word", "item_id");`);
    this.addSql(`alter table "item_words" add constraint "item_words_item_key" unique ("item_id", "word");`);

    this.addSql(`alter table "item_words" add constraint "item_words_organization_id_foreign" foreign key ("organization_id") references "organizations" ("id");`);
    this.addSql(`alter table "item_words" add constraint "item_words_item_id_foreign" foreign key ("item_id") references "items" ("id");`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "item_words" cascade;`);
  }

}
