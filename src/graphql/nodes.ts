import { brandWithType } from '@pothos/core';
import type { GraphQLResolveInfo } from 'graphql';
import type { Context } from '../context.ts';
import { badRequest } from './bad-request.ts';
import { builder } from './builder.ts';
import { costs } from './declared-cost.ts';
import { entityNamed } from './entity-types.ts';
import { decodeGlobalId } from './global-id.ts';
import { mark } from './marks.ts';

/** How many ids `nodes` takes. */
const MAX_NODES = 100;

/** Tells GraphQL of which type a row is, where a field's type is an interface. */
export function asNode(type: string, row: object): { id: string } {
  const node = { ...row };
  brandWithType(node, type as never);
  return node as { id: string };
}

async function loadNode(context: Context, globalId: string): Promise<{ id: string } | null> {
  const key = decodeGlobalId(globalId);
  const entity = key && entityNamed(key.type);
  if (!key || !entity) return null;
  const row = await context.loaders.row(entity, key.id);
  return row && asNode(key.type, row);
}

builder.queryField('node', (t) =>
  t.field({
    type: builder.nodeInterfaceRef(),
    nullable: true,
    description: 'The row with an id, whatever its type; null when there is none to see.',
    args: { id: t.arg.id({ required: true, description: 'The id of the row.' }) },
    ...mark({ kind: 'lookup', entity: 'Node' }),
    resolve: (_root, { id }, context) => loadNode(context, id) as never,
  }),
);

builder.queryField('nodes', (t) =>
  t.field({
    type: [builder.nodeInterfaceRef()],
    nullable: { list: false, items: true },
    description:
      'The rows with these ids, in the same order; null for each that is not to be seen.',
    args: {
      ids: t.arg.idList({
        required: true,
        description: `At most ${MAX_NODES} ids of rows.`,
        ...costs({ rows: (ids) => Math.min((ids as string[]).length, MAX_NODES) }),
      }),
    },
    ...mark({ kind: 'lookup', entity: 'Node' }),
    resolve: (
      _root: unknown,
      { ids }: { ids: string[] },
      context: Context,
      _info: GraphQLResolveInfo,
    ) => {
      if (ids.length > MAX_NODES) {
        throw badRequest(`\`ids\` takes at most ${MAX_NODES} ids, got ${ids.length}.`);
      }
      return ids.map((id) => loadNode(context, id)) as never;
    },
  }),
);
