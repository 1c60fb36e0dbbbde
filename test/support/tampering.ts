import type { Database } from 'better-sqlite3';
import pg from 'pg';
import type { TestServer } from './server.ts';

/** Constraints that the change would break, by name, with their tables: dropped on PostgreSQL. */
export type Checks = Readonly<Record<string, string>>;

/**
 * Changes the database past everything that keeps it right, as nobody can through the server:
 * triggers, foreign keys and checks do not hold. The triggers are there again afterwards.
 */
export async function tamper(
  server: TestServer,
  statements: readonly string[],
  checks: Checks = {},
): Promise<void> {
  if (!server.url.startsWith('sqlite:')) return tamperPostgresql(server.url, statements, checks);
  const connection = server.orm.em.getConnection('write');
  tamperSqlite((await connection.getNativeClient()) as Database, statements);
}

function tamperSqlite(database: Database, statements: readonly string[]): void {
  const triggers = database
    .prepare("select name, sql from sqlite_master where type = 'trigger'")
    .all() as { name: string; sql: string }[];
  database.pragma('foreign_keys = off');
  database.pragma('ignore_check_constraints = on');
  for (const { name } of triggers) database.exec(`drop trigger ${name}`);
  for (const statement of statements) database.exec(statement);
  for (const { sql } of triggers) database.exec(sql);
  database.pragma('ignore_check_constraints = off');
  database.pragma('foreign_keys = on');
}

async function tamperPostgresql(
  url: string,
  statements: readonly string[],
  checks: Checks,
): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    // No trigger works in this session, and foreign keys are triggers.
    await client.query('set session_replication_role = replica');
    for (const [name, table] of Object.entries(checks)) {
      await client.query(`alter table ${table} drop constraint if exists ${name}`);
    }
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
