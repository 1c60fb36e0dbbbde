import { createHash } from 'node:crypto';
import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { LIMITS } from '../graphql/limits.ts';
import { isNestedDeeper } from '../graphql/nesting.ts';

/** Refuses parameters of a request that would be trouble for whoever reads them. */
export function useParameters(): Plugin {
  return {
    onParams({ params: { query, variables, extensions } }) {
      if (isNestedDeeper(variables, LIMITS.values)) {
        const limit = `${LIMITS.values} levels of lists and objects`;
        throw refused(`The variables have more than ${limit}, which is the limit.`);
      }
      const hash = persistedHash(extensions);
      if (query === undefined || query === null) {
        // In these words clients hear that they have to send the text.
        throw refused(
          hash === undefined ? 'The request has no query.' : 'PersistedQueryNotSupported',
        );
      }
      if (hash !== undefined && hash !== createHash('sha256').update(String(query)).digest('hex')) {
        throw refused('The hash of the persisted query is not that of its text.');
      }
    },
  };
}

/** The hash that stands for a text, or comes with it, in the way of Apollo's persisted queries. */
function persistedHash(extensions: unknown): unknown {
  const isAsked = (value: unknown, name: string): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && name in value;
  if (!isAsked(extensions, 'persistedQuery')) return undefined;
  const { persistedQuery } = extensions;
  return isAsked(persistedQuery, 'sha256Hash') ? persistedQuery['sha256Hash'] : null;
}

function refused(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST', http: { status: 400 } } });
}
