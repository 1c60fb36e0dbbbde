import { createHash } from 'node:crypto';
import { copyFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import type { Progress } from '../progress.ts';
import { datasetTables } from './dataset.ts';
import { type Base, SEED, type Size, sizeOf } from './dataset-shape.ts';
import { fillPostgres, fillSqlite, postgresBase, sqliteBase } from './fill.ts';
import type { Postgres } from './postgres.ts';
import { ROOT } from './process.ts';
import { found, verify } from './quartermaster.ts';

/** The databases that are measured: copies of the dataset, so that each run begins alike. */
export interface Prepared {
  readonly postgresUrl: string;
  readonly sqliteFile: string;
  readonly base: Base;
  readonly size: Size;
  /** What `quartermaster verify` said of the dataset on each database. */
  readonly verified: readonly string[];
}

interface Options {
  readonly postgres: Postgres;
  readonly directory: string;
  readonly scale: number;
  readonly progress: Progress;
}

const WORK = 'quartermaster_bench';

/** Makes the dataset on both databases, or takes the one that an earlier run left there. */
export async function prepare(options: Options): Promise<Prepared> {
  const { postgres, directory, scale } = options;
  const size = sizeOf(scale);
  const stamp = await stampOf(scale);
  const dataset = `${WORK}_dataset_${stamp}`;
  const file = join(directory, `dataset-${stamp}.db`);
  const note = await readNote(file);
  const made = note && (await postgres.admin((client) => exists(client, dataset)));
  const { base, verified } = made ? note : await makeDataset(options, size, dataset, file);
  const sqliteFile = join(directory, 'work.db');
  await removeSqlite(sqliteFile);
  await copyFile(file, sqliteFile);
  await postgres.admin(async (client) => {
    await client.query(`drop database if exists ${WORK} with (force)`);
    await client.query(`create database ${WORK} template ${dataset} strategy file_copy`);
  });
  return { postgresUrl: postgres.url(WORK), sqliteFile, base, size, verified };
}

/** Makes an empty database on the server, in place of one that has the name. */
export async function emptyPostgres(postgres: Postgres, name: string): Promise<string> {
  await postgres.admin(async (client) => {
    await client.query(`drop database if exists ${name} with (force)`);
    await client.query(`create database ${name} template template0 encoding 'UTF8' locale 'C'`);
  });
  return postgres.url(name);
}

/** Removes a SQLite file with what belongs to it. */
export async function removeSqlite(file: string): Promise<void> {
  for (const suffix of ['', '-wal', '-shm']) await rm(`${file}${suffix}`, { force: true });
}

/** Drops the databases that the benchmark made. */
export async function dropDatabases(postgres: Postgres): Promise<void> {
  await postgres.admin(async (client) => {
    const text = `select datname from pg_database where datname like '${WORK}%'`;
    const { rows } = await client.query<{ datname: string }>(text);
    for (const { datname } of rows) {
      await client.query(`drop database if exists ${datname} with (force)`);
    }
  });
}

type Note = Pick<Prepared, 'base' | 'verified'>;

async function makeDataset(
  { postgres, progress }: Options,
  size: Size,
  name: string,
  file: string,
): Promise<Note> {
  progress.say('Migrating both databases');
  const url = await emptyPostgres(postgres, name);
  await removeSqlite(file);
  await found(url);
  await found(`sqlite:${file}`);
  const [first, second] = [await postgresBase(url), sqliteBase(file)];
  // All but the time is the same on both, and of the times the later one does for both.
  const base = { ...first, recordedAt: Math.max(first.recordedAt, second.recordedAt) };
  if (JSON.stringify({ ...second, recordedAt: base.recordedAt }) !== JSON.stringify(base)) {
    throw new Error(`The first starts differ: ${JSON.stringify([first, second])}`);
  }
  const tables = [...datasetTables(base, size)];
  const rows = tables.reduce((sum, { count }) => sum + count, 0);
  for (const [title, fill] of [
    ['Filling PostgreSQL', (done: (n: number) => void) => fillPostgres(url, base, size, done)],
    ['Filling SQLite', async (done: (n: number) => void) => fillSqlite(file, base, size, done)],
  ] as const) {
    const bar = progress.start(title, rows, 'rows');
    await fill((count) => bar.add(count)).finally(() => bar.stop());
  }
  progress.say('Verifying both ledgers');
  const verified = [await verify(url), await verify(`sqlite:${file}`)];
  await writeFile(`${file}.json`, JSON.stringify({ base, verified }));
  return { base, verified };
}

const readNote = (file: string): Promise<Note | null> =>
  readFile(`${file}.json`, 'utf8').then(
    (text) => JSON.parse(text) as Note,
    () => null,
  );

async function exists(client: pg.Client, database: string): Promise<boolean> {
  const text = 'select 1 from pg_database where datname = $1';
  const { rowCount } = await client.query(text, [database]);
  return rowCount === 1;
}

/** The same as long as the dataset would come out the same. */
async function stampOf(scale: number): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([SEED, scale]));
  const migrations = ['sqlite', 'postgresql'].map((dialect) => join(ROOT, 'migrations', dialect));
  for (const folder of [...migrations, import.meta.dirname]) {
    for (const file of (await readdir(folder)).sort()) {
      if (/^(Migration|dataset|random)/.test(file)) hash.update(await readFile(join(folder, file)));
    }
  }
  return hash.digest('hex').slice(0, 12);
}
