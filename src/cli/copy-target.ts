import { dialectOf } from '../database/dialect.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { countStored } from '../database/stored-rows.ts';
import { type StoredTable, storedTables } from '../database/stored-tables.ts';
import { CommandError } from './command-error.ts';
import { waitForOthers } from './first-start.ts';

/**
 * Has a transaction be the only one that writes to a database, until its end: a server that starts
 * meanwhile waits, and finds what was copied. On SQLite every transaction is.
 * @throws CommandError when the database has any row.
 */
export async function takeEmpty(em: EntityManager): Promise<void> {
  await waitForOthers(em);
  // Every row refers to its organization, so that whoever writes to any table would begin here.
  if (dialectOf(em).name === 'postgresql') {
    await em.execute('lock table organizations in share row exclusive mode');
  }
  const found: string[] = [];
  for (const table of storedTables(em)) {
    const count = await countStored(em, table);
    if (count > 0) found.push(`${table.name} (${count})`);
  }
  if (found.length === 0) return;
  const start = 'A start of the server makes an organization, so copy before it.';
  throw new CommandError(
    `The target is not empty, and was left as it is: it has ${found.join(', ')}. Name a new one. ${start}`,
  );
}

/**
 * Has PostgreSQL look at a table as it is now, which it does by itself a minute after the commit only:
 * until then it plans as if the table were empty, and may read all of it for each row that refers to it.
 * SQLite is left without statistics, as everywhere.
 */
export async function analyze(em: EntityManager, { name }: StoredTable): Promise<void> {
  if (dialectOf(em).name === 'postgresql') await em.execute(`analyze "${name}"`);
}
