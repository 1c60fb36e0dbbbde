import Database from 'better-sqlite3';
import pg from 'pg';
import { onPostgres } from './databases.ts';
import type { TestServer } from './server.ts';

/**
 * Keeps every writer of a server from its commit, as another process could: on PostgreSQL by the heads
 * of all journals, on SQLite by the one lock of the file.
 * @returns what lets them go on.
 */
export async function holdWriters(server: Pick<TestServer, 'url'>): Promise<() => Promise<void>> {
  if (!server.url.startsWith('sqlite:')) {
    return holdRows(server, 'select seq from journal_heads for update');
  }
  const database = new Database(server.url.slice('sqlite:'.length));
  database.exec('begin immediate');
  return async () => {
    database.close();
  };
}

/** Locks the rows of a select on PostgreSQL, as another process could. */
export async function holdRows(
  server: Pick<TestServer, 'url'>,
  sql: string,
): Promise<() => Promise<void>> {
  const client = new pg.Client(server.url);
  await client.connect();
  await client.query('begin');
  await client.query(sql);
  return () => client.end();
}

/** Whether so many of a server's connections wait for a lock on PostgreSQL. */
export async function areWaiting(server: TestServer, count: number): Promise<boolean> {
  const [row] = await onPostgres(
    server.url,
    `select count(*) as waiting from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return Number(row?.['waiting']) === count;
}
