import { createHash, randomBytes } from 'node:crypto';
import { API_KEY_PATTERN } from '../config.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { runAcrossOrganizations, Statement } from '../database/statement.ts';
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

const FIND_VIEWER = new Statement<Viewer>(
  () => `select k.organization_id as "organizationId", m.user_id as "userId", m.role as "role"
    from api_keys k join memberships m on m.id = k.membership_id where k.hash = $1`,
);

/** Who shows a key; null when nobody has it. */
export async function findViewer(em: EntityManager, key: string): Promise<Viewer | null> {
  if (!API_KEY_PATTERN.test(key)) return null;
  const [viewer] = await runAcrossOrganizations(em, FIND_VIEWER, [hashApiKey(key).hash]);
  return viewer ?? null;
}
