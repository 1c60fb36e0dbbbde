import { readdir } from 'node:fs/promises';
import type { MigrationObject } from '@mikro-orm/core';
import { Migration } from '@mikro-orm/migrations';
import type { Orm } from '../../src/database/entity-manager.ts';
import type { DatabaseName } from './databases.ts';

/** The project's own migrations. */
export async function projectMigrations(name: DatabaseName): Promise<MigrationObject[]> {
  const directory = new URL(`../../migrations/${name}/`, import.meta.url);
  const files = (await readdir(directory)).filter((file) => file.endsWith('.ts')).sort();
  return Promise.all(
    files.map(async (file) => {
      const exported: object = await import(new URL(file, directory).href);
      // A generated file exports its class, and nothing else.
      const [migration] = Object.values(exported) as MigrationObject['class'][];
      if (!migration) throw new Error(`${file} has no migration`);
      return { name: file.replace('.ts', ''), class: migration };
    }),
  );
}

/** A migration of a test's own: what it does on the way up, and the same on the way down. */
export function testMigration(name: string, statements: readonly string[]): MigrationObject {
  return {
    name,
    class: class extends Migration {
      override up(): void {
        for (const sql of statements) this.addSql(sql);
      }

      override down(): void {
        this.up();
      }
    },
  };
}

/** What the ORM does to change a column of a SQLite table: create, copy, drop, rename. */
export async function sqliteRebuild(orm: Orm, table: string): Promise<string[]> {
  const parts = await orm.em.getConnection().execute<{ type: string; sql: string }[]>(
    `select type, sql from sqlite_master
        where tbl_name = '${table}' and sql is not null and type in ('table', 'index')
        order by type desc`,
  );
  const [{ sql } = { sql: '' }, ...indexes] = parts;
  const temporary = `${table}__temp_alter`;
  return [
    sql.replace(/^create table ["`]\w+["`]/i, `create table \`${temporary}\``),
    `insert into \`${temporary}\` select * from \`${table}\``,
    `drop table \`${table}\``,
    `alter table \`${temporary}\` rename to \`${table}\``,
    ...indexes.map((index) => index.sql),
  ];
}
