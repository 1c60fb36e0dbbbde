import { z } from 'zod';
import type { EntityManager } from '../database/entity-manager.ts';
import { Organization } from '../database/organization.entity.ts';
import { runAcrossOrganizations, Statement } from '../database/statement.ts';
import { checkInput, requiredText } from '../input.ts';
import { JournalHead } from '../journal/journal.entity.ts';
import { record } from '../journal/journal.service.ts';
import { ApiKey, Membership, User } from './access.entity.ts';
import { hashApiKey } from './api-key.service.ts';
import { permissionsOf } from './permissions.ts';
import type { Viewer } from './viewer.ts';

const Texts = z.object({ name: requiredText });

/**
 * Creates an organization with its journal and its owner, who acts through a key.
 * @throws InvalidInput for a name that cannot be used.
 */
export async function createOrganization(
  em: EntityManager,
  { ownerKey, ...texts }: { readonly name: string; readonly ownerKey: string },
): Promise<Viewer> {
  const { name } = checkInput(Texts, texts, []);
  const now = new Date();
  const organization = em.create(Organization, { name, createdAt: now });
  em.create(JournalHead, { organization, seq: 0, recordedAt: now });
  const user = em.create(User, { organization, name: 'Owner', createdAt: now });
  const role = 'OWNER';
  const times = { createdAt: now, updatedAt: now };
  const membership = em.create(Membership, { organization, user, role, ...times });
  const key = { name: 'Owner', role, createdAt: now, ...hashApiKey(ownerKey) } as const;
  em.create(ApiKey, { organization, membership, ...key });
  await em.flush();
  await record(em, organization.id, [
    {
      action: 'organization.create',
      actorId: user.id,
      subjectType: 'Organization',
      subjectId: organization.id,
      changes: { name },
    },
  ]);
  return ownerOf({ organizationId: organization.id, userId: user.id });
}

type Member = Pick<Viewer, 'organizationId' | 'userId'>;

/** An owner without a key, as commands act for. */
const ownerOf = (member: Member): Viewer => ({
  ...member,
  role: 'OWNER',
  permissions: permissionsOf('OWNER'),
  key: null,
});

const OWNERS = new Statement<Member>(
  () => `select m.organization_id as "organizationId", m.user_id as "userId" from memberships m
    where m.role = $1 and m.removed_at is null and (cast($2 as bigint) is null or m.organization_id = $2)
    order by m.organization_id, m.id limit 1`,
);

/** The owner of the first organization, for whom commands act; null in an empty database. */
export function findFirstOwner(em: EntityManager): Promise<Viewer | null> {
  return findOwner(em, null);
}

/** The first owner of an organization, or of the first one where none is said; null for nobody. */
export async function findOwner(
  em: EntityManager,
  organizationId: number | null,
): Promise<Viewer | null> {
  const [owner] = await runAcrossOrganizations(em, OWNERS, ['OWNER', organizationId]);
  return owner ? ownerOf(owner) : null;
}

const ORGANIZATIONS = new Statement<{ id: number; name: string }>(
  () => 'select id as "id", name as "name" from organizations where id > $1 order by id',
);

/** Every organization of the database, oldest first: for commands, which belong to none. */
export function findOrganizations(em: EntityManager): Promise<{ id: number; name: string }[]> {
  return runAcrossOrganizations(em, ORGANIZATIONS, [0]);
}
