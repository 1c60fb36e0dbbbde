import Database from 'better-sqlite3';
import { withClient } from '../setup/postgres.ts';

/** A line of the ledger as its table has it, without its id. */
export type Line = readonly (number | null)[];

const COLUMNS = [
  ...['organization_id', 'movement_id', 'position', 'item_id', 'lot_id', 'lot_key'],
  ...['from_location_id', 'to_location_id', 'quantity', 'from_after', 'to_after'],
];

/** As many lines as the import puts into a transaction go into a statement. */
const BATCH = 2000;

/** The lines that an import posted, in order. */
export function readLines(url: string): Promise<Line[]> {
  return withClient(url, async (client) => {
    const columns = COLUMNS.map((name) => `${name}::float8`).join(', ');
    const text = `select ${columns} from movement_lines order by id`;
    const { rows } = await client.query<(number | null)[]>({ text, rowMode: 'array' });
    return rows;
  });
}

/** Lines a second of multi-row inserts into a table with the same indexes and nothing else. */
export function bareInsertPostgres(url: string, lines: readonly Line[]): Promise<number> {
  const arrays = COLUMNS.map((_, at) => `$${at + 1}::bigint[]`).join(', ');
  const text = `insert into bare_lines (${COLUMNS.join(', ')}) select * from unnest(${arrays})`;
  return withClient(url, async (client) => {
    await client.query('create table bare_lines (like movement_lines including all)');
    await client.query(DROP_CHECKS);
    const started = performance.now();
    for (const batch of batches(lines)) {
      const values = COLUMNS.map((_, at) => batch.map((line) => line[at] ?? null));
      await client.query({ name: 'bare', text, values });
    }
    return rate(lines, started);
  });
}

const DROP_CHECKS = `do $$ declare c record; begin
  for c in select conname from pg_constraint
    where conrelid = 'bare_lines'::regclass and contype = 'c' loop
    execute format('alter table bare_lines drop constraint %I', c.conname);
  end loop; end $$`;

/** The same on SQLite, as durable as the product. */
export function bareInsertSqlite(file: string, lines: readonly Line[]): number {
  const database = new Database(file);
  try {
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    const columns = COLUMNS.map((name) => `${name} bigint`).join(', ');
    database.exec(`create table bare_lines (id integer primary key autoincrement, ${columns})`);
    const indexes = database
      .prepare<[], { sql: string }>(
        "select sql from sqlite_master where type = 'index' and tbl_name = 'movement_lines'",
      )
      .all();
    for (const { sql } of indexes) {
      if (sql) database.exec(sql.replaceAll('movement_lines', 'bare_lines'));
    }
    const row = `(${COLUMNS.map(() => '?').join(', ')})`;
    const insert = (count: number) => {
      const rows = Array(count).fill(row).join(', ');
      return database.prepare(`insert into bare_lines (${COLUMNS.join(', ')}) values ${rows}`);
    };
    const whole = insert(BATCH);
    const started = performance.now();
    for (const batch of batches(lines)) {
      const statement = batch.length === BATCH ? whole : insert(batch.length);
      statement.run(...batch.flat());
    }
    return rate(lines, started);
  } finally {
    database.close();
  }
}

function* batches(lines: readonly Line[]): Generator<Line[]> {
  for (let at = 0; at < lines.length; at += BATCH) yield lines.slice(at, at + BATCH);
}

const rate = (lines: readonly Line[], started: number): number =>
  lines.length / ((performance.now() - started) / 1000);
