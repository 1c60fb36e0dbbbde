import {
  DirectiveLocation,
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLDirective,
  getDirectiveValues,
  getOperationAST,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Context } from '../context.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { inSnapshot } from '../database/snapshot.ts';
import { run, Statement } from '../database/statement.ts';
import { Loaders } from './loading.ts';

/** The directive that a query can carry. */
export const SNAPSHOT = new GraphQLDirective({
  name: 'snapshot',
  description:
    'Answers a query from one moment, whatever is written meanwhile. `extensions.snapshot.seq` is the ' +
    "journal's newest place at that moment: following the journal from there misses nothing.",
  locations: [DirectiveLocation.QUERY],
});

const HEAD = new Statement<{ seq: number }>(
  () => 'select seq as "seq" from journal_heads where organization_id = $1',
);

/** Has queries that carry the directive read everything from one moment. */
export function useSnapshot(): Plugin<Context> {
  return {
    onExecute({ args, executeFn, setExecuteFn }) {
      const operation = getOperationAST(args.document, args.operationName);
      if (operation?.operation !== 'query' || !getDirectiveValues(SNAPSHOT, operation)) return;
      const execute = executeFn as (args: ExecutionArgs) => Promise<ExecutionResult>;
      setExecuteFn(((each: ExecutionArgs) => ofOneMoment(each, execute)) as typeof executeFn);
    },
  };
}

function ofOneMoment(
  args: ExecutionArgs,
  execute: (args: ExecutionArgs) => Promise<ExecutionResult>,
): Promise<ExecutionResult> {
  const context = args.contextValue as Context;
  const { organizationId } = context.viewer;
  return inSnapshot(context.em, async (em: EntityManager) => {
    // The first statement is what fixes the moment.
    const [head] = await run(em, organizationId, HEAD);
    if (!head) throw new Error(`Organization ${organizationId} has no journal`);
    const own = { ...context, em, loaders: new Loaders(em, organizationId) };
    const result = await execute({ ...args, contextValue: own });
    return { ...result, extensions: { ...result.extensions, snapshot: { seq: head.seq } } };
  });
}
