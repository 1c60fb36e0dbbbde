import { Migration } from '@mikro-orm/migrations';

export class Migration20261126000000 extends Migration {

  override name = 'Migration20261126000000';

  override up(): void | Promise<void> {
    this.addSql(`create table \`item_words\` (\`id\` integer not null primary key autoincrement, \`organization_id\` bigint not null, \`item_id\` bigint not null, \`word\` text not null, constraint \`item_words_organization_id_foreign\` foreign key (\`organization_id\`) references \`organizations\` (\`id\`), constraint \`item_words_item_id_foreign\` foreign key (\`item_id\`) references \`items\` (\`id\`));`);
    this.addSql(`create unique index \`item_words_key\` on \`item_words\` (\`organization_id\`, \`word\`, \`item_id\`);`);
    this.addSql(`create unique index \`item_words_item_key\` on \`item_words\` (\`item_id\`, \`word\`);`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists \`item_words\`;`);
  }

}
