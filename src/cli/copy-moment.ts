import type { EntityManager } from '../database/entity-manager.ts';
import { runAcrossOrganizations, Statement } from '../database/statement.ts';
import { CommandError } from './command-error.ts';

/** How far the journal of an organization has come: which moment a copy is of. */
export interface JournalPlace {
  readonly id: number;
  readonly name: string;
  readonly seq: number;
}

const PLACES = new Statement<JournalPlace>(
  () => `select o.id as "id", o.name as "name", h.seq as "seq"
    from organizations o join journal_heads h on h.organization_id = o.id
    where o.id > $1 order by o.id`,
);

/**
 * How far the journal of every organization has come.
 * @throws CommandError where there is no organization, and nothing to copy.
 */
export async function journalPlaces(em: EntityManager): Promise<JournalPlace[]> {
  const places = await runAcrossOrganizations(em, PLACES, [0]);
  if (places.length === 0) throw new CommandError('--from: The database has no organization yet.');
  return places;
}
