import type { Dialect } from './dialect.ts';
import type { EntityManager } from './entity-manager.ts';
import { runAcrossOrganizations, Statement } from './statement.ts';
import { JsonRows } from './statement-values.ts';
import type { StoredKind, StoredTable } from './stored-tables.ts';

/** A row by its columns, each value as SQLite stores it: times in milliseconds, booleans as 0 and 1. */
export type StoredRow = Readonly<Record<string, string | number | null>>;

/** How many rows travel at once. More are no faster, and are all in memory. */
const BATCH_ROWS = 2000;

/** Lower than every id, whoever gave it. */
const BEFORE_ALL = Number.MIN_SAFE_INTEGER;

/** Which of the rows of a table come first. */
type Order = 'id' | 'parents first';

/**
 * Reads a whole table, batch by batch, while the one before is worked on: by id, or so that no row
 * comes before the one that it refers to.
 */
export async function* storedRows(
  em: EntityManager,
  table: StoredTable,
  order: Order = 'id',
): AsyncGenerator<StoredRow[]> {
  const isByDepth = order === 'parents first' && table.parent !== null;
  const statement = isByDepth ? readByDepth(table, table.parent) : readById(table);
  const read = (after: readonly number[]) => {
    const rows = runAcrossOrganizations(em, statement, after);
    // Whoever goes on is told when it comes to these rows; whoever does not need not hear of it.
    rows.catch(() => undefined);
    return rows;
  };
  let next = read(isByDepth ? [-1, BEFORE_ALL] : [BEFORE_ALL]);
  for (;;) {
    const rows = await next;
    const last = rows.at(-1);
    if (!last) return;
    next = read(isByDepth ? [Number(last[DEPTH]), Number(last['id'])] : [Number(last['id'])]);
    yield rows;
  }
}

/** Writes rows as they are, with their ids, by a plain insert: triggers and constraints hold. */
export async function insertStored(
  em: EntityManager,
  table: StoredTable,
  rows: readonly StoredRow[],
): Promise<void> {
  await runAcrossOrganizations(em, insert(table), [new JsonRows(rows)]);
}

/** How many rows a table has. */
export async function countStored(em: EntityManager, table: StoredTable): Promise<number> {
  const statement = new Statement<{ count: number }>(
    () => `select count(*) as "count" from "${table.name}" where id > $1`,
  );
  const [found] = await runAcrossOrganizations(em, statement, [BEFORE_ALL]);
  return found?.count ?? 0;
}

function readById(table: StoredTable): Statement<StoredRow> {
  return new Statement(
    (dialect) => `select ${columns(dialect, table)} from "${table.name}" x
      where x.id > $1 order by x.id limit ${BATCH_ROWS}`,
  );
}

/** How many rows are above a row, as a column besides those of the table. */
const DEPTH = 'depth of the row';

function readByDepth(table: StoredTable, parent: string | null): Statement<StoredRow> {
  return new Statement(
    (dialect) => `with recursive tree(id, depth) as (
        select x.id, 0 from "${table.name}" x where x."${parent}" is null
        union all
        select x.id, tree.depth + 1 from tree join "${table.name}" x on x."${parent}" = tree.id)
      select ${columns(dialect, table)}, tree.depth as "${DEPTH}"
      from tree join "${table.name}" x on x.id = tree.id
      where (tree.depth, tree.id) > ($1, $2) order by tree.depth, tree.id limit ${BATCH_ROWS}`,
  );
}

function columns(dialect: Dialect, table: StoredTable): string {
  const read = dialect.name === 'sqlite' ? FROM_SQLITE : FROM_POSTGRESQL;
  return table.columns
    .map(({ name, kind }) => `${read[kind](`x."${name}"`, dialect)} as "${name}"`)
    .join(', ');
}

function insert(table: StoredTable): Statement<unknown> {
  const fields = table.columns.map(({ name, kind }) => [name, FIELD_TYPES[kind]] as const);
  const names = table.columns.map(({ name }) => `"${name}"`);
  return new Statement((dialect) => {
    const write = dialect.name === 'sqlite' ? TO_SQLITE : TO_POSTGRESQL;
    const values = table.columns.map(({ name, kind }) => write[kind](`j."${name}"`, dialect));
    return `insert into "${table.name}" (${names.join(', ')})
      select ${values.join(', ')} from ${dialect.jsonRows('$1', Object.fromEntries(fields))} j`;
  });
}

/** The types that values travel in. */
const FIELD_TYPES = {
  boolean: 'bigint',
  date: 'text',
  json: 'text',
  number: 'bigint',
  text: 'text',
  time: 'bigint',
} as const satisfies Record<StoredKind, 'bigint' | 'text'>;

type Convert = (value: string, dialect: Dialect) => string;
type Conversions = Readonly<Record<StoredKind, Convert>>;

const same: Convert = (value) => value;

const FROM_SQLITE: Conversions = {
  boolean: same,
  date: same,
  json: same,
  number: same,
  text: same,
  time: same,
};

/** JSON without the spaces that PostgreSQL puts into it, as the server writes it too. */
const TO_SQLITE: Conversions = { ...FROM_SQLITE, json: (value) => `json(${value})` };

const FROM_POSTGRESQL: Conversions = {
  boolean: (column) => `${column}::int`,
  date: (column) => `to_char(${column}, 'YYYY-MM-DD')`,
  json: (column) => `${column}::text`,
  number: same,
  text: same,
  time: (column, dialect) => dialect.milliseconds(column),
};

const TO_POSTGRESQL: Conversions = {
  boolean: (value) => `${value} <> 0`,
  date: (value) => `${value}::date`,
  json: (value) => `${value}::jsonb`,
  number: same,
  text: same,
  time: (value) => `timestamptz 'epoch' + ${value} * interval '1 millisecond'`,
};
