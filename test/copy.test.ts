import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { ensureOrganization } from '../src/cli/first-start.ts';
import { storedTables, TABLES_OF_THE_ORM } from '../src/database/stored-tables.ts';
import {
  contents,
  copy,
  DIRECTIONS,
  furnish,
  past,
  type Rows,
  SEEN,
  size,
} from './support/copying.ts';
import {
  createDatabase,
  DATABASES,
  onPostgres,
  openDatabase,
  type TestDatabase,
} from './support/databases.ts';
import { createItem, createLocation, createTag, move, stock } from './support/factories.ts';
import { startQuartermaster } from './support/process.ts';
import { openServer, startServer, type TestServer } from './support/server.ts';
import { until } from './support/until.ts';

/** The hash of each table that a copy printed. */
const hashes = (stdout: string): string[] => stdout.match(/^\w+ +[\d,]+ +[0-9a-f]{64}$/gm) ?? [];

describe.each(DIRECTIONS)('a copy from %s to %s', (from, to) => {
  let source: TestServer;
  let target: TestServer;
  let there: Awaited<ReturnType<typeof copy>>;
  let back: Awaited<ReturnType<typeof copy>>;
  let home: TestDatabase;
  let before: Record<string, Rows>;

  beforeAll(async () => {
    source = await startServer(from);
    await furnish(source);
    before = await contents(source);
    const database = await createDatabase(to);
    there = await copy(source, database);
    home = await createDatabase(from);
    back = await copy(database, home);
    target = await openServer(database, source.key);
  });

  afterAll(async () => {
    await Promise.all([source.stop(), target.stop()]);
    await home.drop();
  });

  test('says what it copied, of which moment, and that the ledgers are right', async () => {
    const { journal } = await source.run('{ journal(after: 0, first: 1) { headSeq } }');

    expect(there).toMatchObject({ code: 0 });
    expect(there.stdout).toContain(`Test (1): copied up to ${journal.headSeq} in its journal\n`);
    expect(there.stdout).toMatch(/^Test \(2\): copied up to 5 in its journal$/m);
    expect(there.stdout).toMatch(
      /^[\d,]+ rows of 21 tables copied in [\d.]+ s, peak memory \d+ MiB\.$/m,
    );
    expect(there.stdout).toMatch(/^Clean: 2 organizations verified in /m);
    expect(there.stderr).toMatch(/Copying \[.*Comparing \[.*Verifying \[/s);
  });

  test('there and back again every row is what it was, and each table has the same hash', async () => {
    const all = (await source.orm.em.getMetadata().getAll()).size;

    expect(back).toMatchObject({ code: 0 });
    expect(await contents(home)).toEqual(before);
    expect(Object.entries(before).filter(([, rows]) => rows.length === 0)).toEqual([]);
    expect(hashes(there.stdout)).toHaveLength(all);
    expect(hashes(back.stdout)).toEqual(hashes(there.stdout));
  });

  test('clients see the same, by the same keys', async () => {
    expect(await target.run(SEEN)).toEqual(await source.run(SEEN));
  });

  test('a key that was sent before is a replay, and what is new goes on where the source would', async () => {
    const sent = { to: { code: 'NEW' }, lines: [{ item: { sku: 'ODD' }, quantity: '2' }] };
    const work = async (server: TestServer) => {
      const replayed = await move(server, 'stockCount', {
        ...{ idempotencyKey: 'count', location: { code: 'NEW' } },
        lines: [{ item: { sku: 'ODD' }, counted: '1.5' }],
      });
      const other = await move(server, 'stockCount', {
        ...{ idempotencyKey: 'count', location: { code: 'NEW' } },
        lines: [{ item: { sku: 'ODD' }, counted: '2.5' }],
      });
      const next = await move(server, 'stockReceive', { idempotencyKey: 'next', ...sent });
      const made = [await createTag(server, 'next'), await createItem(server, 'NEXT')];
      return { replayed, other, next, made };
    };

    const { movements } = await target.run('{ movements(last: 1) { nodes { id seq } } }');
    const { journal } = await target.run('{ journal(after: 0, first: 1) { headSeq } }');
    const [atSource, atTarget] = [await work(source), await work(target)];

    expect(atTarget).toEqual(atSource);
    expect(atTarget).toMatchObject({
      replayed: { replayed: true, movement: movements.nodes[0] },
      other: { __typename: 'IdempotencyMismatch' },
      next: { replayed: false, movement: { seq: journal.headSeq + 1 } },
    });
  });

  test('the ledger is append-only there', async () => {
    const change = past(target, (execute) => execute('update movement_lines set quantity = 1'));

    await expect(change).rejects.toThrow(/append-only/);
  });
});

describe.each(DATABASES)('the tables of %s', (name) => {
  test('each is copied with all its columns, or named as left out', async () => {
    const database = await createDatabase(name);

    await past(database, async (execute, orm) => {
      const found = await execute(
        name === 'sqlite'
          ? `select m.name as "table", c.name as "column" from sqlite_master m, pragma_table_info(m.name) c
              where m.type = 'table' and m.name not like 'sqlite\\_%' escape '\\'`
          : `select table_name as "table", column_name as "column" from information_schema.columns
              where table_schema = current_schema()`,
      );
      const kept = found.filter(({ table }) => !TABLES_OF_THE_ORM.includes(String(table)));
      const copied = storedTables(orm.em.fork()).flatMap((table) =>
        table.columns.map((column) => `${table.name}.${column.name}`),
      );

      expect(copied.toSorted()).toEqual(
        kept.map(({ table, column }) => `${table}.${column}`).sort(),
      );
    });
    await database.drop();
  });
});

/** Has the target wait at the levels, nearly the last of what is copied, until it is let go. */
async function holdLevels(target: TestDatabase): Promise<() => Promise<void>> {
  const client = new pg.Client(target.url);
  await client.connect();
  await client.query('begin');
  await client.query('lock table stock_levels in share mode');
  return () => client.end();
}

/** Waits until so many connections to a database wait for a lock. */
const waiting = (target: TestDatabase, count: number): Promise<void> =>
  until(`${count} wait`, async () => {
    const rows = await onPostgres(
      target.url,
      `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    return rows.length === count;
  });

describe('in the middle of a copy', () => {
  let source: TestServer;
  let target: TestDatabase;

  beforeEach(async () => {
    source = await startServer('sqlite');
    await createItem(source, 'A');
    await createLocation(source, 'SHELF');
    await stock(source, 'A', 'SHELF', '5');
  });

  afterEach(async () => {
    await source.stop();
    await target.drop();
  });

  const args = () => ['copy', '--from', source.url, '--to', target.url];

  test('an interruption leaves PostgreSQL empty, and ready for another copy', async () => {
    target = await createDatabase('postgresql');
    const letGo = await holdLevels(target);
    const copying = startQuartermaster(args());
    await waiting(target, 1);

    const ending = await copying.stop('SIGINT');
    await letGo();

    expect(ending).toMatchObject({ signal: 'SIGINT', stdout: '' });
    expect(await size(target)).toBe(0);
    expect(await copy(source, target)).toMatchObject({ code: 0 });
  });

  test('an interruption leaves SQLite empty, and ready for another copy', async () => {
    target = await createDatabase('sqlite');
    const forever = 'with recursive n(n) as (select 1 union all select n + 1 from n)';
    await past(target, (execute) =>
      execute(`create trigger endless before insert on stock_levels
        begin select count(*) from (${forever} select n from n); end`),
    );
    const copying = startQuartermaster(args());
    await until('it has begun', () => copying.stderr.includes('Copying ['));

    const ending = await copying.stop('SIGINT');

    expect(ending).toMatchObject({ signal: 'SIGINT', stdout: '' });
    expect(await size(target)).toBe(0);
    await past(target, (execute) => execute('drop trigger endless'));
    expect(await copy(source, target)).toMatchObject({ code: 0 });
  });

  test('a server that starts on the target waits, and finds what was copied', async () => {
    target = await createDatabase('postgresql');
    const letGo = await holdLevels(target);
    const copying = copy(source, target);
    await waiting(target, 1);
    const orm = await openDatabase(target.address);
    const started = ensureOrganization(orm.em, { ownerKey: undefined });
    await waiting(target, 2);

    await letGo();

    expect(await copying).toMatchObject({ code: 0 });
    expect(await started).toMatchObject({ newKey: null, owner: { userId: source.owner.userId } });
    await orm.close();
  });
});
