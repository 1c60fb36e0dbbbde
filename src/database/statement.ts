import { createHash } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { CompiledQuery } from 'kysely';
import { cancellationOf } from './cancellation.ts';
import { type Dialect, dialectOf, forManyRows } from './dialect.ts';
import type { EntityManager } from './entity-manager.ts';
import type { LedgerPostgreSqlDriver } from './postgresql-driver.ts';
import { type Pool, queryCancellably } from './postgresql-query.ts';
import { postgresqlTypes } from './postgresql-types.ts';
import type { Reader } from './reader-thread.ts';
import type { Decode } from './rows.ts';
import { recordStatement } from './sql-log.ts';

/** What a placeholder of the finished text stands for: a value, or a field of all the rows in it. */
interface Parameter {
  /** The place among the statement's values. */
  readonly index: number;
  readonly field?: string;
}

interface Prepared {
  readonly text: string;
  /** Under this name PostgreSQL keeps it; null when nobody keeps it. */
  readonly name: string | null;
  /** One for each placeholder, where they are not simply the values. */
  readonly parameters: readonly Parameter[] | null;
}

/**
 * SQL with constant text, so that it is prepared once. `$1` is always the organization: `run` puts it
 * there, and a statement that does not use it is refused.
 */
export class Statement<R> {
  readonly #build: (dialect: Dialect) => string;
  readonly decode: Decode | undefined;
  readonly #prepared = new Map<Dialect, Prepared>();
  #isKept = true;
  declare readonly row: R;

  constructor(build: (dialect: Dialect) => string, decode?: Decode) {
    this.#build = build;
    this.decode = decode;
  }

  /** Has databases forget the statement after each run. */
  unkept(): this {
    this.#isKept = false;
    return this;
  }

  for(dialect: Dialect): Prepared {
    let prepared = this.#prepared.get(dialect);
    if (!prepared) {
      const text = this.#build(dialect).replace(/\s+/g, ' ').trim();
      if (!/\$1\b/.test(text)) throw new Error(`A statement without its organization: ${text}`);
      prepared = prepare(text, this.#isKept);
      this.#prepared.set(dialect, prepared);
    }
    return prepared;
  }
}

/** Numbers the placeholders anew where some are fields of rows, such as `$2{sku}`. */
function prepare(written: string, isKept: boolean): Prepared {
  const parameters: Parameter[] = [];
  const numbers = new Map<string, number>();
  const number = (placeholder: string, value: string, field?: string): string => {
    if (!numbers.has(placeholder)) {
      const index = Number(value) - 1;
      numbers.set(placeholder, parameters.push(field === undefined ? { index } : { index, field }));
    }
    return `$${numbers.get(placeholder)}`;
  };
  const hasFields = /\$\d+\{/.test(written);
  const text = hasFields ? written.replace(/\$(\d+)(?:\{(\w+)\})?/g, number) : written;
  const name = isKept ? `qm_${createHash('sha1').update(text).digest('hex').slice(0, 24)}` : null;
  return { text, name, parameters: hasFields ? parameters : null };
}

/**
 * Rows that travel to the database as one parameter of JSON, or as one of each field, for
 * `Dialect.jsonRows` to unpack.
 */
export class JsonRows {
  readonly rows: readonly object[];

  constructor(rows: readonly object[]) {
    this.rows = rows;
  }
}

/** What a statement takes for a placeholder. */
export type Value =
  | string
  | number
  | boolean
  | Date
  | null
  | readonly (number | null)[]
  | readonly string[]
  | JsonRows;

interface RunOptions {
  /** How many keys of a loader the statement serves. */
  readonly batch?: number;
}

/**
 * Runs one statement of one organization on the connection of an EntityManager: in its transaction
 * if it has one, else on a reading connection. Counts, times, logs and traces it.
 * @returns the rows as new plain objects.
 * @throws the ORM's exceptions (`UniqueConstraintViolationException`, `DeadlockException`, …), and the
 *   reason why the request's work is to end, if it is.
 */
export function run<R>(
  em: EntityManager,
  organizationId: number,
  statement: Statement<R>,
  values: readonly Value[] = [],
  options: RunOptions = {},
): Promise<R[]> {
  return runAcrossOrganizations(em, statement, [organizationId, ...values], options);
}

/**
 * Runs a statement whose `$1` is not the organization: before it is known who asks, there is none.
 * Everything else about it is as `run` says.
 */
export async function runAcrossOrganizations<R>(
  em: EntityManager,
  statement: Statement<R>,
  values: readonly Value[],
  options: RunOptions = {},
): Promise<R[]> {
  cancellationOf(em)?.throwIfCancelled();
  const dialect = dialectOf(em);
  const prepared = statement.for(values.some(isMany) ? forManyRows(dialect) : dialect);
  const started = performance.now();
  let rows: Record<string, unknown>[] = [];
  let failed = false;
  try {
    const execute = dialect.name === 'sqlite' ? runOnSqlite : runOnPostgresql;
    rows = await execute(em, prepared, values);
    if (dialect.name === 'sqlite' && statement.decode) rows.forEach(statement.decode);
    return rows as R[];
  } catch (error) {
    failed = true;
    throw em
      .getPlatform()
      .getExceptionConverter()
      .convertException(error as Error);
  } finally {
    const ms = performance.now() - started;
    const { text: sql } = prepared;
    const { batch = null } = options;
    recordStatement(em, { sql, ms, rows: rows.length, batch, failed });
  }
}

/** What EntityManagers of SQLite read from instead of the connection that all share. */
const readers = new WeakMap<EntityManager, Reader>();

/** Has an EntityManager of SQLite read from a thread. */
export function readFrom(em: EntityManager, reader: Reader): void {
  readers.set(em, reader);
}

async function runOnSqlite(em: EntityManager, prepared: Prepared, values: readonly Value[]) {
  const bindings = sqliteBindings(values);
  const reader = readers.get(em);
  if (reader) return reader.read(prepared.text, bindings);
  const connection = em.getConnection(em.isInTransaction() ? 'write' : 'read');
  const database = (await connection.getNativeClient()) as Database;
  const statement = sqliteStatement(database, prepared);
  if (statement.reader) return statement.all(bindings) as Record<string, unknown>[];
  statement.run(bindings);
  return [];
}

const sqliteStatements = new WeakMap<Database, Map<string, ReturnType<Database['prepare']>>>();

function sqliteStatement(database: Database, { text, name }: Prepared) {
  if (name === null) return database.prepare(text);
  let statements = sqliteStatements.get(database);
  if (!statements) {
    statements = new Map();
    sqliteStatements.set(database, statements);
  }
  let statement = statements.get(text);
  if (!statement) {
    statement = database.prepare(text);
    statements.set(text, statement);
  }
  return statement;
}

/** Values as SQLite's driver takes them, by the number of their placeholder. */
function sqliteBindings(values: readonly Value[]): Record<string, string | number | null> {
  return Object.fromEntries(values.map((value, index) => [index + 1, sqliteValue(value)] as const));
}

function sqliteValue(value: Value): string | number | null {
  if (value instanceof Date) return value.getTime();
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value instanceof JsonRows) return sqliteJson(value.rows);
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return value;
}

/**
 * Inside JSON too, SQLite keeps times as milliseconds. Only the fields that have any are looked at: a
 * replacer would double the cost of the JSON.
 */
function sqliteJson(rows: readonly object[]): string {
  const fields = rows as readonly Readonly<Record<string, unknown>>[];
  const isTime = (name: string) => fields.some((row) => row[name] instanceof Date);
  const times = Object.keys(fields[0] ?? {}).filter(isTime);
  if (times.length === 0) return JSON.stringify(fields);
  const milliseconds = (row: Readonly<Record<string, unknown>>) =>
    times.map((name) => [name, (row[name] as Date | null)?.getTime() ?? null] as const);
  return JSON.stringify(
    fields.map((row) => ({ ...row, ...Object.fromEntries(milliseconds(row)) })),
  );
}

/** From so many rows on, reading them costs more than the parameters. */
const MANY_ROWS = 50;

const isMany = (value: Value): boolean =>
  value instanceof JsonRows && value.rows.length >= MANY_ROWS;

const withoutQuery = CompiledQuery.raw('');

async function runOnPostgresql(em: EntityManager, prepared: Prepared, values: readonly Value[]) {
  const { preparedStatements } = em.getDriver() as LedgerPostgreSqlDriver;
  const { text, name, parameters: placed } = prepared;
  const isKept = preparedStatements && name !== null;
  const query = { text, types: postgresqlTypes, ...(isKept && { name }) };
  const parameters = placed ? placed.map(postgresqlParameter(values)) : values.map(postgresqlValue);
  const transaction = em.getTransactionContext();
  if (!transaction) {
    const pool = (await em.getConnection('read').getNativeClient()) as Pool;
    const cancellation = cancellationOf(em);
    const asked = { ...query, values: parameters };
    return (await (cancellation ? queryCancellably(pool, asked, cancellation) : pool.query(asked)))
      .rows;
  }
  // kysely hands `sql` to the client as it is, and the client takes a named query there.
  const result = await transaction.executeQuery({
    ...withoutQuery,
    sql: query as unknown as string,
    parameters,
  });
  return result.rows as Record<string, unknown>[];
}

const postgresqlParameter =
  (values: readonly Value[]) =>
  ({ index, field }: Parameter): unknown => {
    const value = values[index] ?? null;
    if (field === undefined || !(value instanceof JsonRows)) return postgresqlValue(value);
    const column = value.rows.map((row) => (row as Readonly<Record<string, unknown>>)[field]);
    return column.every(isPlain) ? arrayOfPlain(column) : column.map(postgresqlElement);
  };

/** Whether a value says itself in an array of PostgreSQL, without quotes. */
const isPlain = (value: unknown): boolean =>
  value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean';

/** Ten times as fast as the driver, which looks at each value as if it could be anything. */
const arrayOfPlain = (values: readonly unknown[]): string =>
  `{${values.map((value) => value ?? 'NULL').join()}}`;

/** An element of an array that the driver puts into quotes; an object is of a field of JSON. */
function postgresqlElement(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return value ?? null;
}

function postgresqlValue(value: Value): unknown {
  if (value instanceof Date) return value.toISOString();
  if (value instanceof JsonRows) return JSON.stringify(value.rows);
  return value;
}
