import type { TestServer } from './server.ts';

/** An entry of the journal as the table holds it, but for its place and time. */
export interface Entry {
  readonly action: string;
  readonly subject: string;
  readonly changes: unknown;
}

interface StoredEntry {
  readonly seq: number | string;
  readonly action: string;
  readonly subject_type: string;
  readonly subject_id: number | string;
  readonly changes: unknown;
}

/**
 * The journal of a server's organization, whose places follow each other without a gap. SQLite keeps
 * JSON as text, and PostgreSQL sends bigints so.
 */
async function journal(server: TestServer): Promise<Entry[]> {
  const { organizationId } = server.owner;
  const connection = server.orm.em.fork().getConnection();
  const rows = await connection.execute<StoredEntry[]>(
    `select * from journal_entries where organization_id = ${organizationId} order by seq`,
  );
  const gap = rows.findIndex(({ seq }, index) => Number(seq) !== index + 1);
  if (gap >= 0) throw new Error(`The journal has a gap before ${rows[gap]?.seq}`);
  return rows.map((row) => ({
    action: row.action,
    subject: `${row.subject_type}:${row.subject_id}`,
    changes: typeof row.changes === 'string' ? JSON.parse(row.changes) : row.changes,
  }));
}

/** What was recorded while something was done. */
export async function recorded(server: TestServer, work: () => Promise<unknown>): Promise<Entry[]> {
  const before = await journal(server);
  await work();
  const after = await journal(server);
  return after.slice(before.length);
}

/** How the journal names the row behind an id. */
export const subjectOf = (id: string): string => Buffer.from(id, 'base64url').toString();

/** The key behind an id. */
export const keyOf = (id: string): number => Number(subjectOf(id).split(':')[1]);
