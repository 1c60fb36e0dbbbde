import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';
import type { IdentityProvider } from '../config.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { runAcrossOrganizations, Statement } from '../database/statement.ts';
import { UnavailableError } from '../database/transaction.ts';
import { decodeGlobalId } from '../graphql/global-id.ts';
import { isKeepable } from '../input.ts';
import type { Role } from './access.entity.ts';
import { permissionsOf } from './permissions.ts';
import type { Viewer } from './viewer.ts';

/** Signatures by the provider's private key. Others would be by a secret that the server had to keep. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'EdDSA',
];

/** How far, in seconds, the clocks of the provider and of the server may be apart. */
const CLOCK_TOLERANCE = 5;

/** Finds who shows a token; null when it is none of the provider's, or nobody's. */
export type FindByToken = (em: EntityManager, token: string) => Promise<Viewer | null>;

/** The keys of an identity provider cannot be had: nobody's token can be checked. */
class IdentityProviderUnavailable extends UnavailableError {
  override readonly name = 'IdentityProviderUnavailable';
  override readonly told =
    'The keys of the identity provider cannot be had just now: no token can be checked. Try again.';
}

/** Checks the tokens of an identity provider, whose keys are fetched when they are first needed. */
export function tokensOf(provider: IdentityProvider): FindByToken {
  const { jwksUrl, issuer, audience, subjectClaim, organizationClaim } = provider;
  const keys = createRemoteJWKSet(jwksUrl);
  const checks = {
    ...{ issuer, audience, algorithms: ALGORITHMS, clockTolerance: CLOCK_TOLERANCE },
    requiredClaims: ['exp', subjectClaim, ...(organizationClaim ? [organizationClaim] : [])],
  };
  return async (em, token) => {
    const claims = await claimsOf(() => jwtVerify(token, keys, checks));
    const subject = claims?.[subjectClaim];
    if (typeof subject !== 'string' || !isKeepable(subject)) return null;
    return findMember(em, subject, organizationClaim && String(claims?.[organizationClaim]));
  };
}

async function claimsOf(
  verify: () => Promise<{ readonly payload: JWTPayload }>,
): Promise<JWTPayload | null> {
  try {
    return (await verify()).payload;
  } catch (error) {
    if (isWrongToken(error)) return null;
    throw new IdentityProviderUnavailable('The keys of the identity provider cannot be had', {
      cause: error,
    });
  }
}

/** Whether it is the token that is wrong, and not the way to the keys. */
const isWrongToken = (error: unknown): boolean =>
  [
    ...[errors.JWTInvalid, errors.JWTExpired, errors.JWTClaimValidationFailed, errors.JWSInvalid],
    ...[errors.JWSSignatureVerificationFailed, errors.JOSEAlgNotAllowed, errors.JOSENotSupported],
    ...[errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys],
  ].some((kind) => error instanceof kind);

interface KnownMember {
  readonly organizationId: number;
  readonly userId: number;
  readonly role: Role;
}

const MEMBERS = new Statement<KnownMember>(
  () => `select m.organization_id as "organizationId", m.user_id as "userId", m.role as "role"
    from users u join memberships m on m.user_id = u.id
    where u.subject = $1 and m.removed_at is null
      and (cast($2 as bigint) is null or m.organization_id = $2)
    order by m.id limit 2`,
);

/** The member with a subject: in the organization that the token names, or in the only one there is. */
async function findMember(
  em: EntityManager,
  subject: string,
  organization: string | null,
): Promise<Viewer | null> {
  const named = organization === null ? null : decodeGlobalId(organization);
  if (organization !== null && named?.type !== 'Organization') return null;
  const found = await runAcrossOrganizations(em, MEMBERS, [subject, named?.id ?? null]);
  const [member] = found;
  if (!member || found.length > 1) return null;
  return { ...member, permissions: permissionsOf(member.role), key: null };
}
