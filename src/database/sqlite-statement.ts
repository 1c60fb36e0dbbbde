import type { Database } from 'better-sqlite3';
import type { EntityManager } from './entity-manager.ts';
import type { Prepared } from './prepared.ts';
import type { Reader } from './reader-thread.ts';
import { JsonRows, type Value } from './statement-values.ts';

/** What EntityManagers of SQLite read from instead of the connection that all share. */
const readers = new WeakMap<EntityManager, Reader>();

/** Has an EntityManager of SQLite read from a thread. */
export function readFrom(em: EntityManager, reader: Reader): void {
  readers.set(em, reader);
}

/** Runs a statement on the connection of an EntityManager, or in the thread that it reads from. */
export async function runOnSqlite(em: EntityManager, prepared: Prepared, values: readonly Value[]) {
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
