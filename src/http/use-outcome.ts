import type { IncomingMessage } from 'node:http';
import type { Plugin } from 'graphql-yoga';
import { noteCode } from './request-facts.ts';

interface Told {
  readonly errors?: readonly { readonly extensions?: { readonly code?: unknown } }[];
}

/** Notes the code of the first error of each answer. To be used after what gives errors their codes. */
export function useOutcome(): Plugin {
  return {
    onResultProcess({ result, serverContext }) {
      const { req } = serverContext as { readonly req?: IncomingMessage };
      noteCode(req, (result as Told | undefined)?.errors?.[0]?.extensions?.code);
    },
  };
}
