import SchemaBuilder from '@pothos/core';
import RelayPlugin from '@pothos/plugin-relay';
import type { Context } from '../context.ts';
import { costs } from './declared-cost.ts';

/** The types that the schema's builder knows without being told. */
export interface SchemaTypes {
  Context: Context;
  DefaultFieldNullability: false;
  DefaultEdgesNullability: false;
  DefaultNodeNullability: false;
  Scalars: {
    ID: { Input: string; Output: string };
    Date: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date };
    Decimal: { Input: string; Output: string };
    JSON: { Input: unknown; Output: unknown };
    SafeInt: { Input: number; Output: number };
  };
}

/** What every feature adds its types and fields to. */
export const builder = new SchemaBuilder<SchemaTypes>({
  plugins: [RelayPlugin],
  defaultFieldNullability: false,
  relay: {
    cursorType: 'String',
    nodesOnConnection: { description: 'The rows of this page, without their cursors.' },
    edgesFieldOptions: {
      nullable: false,
      description: 'The rows of this page with their cursors.',
    },
    nodeFieldOptions: { nullable: false, description: 'The row.', ...costs({ isCounted: true }) },
    nodeQueryOptions: false,
    nodesQueryOptions: false,
    nodeTypeOptions: { description: 'Anything that has an id of its own.' },
    idFieldOptions: { description: 'Opaque, and unique over all types.' },
    pageInfoFieldOptions: {
      description: 'Where this page stands in the list.',
      ...costs({ isCounted: true }),
    },
    pageInfoTypeOptions: { description: 'Where a page stands in its list.' },
    hasNextPageFieldOptions: { description: 'Whether rows follow the last of this page.' },
    hasPreviousPageFieldOptions: {
      description: 'Whether rows come before the first of this page.',
    },
    startCursorFieldOptions: { description: 'The cursor of the first row of this page.' },
    endCursorFieldOptions: { description: 'The cursor of the last row of this page.' },
    cursorFieldOptions: { description: 'Where this row stands, for `after` and `before`.' },
    firstArgOptions: { description: 'How many rows from the front, 1 to 100; 20 unless said.' },
    lastArgOptions: { description: 'How many rows from the back, 1 to 100.' },
    afterArgOptions: { description: 'Only rows behind this cursor.' },
    beforeArgOptions: { description: 'Only rows in front of this cursor.' },
  },
});

builder.queryType({ description: 'Everything that can be read. Nothing here changes anything.' });
builder.mutationType({
  description:
    'Everything that can be changed. Each field is a transaction of its own; a refusal is an ' +
    'answer like any other, and leaves nothing behind.',
});
