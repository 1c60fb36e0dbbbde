import type { EntityManager } from '../database/entity-manager.ts';
import { runAcrossOrganizations, Statement } from '../database/statement.ts';

const NEWEST = new Statement<{ id: number }>(
  () => 'select coalesce(max(id), cast($1 as bigint)) as "id" from movement_lines',
);

/**
 * The id of the newest line of all ledgers, whoever posted it; 0 before the first. Ids rise by one with
 * each line, and more only where a transaction was rolled back on PostgreSQL: counting would read them all.
 */
export async function newestLineId(em: EntityManager): Promise<number> {
  const [newest] = await runAcrossOrganizations(em, NEWEST, [0]);
  return newest?.id ?? 0;
}
