import { generateApiKey } from '../access/api-key.service.ts';
import { createOrganization, findFirstOwner } from '../access/organization.service.ts';
import type { Viewer } from '../access/viewer.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { runAcrossOrganizations, Statement } from '../database/statement.ts';
import { inTransaction } from '../database/transaction.ts';
import { createOutsideWorlds } from '../locations/location.service.ts';

/** The organization that commands work in. */
export interface Founded {
  readonly owner: Viewer;
  /** The owner's key, known only at the moment that it is made. */
  readonly newKey: string | null;
}

/** Finds the first organization, or founds it with its outside worlds and its owner's key. */
export function ensureOrganization(
  em: EntityManager,
  { ownerKey }: { readonly ownerKey: string | undefined },
): Promise<Founded> {
  return inTransaction(em, async (fork) => {
    await waitForOthers(fork);
    const found = await findFirstOwner(fork);
    if (found) return { owner: found, newKey: null };
    const newKey = ownerKey ?? generateApiKey();
    const owner = await foundOrganization(fork, { name: 'My organization', ownerKey: newKey });
    return { owner, newKey };
  });
}

/** A number that no other program should use for an advisory lock: the letters `qm` and a one. */
const FIRST_START_LOCK = 0x716d_0001;

const LOCK = new Statement<unknown>((dialect) =>
  // On SQLite the transaction has the file's only write lock already.
  dialect.name === 'postgresql' ? 'select pg_advisory_xact_lock($1)' : 'select $1',
);

/** Processes that start at once on an empty database must not each found an organization. */
export async function waitForOthers(em: EntityManager): Promise<void> {
  await runAcrossOrganizations(em, LOCK, [FIRST_START_LOCK]);
}

/** Creates an organization that is ready for work: journal, owner, and one of each outside world. */
export async function foundOrganization(
  em: EntityManager,
  input: { readonly name: string; readonly ownerKey: string },
): Promise<Viewer> {
  const owner = await createOrganization(em, input);
  await createOutsideWorlds(em, owner);
  return owner;
}
