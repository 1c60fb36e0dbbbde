import { createHash } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { CompiledQuery } from 'kysely';
import { type Dialect, dialectOf } from './dialect.ts';
import type { EntityManager } from './entity-manager.ts';
import type { LedgerPostgreSqlDriver } from './postgresql-driver.ts';
import { postgresqlTypes } from './postgresql-types.ts';
import type { Decode } from './rows.ts';
import type { SqlLog } from './sql-log.ts';

interface Prepared {
  readonly text: string;
  readonly name: string;
}

/**
 * SQL with constant text, so that it is prepared once. `$1` is always the organization: `run` puts it
 * there, and a statement that does not use it is refused.
 */
export class Statement<R> {
  readonly #build: (dialect: Dialect) => string;
  readonly decode: Decode | undefined;
  readonly #prepared = new Map<Dialect['name'], Prepared>();
  declare readonly row: R;

  constructor(build: (dialect: Dialect) => string, decode?: Decode) {
    this.#build = build;
    this.decode = decode;
  }

  for(dialect: Dialect): Prepared {
    let prepared = this.#prepared.get(dialect.name);
    if (!prepared) {
      const text = this.#build(dialect).replace(/\s+/g, ' ').trim();
      if (!/\$1\b/.test(text)) throw new Error(`A statement without its organization: ${text}`);
      prepared = { text, name: `qm_${createHash('sha1').update(text).digest('hex').slice(0, 24)}` };
      this.#prepared.set(dialect.name, prepared);
    }
    return prepared;
  }
}

/** Rows that travel to the database as one JSON parameter, for `Dialect.jsonRows` to unpack. */
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
  | readonly number[]
  | readonly string[]
  | JsonRows;

interface RunOptions {
  /** How many keys of a loader the statement serves. */
  readonly batch?: number;
}

interface Result {
  readonly rows: Record<string, unknown>[];
}

/**
 * Runs one statement of one organization on the connection of an EntityManager: in its transaction
 * if it has one, else on a reading connection. Counts, times, logs and traces it.
 * @returns the rows as new plain objects.
 * @throws the ORM's exceptions (`UniqueConstraintViolationException`, `DeadlockException`, …).
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
  const dialect = dialectOf(em);
  const prepared = statement.for(dialect);
  const log = em.config.getLogger() as SqlLog;
  const started = performance.now();
  let rows: Record<string, unknown>[] = [];
  try {
    const execute = dialect.name === 'sqlite' ? runOnSqlite : runOnPostgresql;
    rows = await execute(em, prepared, values);
    if (dialect.name === 'sqlite' && statement.decode) rows.forEach(statement.decode);
    return rows as R[];
  } catch (error) {
    throw em
      .getPlatform()
      .getExceptionConverter()
      .convertException(error as Error);
  } finally {
    const ms = performance.now() - started;
    const { text: sql } = prepared;
    const { batch = null } = options;
    log.recordStatement(em.getLoggerContext(), { sql, ms, rows: rows.length, batch });
  }
}

async function runOnSqlite(em: EntityManager, prepared: Prepared, values: readonly Value[]) {
  const connection = em.getConnection(em.isInTransaction() ? 'write' : 'read');
  const database = (await connection.getNativeClient()) as Database;
  const statement = sqliteStatement(database, prepared.text);
  const bindings = sqliteBindings(values);
  if (statement.reader) return statement.all(bindings) as Record<string, unknown>[];
  statement.run(bindings);
  return [];
}

const sqliteStatements = new WeakMap<Database, Map<string, ReturnType<Database['prepare']>>>();

function sqliteStatement(database: Database, text: string) {
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
export function sqliteBindings(values: readonly Value[]): Record<string, string | number | null> {
  return Object.fromEntries(values.map((value, index) => [index + 1, sqliteValue(value)] as const));
}

function sqliteValue(value: Value): string | number | null {
  if (value instanceof Date) return value.getTime();
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value instanceof JsonRows) return JSON.stringify(value.rows, sqliteField);
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return value;
}

/** Inside JSON too, SQLite keeps times as milliseconds: what `toJSON` made of them is undone. */
function sqliteField(this: unknown, key: string, value: unknown): unknown {
  const original = (this as Record<string, unknown>)[key];
  return original instanceof Date ? original.getTime() : value;
}

const withoutQuery = CompiledQuery.raw('');

interface PostgresqlClient {
  query(query: object): Promise<Result>;
}

async function runOnPostgresql(em: EntityManager, prepared: Prepared, values: readonly Value[]) {
  const { preparedStatements } = em.getDriver() as LedgerPostgreSqlDriver;
  const { text, name } = prepared;
  const query = { text, types: postgresqlTypes, ...(preparedStatements && { name }) };
  const parameters = values.map(postgresqlValue);
  const transaction = em.getTransactionContext();
  if (!transaction) {
    const pool = (await em.getConnection('read').getNativeClient()) as PostgresqlClient;
    return (await pool.query({ ...query, values: parameters })).rows;
  }
  // kysely hands `sql` to the client as it is, and the client takes a named query there.
  const result = await transaction.executeQuery({
    ...withoutQuery,
    sql: query as unknown as string,
    parameters,
  });
  return result.rows as Record<string, unknown>[];
}

function postgresqlValue(value: Value): unknown {
  if (value instanceof Date) return value.toISOString();
  if (value instanceof JsonRows) return JSON.stringify(value.rows);
  return value;
}
