import type { IncomingMessage } from 'node:http';
import type { Plugin } from 'graphql-yoga';
import type { Viewer } from '../access/viewer.ts';
import type { Context } from '../context.ts';
import { priceOf } from '../graphql/price.ts';
import { Missing, takeCharge } from './charge.ts';
import type { RateLimiter } from './rate-limit.ts';
import { factsOf } from './request-facts.ts';

/** What the server puts into the context besides: Node's request, where there is one. */
interface FromNode {
  readonly req?: IncomingMessage;
}

/**
 * Takes the cost of an operation out of its key's bucket, and notes what is known of the request. To be
 * used after what tells who asks, and after what refuses operations for their cost alone.
 */
export function useCharges(limiter: RateLimiter | null): Plugin<Context> {
  return {
    onRequest({ serverContext }) {
      const { req, viewer } = serverContext as FromNode & { readonly viewer?: Viewer };
      const facts = factsOf(req);
      if (facts && viewer) facts.viewer = viewer;
    },
    onExecute({ args, setResultAndStopExecution }) {
      const { schema, document, operationName, variableValues } = args;
      const { viewer, trace, req } = args.contextValue as Context & FromNode;
      const { cost, work } = priceOf(schema, document, operationName, variableValues) ?? {};
      if (!cost || work === undefined) return undefined;
      const operation = { document, operationName, viewer, trace, request: req, cost, work };
      const charge = takeCharge(limiter, operation);
      if (charge instanceof Missing) {
        const extensions = { cost: charge.cost };
        setResultAndStopExecution({ errors: [charge.error], extensions });
        return undefined;
      }
      return {
        onExecuteDone({ result, setResult }) {
          const settled = charge.settle();
          if (Symbol.asyncIterator in result || !result.extensions?.['cost']) return;
          setResult({ ...result, extensions: { ...result.extensions, cost: settled } });
        },
      };
    },
  };
}
