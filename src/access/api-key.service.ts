import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { API_KEY_PATTERN } from '../config.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { findOwned } from '../database/owned.ts';
import { type Row, rowOf } from '../database/rows.ts';
import { runAcrossOrganizations, Statement } from '../database/statement.ts';
import { InvalidInput, NotFound } from '../errors.ts';
import { checkInput, requiredText } from '../input.ts';
import { record } from '../journal/journal.service.ts';
import { ApiKey, type Role } from './access.entity.ts';
import { decodeKey } from './known-keys.ts';
import { memberOf, refuseRemoved } from './membership.service.ts';
import { isWithin, type Permission, permissionsOf } from './permissions.ts';
import type { Viewer } from './viewer.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** 43 letters and digits hold 256 bits. */
const KEY_LENGTH = 43;
const PREFIX_LENGTH = 'qm_'.length + 6;

/** Makes a new API key: `qm_` and 256 random bits in letters and digits. */
export function generateApiKey(): string {
  let rest = BigInt(`0x${randomBytes(32).toString('hex')}`);
  let letters = '';
  for (let index = 0; index < KEY_LENGTH; index += 1) {
    letters += ALPHABET[Number(rest % 62n)];
    rest /= 62n;
  }
  return `qm_${letters}`;
}

/** What is stored of a key: enough to recognise it, not enough to use it. */
export function hashApiKey(key: string): { prefix: string; hash: string } {
  return {
    prefix: key.slice(0, PREFIX_LENGTH),
    hash: createHash('sha256').update(key).digest('hex'),
  };
}

interface KnownKey {
  readonly organizationId: number;
  readonly userId: number;
  readonly memberRole: Role;
  readonly keyId: number;
  readonly prefix: string;
  readonly keyRole: Role;
  readonly scopes: readonly Permission[] | null;
  readonly expiresAt: Date | null;
}

const FIND_VIEWER = new Statement<KnownKey>(
  (dialect) => `select k.organization_id as "organizationId", m.user_id as "userId",
      m.role as "memberRole", k.id as "keyId", k.prefix as "prefix", k.role as "keyRole",
      k.scopes as "scopes", k.expires_at as "expiresAt"
    from api_keys k join memberships m on m.id = k.membership_id
    where k.hash = $1 and k.revoked_at is null and m.removed_at is null
      and (k.expires_at is null or k.expires_at > ${dialect.time('$2')})`,
  decodeKey,
);

/** Who shows a key; null when nobody has it, when it has expired or was revoked, or its member left. */
export async function findViewer(em: EntityManager, key: string): Promise<Viewer | null> {
  if (!API_KEY_PATTERN.test(key)) return null;
  const values = [hashApiKey(key).hash, new Date()];
  const [found] = await runAcrossOrganizations(em, FIND_VIEWER, values);
  if (!found) return null;
  const { organizationId, userId, memberRole, keyRole, scopes, keyId, prefix, expiresAt } = found;
  return {
    ...{ organizationId, userId, role: memberRole },
    permissions: permissionsOf(memberRole, { role: keyRole, scopes }),
    key: { id: keyId, prefix, expiresAt },
  };
}

/** What a new key is to be. */
export interface NewApiKey {
  /** The key of the membership that it acts for. */
  readonly membership: number;
  readonly name: string;
  /** That of the member unless said. */
  readonly role?: Role | null | undefined;
  /** All that the role may do unless said. */
  readonly scopes?: readonly Permission[] | null | undefined;
  readonly expiresAt?: Date | null | undefined;
}

/** A key that was made, and the one time that it is seen. */
export interface MadeApiKey {
  readonly apiKey: Row<ApiKey>;
  readonly key: string;
}

const Texts = z.object({ name: requiredText });

/**
 * Makes a key for a member. It may do nothing that its maker may not.
 * @throws InvalidInput, NotFound for the membership, InvalidState when the member was removed.
 */
export async function createApiKey(
  em: EntityManager,
  viewer: Viewer,
  input: NewApiKey,
): Promise<MadeApiKey> {
  const { organizationId } = viewer;
  const { name } = checkInput(Texts, { name: input.name });
  const membership = await memberOf(em, organizationId, input.membership);
  refuseRemoved(membership);
  const role = input.role ?? membership.role;
  const scopes = input.scopes ?? null;
  checkReach(viewer, membership.role, { role, scopes });
  const expiresAt = input.expiresAt ?? null;
  if (expiresAt && expiresAt.getTime() <= Date.now()) {
    throw new InvalidInput('expiresAt must lie in the future.', ['input', 'expiresAt']);
  }
  const key = generateApiKey();
  const { prefix, hash } = hashApiKey(key);
  const apiKey = em.create(ApiKey, {
    ...{ organization: organizationId, membership, name, prefix, hash, role, scopes, expiresAt },
    createdAt: new Date(),
  });
  await em.flush();
  const changes = { name, prefix, role, scopes, expiresAt };
  await recordOf(em, viewer, { action: 'apiKey.create', apiKey, changes });
  return { apiKey: rowOf(em, apiKey), key };
}

function checkReach(
  { permissions }: Viewer,
  memberRole: Role,
  { role, scopes }: { readonly role: Role; readonly scopes: readonly Permission[] | null },
): void {
  const all = permissionsOf(role);
  if (!isWithin(all, permissionsOf(memberRole))) {
    const message = `role must be within the member's, which is ${memberRole}.`;
    throw new InvalidInput(message, ['input', 'role']);
  }
  if (scopes && !isWithin(scopes, all)) {
    const message = `scopes must be within what ${role} may do: ${all.join(', ')}.`;
    throw new InvalidInput(message, ['input', 'scopes']);
  }
  if (!isWithin(permissionsOf(memberRole, { role, scopes }), permissions)) {
    const message = `A key may do nothing that you may not, which is ${permissions.join(', ')}.`;
    throw new InvalidInput(message, ['input', scopes ? 'scopes' : 'role']);
  }
}

/**
 * Revokes a key: within a second it is good for nothing. One that was revoked before stays as it is.
 * @throws NotFound for the key.
 */
export async function revokeApiKey(
  em: EntityManager,
  viewer: Viewer,
  { apiKey: id }: { readonly apiKey: number },
): Promise<Row<ApiKey>> {
  const apiKey = await findOwned(em, viewer.organizationId, ApiKey, { id });
  if (!apiKey) throw new NotFound('The key does not exist.', ['input', 'apiKey']);
  if (!apiKey.revokedAt) {
    apiKey.revokedAt = new Date();
    await em.flush();
    const changes = { name: apiKey.name, prefix: apiKey.prefix };
    await recordOf(em, viewer, { action: 'apiKey.revoke', apiKey, changes });
  }
  return rowOf(em, apiKey);
}

interface KeyChange {
  readonly action: string;
  readonly apiKey: ApiKey;
  readonly changes: Readonly<Record<string, unknown>>;
}

function recordOf(
  em: EntityManager,
  { organizationId, userId }: Viewer,
  { action, apiKey, changes }: KeyChange,
): Promise<void> {
  const subject = { subjectType: 'ApiKey', subjectId: apiKey.id };
  return record(em, organizationId, [{ action, actorId: userId, ...subject, changes }]);
}
