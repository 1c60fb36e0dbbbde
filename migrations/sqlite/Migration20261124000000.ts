import { Migration } from '@mikro-orm/migrations';

export class Migration20261124000000 extends Migration {

  override name = 'Migration20261124000000';

  override up(): void | Promise<void> {
    this.addSql(`create table \`barcodes\` (\`id\` integer not null primary key autoincrement, \`organization_id\` bigint not null, \`item_id\` bigint not null, \`code\` text not null, \`code_key\` text not null, constraint \`barcodes_organization_id_foreign\` foreign key (\`organization_id\`) references \`organizations\` (\`id\`), constraint \`barcodes_item_id_foreign\` foreign key (\`item_id\`) references \`items\` (\`id\`));`);
    this.addSql(`create index \`barcodes_item_index\` on \`barcodes\` (\`item_id\`, \`code_key\`, \`id\`);`);
    this.addSql(`create unique index \`barcodes_code_key\` on \`barcodes\` (\`organization_id\`, \`code_key\`);`);

    this.addSql(`alter table \`journal_heads\` add column \`archived_seq\` bigint not null default '0';`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists \`barcodes\`;`);

    this.addSql(`alter table \`journal_heads\` drop column \`archived_seq\`;`);
  }

}
