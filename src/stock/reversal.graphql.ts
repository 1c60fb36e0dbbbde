import { entityField } from '../graphql/entity-type.ts';
import { typeOf } from '../graphql/entity-types.ts';
import { keyOf } from '../graphql/global-id.ts';
import { refusalType } from '../graphql/refusals.ts';
import { Movement } from './movement.entity.ts';
import { AlreadyReversed } from './stock.errors.ts';
import { type StockInput, stockField } from './stock-field.graphql.ts';

entityField(Movement, 'reverses', (t) =>
  t.relation('reverses', { description: 'The movement that it undoes.' }),
);

entityField(Movement, 'reversedBy', (t) =>
  t.reverseRelation(Movement, {
    by: 'reverses',
    description: 'The movement that undid it.',
  }),
);

refusalType(AlreadyReversed, {
  description: 'The movement was reversed before: it can be once.',
  fields: (t) => ({
    reversal: t.field({
      type: typeOf(Movement),
      description: 'The movement that reversed it.',
      resolve: async ({ reversal }, _arguments, { loaders }) =>
        (await loaders.row(Movement, reversal)) as never,
    }),
  }),
});

interface ReverseInput extends StockInput {
  readonly movement: string;
}

stockField<ReverseInput>({
  name: 'movementReverse',
  description: 'Undoes a movement, whole, by another one. A movement is undone at most once.',
  refusals: [AlreadyReversed],
  fields: (t) => ({
    movement: t.id({ required: true, description: 'The id of the movement.' }),
  }),
  posting: ({ movement, ...rest }) => ({
    ...rest,
    kind: 'REVERSAL',
    movement: keyOf('Movement', movement),
  }),
});
