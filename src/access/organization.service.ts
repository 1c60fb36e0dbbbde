import type { EntityManager } from '../database/entity-manager.ts';
import { Organization } from '../database/organization.entity.ts';
import { runAcrossOrganizations, Statement } from '../database/statement.ts';
import { JournalHead } from '../journal/journal.entity.ts';
import { record } from '../journal/journal.service.ts';
import { ApiKey, Membership, User } from './access.entity.ts';
import { hashApiKey } from './api-key.service.ts';
import type { Viewer } from './viewer.ts';

/** Creates an organization with its journal and its owner, who acts through a key. */
export async function createOrganization(
  em: EntityManager,
  { name, ownerKey }: { readonly name: string; readonly ownerKey: string },
): Promise<Viewer> {
  const now = new Date();
  const organization = em.create(Organization, { name, createdAt: now });
  em.create(JournalHead, { organization, seq: 0, recordedAt: now });
  const user = em.create(User, { organization, name: 'Owner', createdAt: now });
  const membership = em.create(Membership, { organization, user, role: 'OWNER', createdAt: now });
  const key = { name: 'Owner', createdAt: now, ...hashApiKey(ownerKey) };
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
  return { organizationId: organization.id, userId: user.id, role: 'OWNER' };
}

const FIRST_OWNER = new Statement<Viewer>(
  () => `select m.organization_id as "organizationId", m.user_id as "userId", m.role as "role"
    from memberships m where m.role = $1 order by m.organization_id, m.id limit 1`,
);

/** The owner of the first organization, for whom commands act; null in an empty database. */
export async function findFirstOwner(em: EntityManager): Promise<Viewer | null> {
  const [owner] = await runAcrossOrganizations(em, FIRST_OWNER, ['OWNER']);
  return owner ?? null;
}

const ORGANIZATIONS = new Statement<{ id: number; name: string }>(
  () => 'select id as "id", name as "name" from organizations where id > $1 order by id',
);

/** Every organization of the database, oldest first: for commands, which belong to none. */
export function findOrganizations(em: EntityManager): Promise<{ id: number; name: string }[]> {
  return runAcrossOrganizations(em, ORGANIZATIONS, [0]);
}
