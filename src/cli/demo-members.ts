import type { Role } from '../access/access.entity.ts';
import { createApiKey } from '../access/api-key.service.ts';
import { createMembership } from '../access/membership.service.ts';
import type { Viewer } from '../access/viewer.ts';
import type { EntityManager } from '../database/entity-manager.ts';

/** Who works in the workshop, by what they may do. */
const PEOPLE: Readonly<Partial<Record<Role, readonly string[]>>> = {
  MANAGER: ['Ines', 'Tomas'],
  CLERK: [
    ...['Ada', 'Bea', 'Cem', 'Dilan', 'Emil', 'Freya', 'Goran', 'Hanna', 'Ivo', 'Jule', 'Kofi'],
    ...['Lena', 'Mira', 'Nils', 'Oya', 'Piet'],
  ],
  VIEWER: ['Rosa', 'Sami', 'Tilda', 'Umut', 'Vera', 'Wim', 'Yara', 'Zoe'],
};

/** How many scanners there are, each with a key. */
const SCANNERS = 26;

/**
 * Makes the members of the sample, and the keys of its scanners. Nobody is told what these keys are: those
 * that are to be used are made by `quartermaster key create`.
 * @returns how many members there are besides the owner.
 */
export async function createMembers(em: EntityManager, owner: Viewer): Promise<number> {
  const people = Object.entries(PEOPLE) as [Role, readonly string[]][];
  for (const [role, names] of people) {
    for (const name of names) await createMembership(em, owner, { name, role });
  }
  const scanners = await createMembership(em, owner, { name: 'Scanners', role: 'CLERK' });
  for (let index = 1; index <= SCANNERS; index += 1) {
    const name = `Scanner ${String(index).padStart(2, '0')}`;
    await createApiKey(em, owner, { membership: scanners.id, name, scopes: ['STOCK'] });
  }
  return people.flatMap(([, names]) => names).length + 1;
}
