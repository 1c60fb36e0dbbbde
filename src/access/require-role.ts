import { GraphQLError } from 'graphql';
import type { Role } from './access.entity.ts';
import type { Viewer } from './viewer.ts';

/**
 * Lets only some roles go on.
 * @throws GraphQLError with the code FORBIDDEN for all others.
 */
export function requireRole({ role }: Viewer, allowed: readonly Role[]): void {
  if (allowed.includes(role)) return;
  const message = `This takes the role ${allowed.join(' or ')}, yours is ${role}.`;
  throw new GraphQLError(message, { extensions: { code: 'FORBIDDEN' } });
}
