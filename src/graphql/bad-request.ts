import { GraphQLError } from 'graphql';

/** A request that cannot be answered as it stands, and says why. */
export function badRequest(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST' } });
}
