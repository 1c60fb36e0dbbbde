import type { EntityManager } from '../database/entity-manager.ts';
import { run, Statement } from '../database/statement.ts';
import type { Role } from './access.entity.ts';
import type { Permission } from './permissions.ts';

/** What is known of a key, for people who list them. */
export interface KnownApiKey {
  readonly id: number;
  readonly prefix: string;
  readonly name: string;
  /** The name of the member that it acts for. */
  readonly member: string;
  readonly role: Role;
  readonly scopes: readonly Permission[] | null;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
  /** From when on the member is none any more. */
  readonly removedAt: Date | null;
}

const TIMES = ['expiresAt', 'lastUsedAt', 'revokedAt', 'removedAt'];

/** Makes what SQLite keeps of a key's row what it is: scopes are JSON in text, times are numbers. */
export function decodeKey(row: Record<string, unknown>): void {
  const { scopes } = row;
  row['scopes'] = scopes === null ? null : JSON.parse(String(scopes));
  for (const name of TIMES) {
    const time = row[name];
    if (typeof time === 'number') row[name] = new Date(time);
  }
}

const KEYS = new Statement<KnownApiKey>(
  () => `select k.id as "id", k.prefix as "prefix", k.name as "name", u.name as "member",
      k.role as "role", k.scopes as "scopes", k.expires_at as "expiresAt",
      k.last_used_at as "lastUsedAt", k.revoked_at as "revokedAt", m.removed_at as "removedAt"
    from api_keys k join memberships m on m.id = k.membership_id join users u on u.id = m.user_id
    where k.organization_id = $1 order by k.id`,
  decodeKey,
);

/** All keys of an organization, oldest first, those that are good no more too. */
export function findApiKeys(em: EntityManager, organizationId: number): Promise<KnownApiKey[]> {
  return run(em, organizationId, KEYS);
}
