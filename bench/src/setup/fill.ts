import Database from 'better-sqlite3';
import { datasetTables } from './dataset.ts';
import { journalHead } from './dataset-ledger.ts';
import type { Base, Cell, Size, Table } from './dataset-shape.ts';
import { withClient } from './postgres.ts';

/** Is told of rows that were written. */
export type OnRows = (rows: number) => void;

/** So many rows go into one statement. */
const BATCH = 5000;

const BASE = `select o.id as organization, (select min(id) from users) as "user",
    (select id from locations where kind = 'SUPPLIER') as supplier,
    (select id from locations where kind = 'CUSTOMER') as customer,
    (select max(id) from locations) as locations, h.seq as journal, h.recorded_at as "recordedAt"
  from organizations o join journal_heads h on h.organization_id = o.id`;

/** Reads what the first start left behind in a PostgreSQL database. */
export function postgresBase(url: string): Promise<Base> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<Record<string, string | Date>>(BASE);
    const entries = Object.entries(rows[0] ?? {}).map(([name, value]) => [name, Number(value)]);
    return Object.fromEntries(entries) as Base;
  });
}

/** Reads what the first start left behind in a SQLite file. */
export function sqliteBase(file: string): Base {
  const database = new Database(file);
  try {
    return database.prepare(BASE).get() as Base;
  } finally {
    database.close();
  }
}

/** Writes the dataset by set-based statements, with every trigger, index and check in place. */
export function fillPostgres(url: string, base: Base, size: Size, onRows: OnRows): Promise<void> {
  return withClient(url, async (client) => {
    await client.query('begin');
    for (const table of datasetTables(base, size)) {
      const text = postgresInsert(table);
      for (const columns of columnBatches(table)) {
        await client.query({ text, values: columns });
        onRows(columns[0]?.length ?? 0);
      }
      await client.query(
        `select setval(pg_get_serial_sequence('${table.name}', 'id'), max(id)) from ${table.name}`,
      );
    }
    const { seq, recordedAt } = journalHead(base, size);
    const head = 'update journal_heads set seq = $1, recorded_at = to_timestamp($2 / 1000.0)';
    await client.query(head, [seq, recordedAt]);
    await client.query('commit');
    await client.query('vacuum (analyze)');
    await client.query('checkpoint');
  });
}

function postgresInsert({ name, columns }: Table): string {
  const types = Object.entries(columns);
  const list = types.map(([, type], index) => {
    // The driver sends numbers as text: whole milliseconds become times here.
    const array = type === 'timestamptz' ? 'bigint' : type === 'jsonb' ? 'text' : type;
    return `$${index + 1}::${array}[]`;
  });
  const values = types.map(([column, type]) => {
    if (type === 'timestamptz') return `to_timestamp(${column} / 1000.0)`;
    return type === 'jsonb' ? `${column}::jsonb` : column;
  });
  const names = types.map(([column]) => column).join(', ');
  return `insert into ${name} (${names}) select ${values.join(', ')}
    from unnest(${list.join(', ')}) as r(${names})`;
}

function* columnBatches({ columns, rows }: Table): Generator<Cell[][]> {
  const empty = () => Object.keys(columns).map((): Cell[] => []);
  let batch = empty();
  for (const row of rows) {
    row.forEach((cell, index) => {
      batch[index]?.push(cell);
    });
    if ((batch[0]?.length ?? 0) < BATCH) continue;
    yield batch;
    batch = empty();
  }
  if (batch[0]?.length) yield batch;
}

/** Writes the same dataset into a SQLite file. */
export function fillSqlite(file: string, base: Base, size: Size, onRows: OnRows): void {
  const database = new Database(file);
  try {
    database.pragma('foreign_keys = on');
    database.pragma('cache_size = -262144');
    database.exec('begin immediate');
    for (const table of datasetTables(base, size)) fillTable(database, table, onRows);
    const { seq, recordedAt } = journalHead(base, size);
    database.prepare('update journal_heads set seq = ?, recorded_at = ?').run(seq, recordedAt);
    database.exec('commit');
    database.exec('analyze');
    database.pragma('wal_checkpoint(truncate)');
  } finally {
    database.close();
  }
}

function fillTable(database: Database.Database, { name, columns, rows }: Table, onRows: OnRows) {
  const names = Object.keys(columns);
  const marks = names.map(() => '?').join(', ');
  const insert = database.prepare(`insert into ${name} (${names.join(', ')}) values (${marks})`);
  let done = 0;
  for (const row of rows) {
    insert.run(row.map((cell) => (typeof cell === 'boolean' ? Number(cell) : cell)));
    done += 1;
    if (done % BATCH === 0) onRows(BATCH);
  }
  onRows(done % BATCH);
}
