import { existsSync, statSync } from 'node:fs';
import {
  chmod,
  copyFile,
  link,
  mkdir,
  open,
  readdir,
  readFile,
  rm,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import SqliteDatabase from 'better-sqlite3';
import { generateApiKey } from '../src/access/api-key.service.ts';
import { copySqlite } from '../src/database/sqlite-backup.ts';
import { runCommand } from './support/command.ts';
import { createDatabase, inTestDirectory, openDatabase } from './support/databases.ts';
import { createItem, createLocation, stock } from './support/factories.ts';
import { randomNumbers } from './support/load.ts';
import { startQuartermaster } from './support/process.ts';
import { openServer, startServer, type TestServer } from './support/server.ts';
import { startServing } from './support/serving.ts';
import { tamper } from './support/tampering.ts';
import { until } from './support/until.ts';
import { Writers } from './support/writers.ts';

const backUp = (url: string, ...args: string[]) =>
  runCommand(['backup', ...args], { DATABASE_URL: url });

const fileOf = (url: string): string => url.slice('sqlite:'.length);

/** A directory with nothing in it. */
async function emptyDirectory(): Promise<string> {
  const directory = inTestDirectory(`backups-${crypto.randomUUID()}`);
  await mkdir(directory);
  return directory;
}

/** What a file says of itself, without changing it. */
function ask<T>(file: string, sql: string): T {
  const database = new SqliteDatabase(file, { readonly: true });
  try {
    return database.prepare(sql).get() as T;
  } finally {
    database.close();
  }
}

/** Puts a table of rows of ten thousand bytes into a file: SQLite copies it in many steps. */
function fill(file: string, rows: number): void {
  const database = new SqliteDatabase(file);
  database.exec('create table large (bytes blob)');
  database.exec(`insert into large
    with recursive n(i) as (select 1 union all select i + 1 from n where i < ${rows})
    select randomblob(10000) from n`);
  database.close();
}

interface Journal {
  readonly count: number;
  readonly first: number;
  readonly last: number;
}

const journalOf = (file: string): Journal =>
  ask(file, 'select count(*) as count, min(seq) as first, max(seq) as last from journal_entries');

/** What docs/operations.md says to do, once the server is stopped. */
async function putBack(backup: string, file: string): Promise<void> {
  for (const ending of ['', '-wal', '-shm']) await rm(file + ending, { force: true });
  await copyFile(backup, file);
}

test('a backup of a file that a server writes is of one moment, and can be put back', async () => {
  const database = await createDatabase('sqlite');
  const key = generateApiKey();
  const file = fileOf(database.url);
  const backup = join(await emptyDirectory(), 'backup.db');
  fill(file, 1000);
  const serving = await startServing(database.url, key);
  const writers = new Writers(randomNumbers(1));
  await writers.prepare(serving.client);
  writers.start(serving.client);
  await until('there are movements', () => writers.answered > 50);
  const before = writers.acknowledgedSeq;
  const answered = writers.answered;

  const { code, stdout, stderr } = await backUp(database.url, backup);
  const meanwhile = writers.answered - answered;
  await serving.process.stop('SIGKILL');
  await writers.stop();

  expect({ code, stderr: stderr.match(/error/i) }).toEqual({ code: 0, stderr: null });
  expect(stdout).toMatch(/^Clean: 1 organization verified/m);
  expect(stdout).toMatch(/^Backed up to \S+backup\.db: 1\d\.\d MB in \d+\.\d s\.\n$/m);
  // Writers went on, and none of them was told to come back.
  expect(meanwhile).toBeGreaterThan(10);
  expect(writers.failures.filter(({ code: told }) => told !== null)).toEqual([]);
  const { count, first, last } = journalOf(backup);
  expect({ count, first }).toEqual({ count: last, first: 1 });
  expect(last).toBeGreaterThanOrEqual(before);
  expect(last).toBeLessThan(writers.acknowledgedSeq);

  // Killed, the server left what the restored file must not be read together with.
  expect(statSync(`${file}-wal`).size).toBeGreaterThan(0);
  await putBack(backup, file);
  const again = await openServer(database, key);
  const { journal } = await again.run('{ journal { headSeq } }');
  await stock(again, 'WHEEL', 'LEFT', '1');
  await again.stop();
  const verified = await runCommand(['verify'], { DATABASE_URL: database.url });

  expect(journal.headSeq).toBe(last);
  expect(verified).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Clean: /m) });
});

describe('a backup', () => {
  let server: TestServer;
  let directory: string;

  beforeAll(async () => {
    server = await startServer('sqlite');
    await createItem(server, 'BOLT');
    await createLocation(server, 'SHELF');
    await stock(server, 'BOLT', 'SHELF', '5');
  });

  afterAll(() => server.stop());

  beforeEach(async () => {
    directory = await emptyDirectory();
  });

  test('in a directory has the time for its name, is one file, and no more open than its source', async () => {
    await chmod(fileOf(server.url), 0o600);

    const { code, stdout } = await backUp(server.url, directory);

    const [name = '', ...others] = await readdir(directory);
    const backup = join(directory, name);
    expect({ code, others }).toEqual({ code: 0, others: [] });
    expect(name).toMatch(/^quartermaster_\w+-\d{4}-\d\d-\d\dT\d{6}Z\.db$/);
    expect(stdout).toContain(`Backed up to ${backup}: `);
    expect(statSync(backup).mode & 0o777).toBe(0o600);
    expect(ask(backup, 'pragma journal_mode')).toEqual({ journal_mode: 'delete' });
    expect(await readdir(directory)).toEqual([name]);
  });

  test('replaces another one only when told to, and as a whole', async () => {
    const file = join(directory, 'latest.db');
    await writeFile(file, 'an older one');

    const refused = await backUp(server.url, file);
    expect(await readFile(file, 'utf8')).toBe('an older one');
    const told = await backUp(server.url, '--overwrite', file);

    expect(refused).toMatchObject({
      ...{ code: 1, stdout: '' },
      stderr: `quartermaster: ${file} is there already: choose another name, or add --overwrite to replace it.\n`,
    });
    expect(told.code).toBe(0);
    expect(journalOf(file)).toEqual(journalOf(fileOf(server.url)));
    expect(await readdir(directory)).toEqual(['latest.db']);
  });

  test.each<[string, () => Promise<string>, RegExp]>([
    [
      'the database itself, by another name',
      async () => {
        await link(fileOf(server.url), join(directory, 'linked.db'));
        return join(directory, 'linked.db');
      },
      /linked\.db is the database itself/,
    ],
    [
      'the database itself, which is in use',
      async () => fileOf(server.url),
      /-wal is there, so \S+ is a database in use, or the rest of one/,
    ],
    [
      'a name beside which an old log of writes lies',
      async () => {
        await writeFile(join(directory, 'b.db-wal'), 'x');
        return join(directory, 'b.db');
      },
      /b\.db-wal is there/,
    ],
    [
      'a directory that is not there',
      async () => join(directory, 'no/b.db'),
      /b\.db cannot be written there: ENOENT/,
    ],
  ])('does not go to %s', async (_what, named, message) => {
    const file = await named();
    const before = await readdir(directory);

    const { code, stdout, stderr } = await backUp(server.url, '--overwrite', file);

    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(message);
    expect(await readdir(directory)).toEqual(before);
    await server.run('{ journal { headSeq } }');
  });

  test.each<[string, () => Promise<string>, RegExp]>([
    [
      'PostgreSQL',
      async () => (await createDatabase('postgresql')).url,
      /pg_dump --format=custom --file=quartermaster\.dump "\$DATABASE_URL"; docs/,
    ],
    [
      'nothing',
      async () => `sqlite:${join(directory, 'missing.db')}`,
      /There is no database at .*missing/,
    ],
    [
      'a file of something else',
      async () => {
        await writeFile(join(directory, 'text.db'), 'text '.repeat(1000));
        return `sqlite:${join(directory, 'text.db')}`;
      },
      /text\.db cannot be copied: file is not a database/,
    ],
  ])('cannot be made of %s', async (_what, make, message) => {
    const url = await make();
    const before = await readdir(directory);

    const { code, stdout, stderr } = await backUp(url, join(directory, 'b.db'));

    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(message);
    expect(await readdir(directory)).toEqual(before);
  });

  test('that is interrupted leaves nothing, and the process ends by the signal', async () => {
    const file = fileOf((await createDatabase('sqlite')).url);
    fill(file, 3000);
    const args = ['backup', join(directory, 'b.db')];
    const running = startQuartermaster(args, { DATABASE_URL: `sqlite:${file}` });
    await until('a part is there', async () => (await readdir(directory)).length > 0);

    const { signal } = await running.stop('SIGINT');

    expect(signal).toBe('SIGINT');
    expect(await readdir(directory)).toEqual([]);
  });

  test('of a database whose migrations are pending is made, without a look at its ledger', async () => {
    const database = await createDatabase('sqlite');
    const orm = await openDatabase(database.address);
    await orm.migrator.down();
    const pending = await orm.migrator.getPending();
    await orm.close();

    const { code, stdout } = await backUp(database.url, join(directory, 'b.db'));

    expect(pending).toHaveLength(1);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^The ledger was not verified, as migrations are pending/);
    expect(existsSync(join(directory, 'b.db'))).toBe(true);
  });
});

describe('a copy that is not sound', () => {
  /** Breaks an index, which SQLite does not notice by itself: a page of it is as another one was. */
  async function breakIndex(file: string): Promise<void> {
    const sql = `select rootpage as page from sqlite_master where name in ('items_sku_key', 'movements_seq_key')
      order by name`;
    const database = new SqliteDatabase(file);
    database.pragma('wal_checkpoint(truncate)');
    const [items, movements] = database.prepare(sql).all() as { page: number }[];
    const size = Number(database.pragma('page_size', { simple: true }));
    database.close();
    const handle = await open(file, 'r+');
    const page = Buffer.alloc(size);
    await handle.read(page, 0, size, ((movements?.page ?? 0) - 1) * size);
    await handle.write(page, 0, size, ((items?.page ?? 0) - 1) * size);
    await handle.close();
  }

  test.each<[string, (server: TestServer) => Promise<void>, RegExp]>([
    [
      'a ledger with a difference',
      (server) => tamper(server, ['update stock_levels set on_hand = 7 where on_hand = 5']),
      /LEVEL_BALANCE .*expected 5, found 7/,
    ],
    [
      'a row that refers to nothing',
      (server) => tamper(server, ['delete from users']),
      /^row \d+ of \w+ refers to nothing in users$/m,
    ],
    [
      'an index that is broken',
      (server) => breakIndex(fileOf(server.url)),
      /index|missing|wrong # of entries/i,
    ],
  ])('is not taken for a backup, with %s', async (_what, damage, found) => {
    const directory = await emptyDirectory();
    const file = join(directory, 'latest.db');
    await writeFile(file, 'the last sound one');
    const server = await startServer('sqlite');
    await createItem(server, 'BOLT');
    await createLocation(server, 'SHELF');
    await stock(server, 'BOLT', 'SHELF', '5');
    await damage(server);
    await server.stop();

    const { code, stdout, stderr } = await backUp(server.url, '--overwrite', file);

    expect(code).toBe(1);
    expect(stdout).toMatch(found);
    expect(await readFile(file, 'utf8')).toBe('the last sound one');
    const kept = (await readdir(directory)).filter((name) => name !== 'latest.db');
    expect(kept).toEqual([expect.stringMatching(/^latest\.db\.\w{8}\.part$/)]);
    expect(stderr).toContain(`There is no backup: the copy is not sound. It was kept as ${file}.`);
  });
});

test('a restored backup answers as the database did', async () => {
  const server = await startServer('sqlite');
  await createItem(server, 'BOLT');
  await createLocation(server, 'SHELF');
  await stock(server, 'BOLT', 'SHELF', '5');
  const backup = join(await emptyDirectory(), 'b.db');
  await backUp(server.url, backup);
  const QUERY = `{
    items { nodes { id sku onHand } } movements { nodes { id seq recordedAt lines { nodes { id } } } }
    journal { headSeq entries { seq at action changes } } viewer { role }
  }`;

  const restored = await openServer(
    {
      address: { dialect: 'sqlite', file: backup },
      url: `sqlite:${backup}`,
      drop: () => Promise.resolve(),
    },
    server.key,
  );

  expect(await restored.run(QUERY)).toEqual(await server.run(QUERY));
  await restored.stop();
  await server.stop();
});

test('a copy is of the moment at which it began, though others write between any two of its steps', async () => {
  const database = await createDatabase('sqlite');
  const file = fileOf(database.url);
  fill(file, 300);
  const other = new SqliteDatabase(file);
  const to = join(await emptyDirectory(), 'copy.db');
  let steps = 0;

  await copySqlite(file, to, () => {
    steps += 1;
    if (steps > 100) throw new Error('It begins anew whenever somebody has written');
    other.exec('insert into large values (null)');
  });
  other.close();

  expect(steps).toBeGreaterThan(5);
  expect(ask(to, 'select count(*) as rows from large')).toEqual({ rows: 300 });
  expect(ask(file, 'select count(*) as rows from large')).toEqual({ rows: 300 + steps });
});
