import { z } from 'zod';
import type { EntityManager } from '../database/entity-manager.ts';
import { findOwned, flushUnique, refuseOtherVersion } from '../database/owned.ts';
import { type Row, rowOf } from '../database/rows.ts';
import { run, Statement } from '../database/statement.ts';
import { AlreadyExists, InvalidInput, InvalidState, NotFound } from '../errors.ts';
import { checkInput, optionalText, requiredText } from '../input.ts';
import { difference, record } from '../journal/journal.service.ts';
import { saveChange } from '../journal/row-change.service.ts';
import { Membership, type Role, User } from './access.entity.ts';
import { isWithin, permissionsOf } from './permissions.ts';
import type { Viewer } from './viewer.ts';

const Texts = z.object({ name: requiredText, subject: optionalText });

/** Who is to become a member. */
export interface NewMember {
  readonly name: string;
  readonly role: Role;
  /** By which the identity provider knows the user. */
  readonly subject?: string | null | undefined;
}

/**
 * Makes a user and a member of the organization.
 * @throws InvalidInput, AlreadyExists for the subject.
 */
export async function createMembership(
  em: EntityManager,
  viewer: Viewer,
  { role, ...texts }: NewMember,
): Promise<Row<Membership>> {
  const { organizationId: organization, userId } = viewer;
  const { name, subject } = checkInput(Texts, texts);
  refuseBeyond(viewer, role);
  const now = new Date();
  const user = em.create(User, { organization, name, subject, createdAt: now });
  const times = { createdAt: now, updatedAt: now, removedAt: null };
  const membership = em.create(Membership, { organization, user, role, ...times });
  await flushUnique(em, subjectTaken);
  const of = { subjectType: 'Membership', subjectId: membership.id };
  const changes = { name, subject, role };
  await record(em, organization, [
    { action: 'membership.create', actorId: userId, ...of, changes },
  ]);
  return rowOf(em, membership);
}

/** A member that a caller names. */
export interface NamedMember {
  /** The key of the membership. */
  readonly membership: number;
  readonly ifVersion?: number | null | undefined;
}

/** What is to be different of a member; what is left out stays. */
export interface MemberChange extends Pick<NewMember, 'subject'> {
  readonly name?: string | null | undefined;
  readonly role?: Role | null | undefined;
}

/**
 * Changes a member's role, name or subject; what is left out stays. Keys never exceed the role.
 * @throws InvalidInput, NotFound, AlreadyExists for the subject, VersionConflict, and InvalidState for
 *   a member who was removed, and for the last owner.
 */
export async function updateMembership(
  em: EntityManager,
  viewer: Viewer,
  { role, ...input }: NamedMember & MemberChange,
): Promise<Row<Membership>> {
  const membership = await findMember(em, viewer, input);
  const before = rowOf(em, membership);
  if (role && role !== membership.role) {
    refuseBeyond(viewer, role);
    await keepAnOwner(em, membership);
    membership.role = role;
  }
  const besides = await changeUser(em, viewer, membership, input);
  return saveChange(em, viewer, {
    ...{ entity: membership, before, properties: ['role'], besides },
    action: 'membership.update',
    taken: subjectTaken,
  });
}

/** Changes the user behind a member, and says what differs; null for nothing. */
async function changeUser(
  em: EntityManager,
  { organizationId }: Viewer,
  membership: Membership,
  input: MemberChange,
): Promise<Record<string, unknown> | null> {
  const { name, subject } = input;
  if (typeof name !== 'string' && subject === undefined) return null;
  const user = await findOwned(em, organizationId, User, { id: membership.user.id });
  if (!user) throw new Error(`Membership ${membership.id} has no user`);
  const before = rowOf(em, user);
  const texts = checkInput(Texts, { name: name ?? user.name, subject });
  user.name = texts.name;
  if (subject !== undefined) user.subject = texts.subject;
  return difference(before, rowOf(em, user), ['name', 'subject']);
}

/**
 * Removes a member: what the user did stays, all of the user's keys are good for nothing within a
 * second, and the subject can be given to another member.
 * @throws NotFound, VersionConflict, InvalidState for one who was removed before and the last owner.
 */
export async function removeMembership(
  em: EntityManager,
  viewer: Viewer,
  input: NamedMember,
): Promise<Row<Membership>> {
  const membership = await findMember(em, viewer, input);
  const before = rowOf(em, membership);
  await keepAnOwner(em, membership);
  membership.removedAt = new Date();
  const besides = await changeUser(em, viewer, membership, { subject: null });
  return saveChange(em, viewer, {
    ...{ entity: membership, before, properties: ['removedAt'], besides },
    action: 'membership.remove',
  });
}

async function findMember(
  em: EntityManager,
  { organizationId }: Viewer,
  { membership: id, ifVersion }: NamedMember,
): Promise<Membership> {
  await run(em, organizationId, LOCK_MEMBERSHIPS);
  const membership = await memberOf(em, organizationId, id);
  refuseOtherVersion(em, membership, ifVersion);
  refuseRemoved(membership);
  return membership;
}

/** @throws NotFound for a membership that the organization does not have. */
export async function memberOf(
  em: EntityManager,
  organizationId: number,
  id: number,
): Promise<Membership> {
  const membership = await findOwned(em, organizationId, Membership, { id });
  if (!membership) throw new NotFound('The member does not exist.', ['input', 'membership']);
  return membership;
}

/** @throws InvalidState for a member who was removed. */
export function refuseRemoved({ removedAt }: Membership): void {
  if (!removedAt) return;
  throw new InvalidState('The member was removed.', ['input', 'membership']);
}

/** Two owners who remove each other at once must not both succeed. */
const LOCK_MEMBERSHIPS = new Statement<never>(
  (dialect) => `select id from memberships x where x.organization_id = $1
    order by id ${dialect.forUpdate('x')}`,
);

const OTHER_OWNERS = new Statement<{ id: number }>(
  () => `select id as "id" from memberships
    where organization_id = $1 and role = 'OWNER' and removed_at is null and id <> $2 limit 1`,
);

/** @throws InvalidState when a member is the last who can let others in. */
async function keepAnOwner(em: EntityManager, { id, role, organization }: Membership) {
  if (role !== 'OWNER') return;
  const [other] = await run(em, organization.id, OTHER_OWNERS, [id]);
  if (other) return;
  const message = 'An organization keeps an owner: make somebody else one first.';
  throw new InvalidState(message, ['input', 'membership']);
}

/** @throws InvalidInput when a role may do what the viewer may not. */
function refuseBeyond({ permissions }: Viewer, role: Role): void {
  if (isWithin(permissionsOf(role), permissions)) return;
  const message = `Nobody can give more than they may do themselves, which is ${permissions.join(', ')}.`;
  throw new InvalidInput(message, ['input', 'role']);
}

const subjectTaken = (): AlreadyExists =>
  new AlreadyExists('A member has this subject already.', ['input', 'subject']);
