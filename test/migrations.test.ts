import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readConfig } from '../src/config.ts';
import { appendOnlyTables } from '../src/database/append-only.ts';
import type { Orm } from '../src/database/entity-manager.ts';
import { Organization } from '../src/database/organization.entity.ts';
import { inTransaction } from '../src/database/transaction.ts';
import { keyOf } from '../src/graphql/global-id.ts';
import { Lot } from '../src/stock/lot.entity.ts';
import {
  createDatabase,
  DATABASES,
  type DatabaseName,
  openDatabase,
  type TestDatabase,
} from './support/databases.ts';
import {
  createCategory,
  createItem,
  createLocation,
  createTag,
  move,
  stock,
} from './support/factories.ts';
import { projectMigrations, sqliteRebuild, testMigration } from './support/migrations.ts';
import { type Ending, startProcess } from './support/process.ts';
import { startServer, type TestServer } from './support/server.ts';

const ROOT = join(import.meta.dirname, '..');
const MIKRO_ORM = join(ROOT, 'node_modules/.bin/mikro-orm');
const WRITER = new URL('./support/writer.ts', import.meta.url).pathname;

/** The tables whose rows are written once. */
const LEDGER = [
  'count_lines',
  'idempotency_keys',
  'journal_entries',
  'movement_lines',
  'movements',
];

type Rows = Record<string, unknown>[];

const execute = (orm: Orm, sql: string): Promise<Rows> =>
  orm.em.fork().getConnection().execute<Rows>(sql);

const tableNames = (orm: Orm): string[] =>
  [...orm.getMetadata().getAll().values()].map(({ tableName }) => tableName).sort();

/** Where the database of a server is. */
const addressOf = ({ url }: TestServer) => readConfig({ DATABASE_URL: url }).database;

/** Every row of every table. */
async function contents(orm: Orm): Promise<Record<string, Rows>> {
  const found = tableNames(orm).map(
    async (table) => [table, await execute(orm, `select * from ${table} order by id`)] as const,
  );
  return Object.fromEntries(await Promise.all(found));
}

/** The schema as the database tells it: tables, indexes, checks and triggers. */
async function schemaOf(orm: Orm, name: DatabaseName): Promise<unknown> {
  if (name === 'sqlite') {
    // A rebuilt table differs in the quotes around its name.
    return execute(
      orm,
      `select type, name, tbl_name, replace(replace(sql, '"', ''), '\`', '') as sql
        from sqlite_master order by type, name`,
    );
  }
  return {
    columns: await execute(
      orm,
      `select table_name, column_name, data_type, is_nullable, collation_name, column_default
        from information_schema.columns where table_schema = 'public' order by 1, 2`,
    ),
    indexes: await execute(
      orm,
      `select indexdef from pg_indexes where schemaname = 'public' order by 1`,
    ),
    constraints: await execute(
      orm,
      `select conrelid::regclass::text as relation, conname, pg_get_constraintdef(oid) as definition
        from pg_constraint where connamespace = 'public'::regnamespace order by 1, 2`,
    ),
    triggers: await execute(
      orm,
      `select pg_get_triggerdef(oid) as definition from pg_trigger
        where not tgisinternal order by 1`,
    ),
  };
}

/** What differs between the entities and the database as it is. */
async function difference(orm: Orm): Promise<string> {
  return (await orm.schema.getUpdateSchemaSQL()).trim();
}

/** Puts rows into every table. */
async function fill(server: TestServer): Promise<void> {
  const category = await createCategory(server, 'Below', await createCategory(server, 'Top'));
  const tags = [await createTag(server, 'one'), await createTag(server, 'two')];
  for (const sku of ['A', 'B'])
    await createItem(server, sku, { category, tags, barcodes: [`${sku}-1`] });
  await createLocation(server, 'HALL');
  await createLocation(server, 'SHELF', { parent: { code: 'HALL' } });
  for (const sku of ['A', 'B']) await stock(server, sku, 'SHELF', '10');
  await server.run(`mutation {
    stockCount(input: {
      idempotencyKey: "count", location: { code: "SHELF" }
      lines: [{ item: { sku: "A" }, counted: "9" }, { item: { sku: "B" }, counted: "10" }]
    }) { __typename }
  }`);
  await move(server, 'stockReserve', {
    reference: 'ORDER',
    lines: [{ item: { sku: 'A' }, location: { code: 'SHELF' }, quantity: '1' }],
  });
  const { organizationId } = server.owner;
  const { item } = await server.run('{ item(by: { sku: "A" }) { id } }');
  await inTransaction(server.orm.em, async (em) => {
    em.create(Lot, {
      organization: em.getReference(Organization, organizationId),
      item: keyOf('Item', item.id),
      ...{ code: 'L1', codeKey: 'l1', createdAt: new Date() },
    });
    await em.flush();
  });
}

/** Tries to change each ledger table by every way there is, and fails if one of them works. */
async function expectAppendOnly(orm: Orm, name: DatabaseName): Promise<void> {
  for (const table of LEDGER) {
    const ways = [
      `update ${table} set id = id`,
      `delete from ${table}`,
      name === 'sqlite'
        ? `replace into ${table} select * from ${table}`
        : `truncate ${table} cascade`,
    ];
    for (const sql of ways) await expect(execute(orm, sql)).rejects.toThrow(/append-only/);
  }
}

describe.each(DATABASES)('migrations on %s', (name) => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createDatabase(name, { migrated: false });
  });

  afterEach(() => database.drop());

  test('up, check, down, up: the database is what the entities say, and nothing is left', async () => {
    const orm = await openDatabase(database.address);
    const pending = async () => (await orm.migrator.getPending()).length;
    const count = (await projectMigrations(name)).length;

    expect(await pending()).toBe(count);
    await orm.migrator.up();
    const schema = await schemaOf(orm, name);
    expect(await pending()).toBe(0);
    expect(await orm.migrator.checkSchema()).toBe(false);
    expect(await difference(orm)).toBe('');
    await orm.migrator.down({ to: 0 });
    const left = await execute(
      orm,
      name === 'sqlite'
        ? `select name from sqlite_master where type = 'table' and name not like 'sqlite_%'`
        : `select tablename as name from pg_tables where schemaname = 'public'`,
    );
    expect(left).toEqual([{ name: 'mikro_orm_migrations' }]);
    expect(await pending()).toBe(count);
    await orm.migrator.up();
    expect(await schemaOf(orm, name)).toEqual(schema);
    expect(await difference(orm)).toBe('');
    await orm.close();
  });

  test('a difference of the database is seen', async () => {
    const orm = await openDatabase(database.address);
    await orm.migrator.up();
    await execute(orm, 'drop index items_name_index');

    expect(await difference(orm)).toContain('items_name_index');
    await orm.close();
  });
});

describe.each(DATABASES)('migrations with data on %s', (name) => {
  let server: TestServer;

  beforeEach(async () => {
    server = await startServer(name);
    await fill(server);
  });

  afterEach(() => server.stop());

  /** Opens the server's database with more migrations behind the project's. */
  async function migrated<T>(
    migrations: Parameters<typeof testMigration>[1][],
    work: (orm: Orm) => Promise<T>,
  ): Promise<T> {
    const more = migrations.map((statements, index) =>
      testMigration(`Migration99990101${String(index).padStart(6, '0')}`, statements),
    );
    const address = addressOf(server);
    const orm = await openDatabase(address, {
      migrations: [...(await projectMigrations(name)), ...more],
    });
    try {
      return await work(orm);
    } finally {
      await orm.close();
    }
  }

  test('every table has rows, and the ledger is what is append-only', async () => {
    const empty = Object.entries(await contents(server.orm)).filter(([, rows]) => !rows.length);

    expect(empty).toEqual([]);
    expect(appendOnlyTables(server.orm.getMetadata().getAll().values())).toEqual(LEDGER);
    await expectAppendOnly(server.orm, name);
  });

  test('down takes all of it, up makes it anew, and the ledger is append-only again', async () => {
    await migrated([], async (orm) => {
      const schema = await schemaOf(orm, name);
      await orm.migrator.down({ to: 0 });
      await orm.migrator.up();

      expect(await schemaOf(orm, name)).toEqual(schema);
      expect(Object.values(await contents(orm)).flat()).toEqual([]);
    });
  });

  test('whatever a migration does to tables and triggers, rows and triggers are there after it', async () => {
    const tables = tableNames(server.orm);
    const statements =
      name === 'sqlite'
        ? await Promise.all(tables.map((table) => sqliteRebuild(server.orm, table)))
        : LEDGER.map((table) => [`drop trigger ${table}_append_only on ${table}`]);

    await migrated(statements, async (orm) => {
      const schema = await schemaOf(orm, name);
      const before = await contents(orm);
      const up = () => orm.migrator.up();
      const down = async () => {
        for (const _migration of statements) await orm.migrator.down();
      };
      for (const run of [up, down]) {
        await run();
        expect(await contents(orm)).toEqual(before);
        expect(await schemaOf(orm, name)).toEqual(schema);
        expect(await difference(orm)).toBe('');
        await expectAppendOnly(orm, name);
        if (name === 'sqlite') {
          expect(await execute(orm, 'pragma foreign_key_check')).toEqual([]);
          expect(await execute(orm, 'pragma foreign_keys')).toEqual([{ foreign_keys: 1 }]);
        }
      }
      expect(await orm.migrator.getPending()).toHaveLength(statements.length);
    });
  });

  test('one that leaves references to nothing is refused, and nothing of it stays', async () => {
    const statements = [
      `create table made (id integer)`,
      `update items set name = 'changed'`,
      `delete from tags`,
    ];

    await migrated([statements], async (orm) => {
      const schema = await schemaOf(orm, name);
      const before = await contents(orm);

      await expect(orm.migrator.up()).rejects.toThrow(
        name === 'sqlite' ? /leaves \d+ dangling foreign keys: .*item_tags/ : /foreign key/,
      );
      expect(await contents(orm)).toEqual(before);
      expect(await schemaOf(orm, name)).toEqual(schema);
      expect(await orm.migrator.getPending()).toHaveLength(1);
      if (name === 'sqlite') {
        expect(await execute(orm, 'pragma foreign_keys')).toEqual([{ foreign_keys: 1 }]);
        expect(await execute(orm, 'pragma busy_timeout')).toEqual([{ timeout: 0 }]);
      }
    });
  });

  test('one that fails in its middle leaves nothing, and the server goes on', async () => {
    await migrated([[`create table made (id integer)`, 'select * from nothing']], async (orm) => {
      const schema = await schemaOf(orm, name);

      await expect(orm.migrator.up()).rejects.toThrow(/nothing/);
      expect(await schemaOf(orm, name)).toEqual(schema);
      expect(await orm.migrator.getPending()).toHaveLength(1);
    });
    const { tagCreate } = await server.run(
      'mutation { tagCreate(input: { name: "after" }) { __typename } }',
    );
    expect(tagCreate).toEqual({ __typename: 'TagCreateSuccess' });
  });
});

describe('SQLite with others', () => {
  let server: TestServer;

  beforeEach(async () => {
    server = await startServer('sqlite');
  });

  afterEach(() => server.stop());

  const addTag = async (name: string): Promise<string> => {
    const { data, errors } = await server.ask(
      'mutation ($name: String!) { tagCreate(input: { name: $name }) { __typename } }',
      { name },
    );
    return data?.tagCreate?.__typename ?? errors[0]?.extensions.code;
  };

  test('a BEGIN that fails gives the connection back', async () => {
    // A transaction in a transaction is what SQLite refuses at once.
    await execute(server.orm, 'begin');
    const failed = await addTag('in the middle');
    await execute(server.orm, 'rollback');

    expect(failed).toBe('INTERNAL');
    expect(await addTag('after')).toBe('TagCreateSuccess');
  });

  test('the write lock of another connection is waited for, and the event loop goes on', async () => {
    const other = await openDatabase(addressOf(server));
    await execute(other, 'begin immediate');
    const asked = Promise.all(['a', 'b', 'c'].map(addTag));
    const read = await server.run('{ tags { totalCount } }');
    // Many turns of the event loop, in which the writers try again and again.
    for (let turns = 0; turns < 20; turns += 1) {
      await server.run('{ tags { totalCount } }');
    }
    await execute(other, 'commit');
    await other.close();

    expect(read).toEqual({ tags: { totalCount: 0 } });
    expect(await asked).toEqual(['TagCreateSuccess', 'TagCreateSuccess', 'TagCreateSuccess']);
  });

  test('a process that writes the same file is not in the way of anybody', async () => {
    const each = 150;
    const writer = startProcess(process.execPath, [WRITER, String(each)], {
      DATABASE_URL: server.url,
    });
    await writer.line(/^ready$/);

    const answers: string[] = [];
    for (let done = 0; done < each; done += 10) {
      const names = Array.from({ length: 10 }, (_, index) => `own ${done + index}`);
      answers.push(...(await Promise.all(names.map(addTag))));
    }
    const ending = await writer.ended();

    expect(ending).toEqual({ code: 0, signal: null, stdout: 'ready\n', stderr: '' });
    expect(new Set(answers)).toEqual(new Set(['TagCreateSuccess']));
    const { tags } = await server.run('{ tags { totalCount } }');
    expect(tags.totalCount).toBe(2 * each);
    const entries = await execute(server.orm, 'select seq from journal_entries order by seq');
    expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => index + 1));
  });
});

describe.each(DATABASES)('npx mikro-orm on %s', (name) => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createDatabase(name, { migrated: false });
  });

  afterEach(() => database.drop());

  const mikroOrm = (command: string): Promise<Ending> =>
    startProcess(
      process.execPath,
      [MIKRO_ORM, command],
      { DATABASE_URL: database.url },
      ROOT,
    ).ended();

  /** The exit code of a command, and the last line that it wrote. */
  async function lastLine(command: string): Promise<[number | null, string | undefined]> {
    const { code, stdout } = await mikroOrm(command);
    return [code, stdout.trim().split('\n').at(-1)];
  }

  test('migration:pending, up, check and down say and do what they should', async () => {
    const pending = await mikroOrm('migration:pending');
    expect(pending.code).toBe(0);
    for (const { name: migration } of await projectMigrations(name)) {
      expect(pending.stdout).toContain(migration);
    }
    expect(await lastLine('migration:up')).toEqual([
      0,
      'Successfully migrated up to the latest version',
    ]);
    expect(await lastLine('migration:check')).toEqual([
      0,
      'No changes required, schema is up-to-date',
    ]);
    expect(await lastLine('migration:down')).toEqual([
      0,
      'Successfully migrated down to previous version',
    ]);
    const orm = await openDatabase(database.address);
    expect(await orm.migrator.getPending()).toHaveLength(1);
    await orm.close();
    expect(existsSync(join(ROOT, 'quartermaster.db'))).toBe(false);
  });
});

describe('npx mikro-orm', () => {
  test('a wrong setting ends it with its name, and without the password', async () => {
    const { code, stdout, stderr } = await startProcess(
      process.execPath,
      [MIKRO_ORM, 'migration:pending'],
      { DATABASE_URL: 'mysql://me:hunter2@host/db' },
      ROOT,
    ).ended();

    expect(code).toBe(1);
    expect(stdout + stderr).toContain('DATABASE_URL');
    expect(stdout + stderr).not.toContain('hunter2');
  });
});
