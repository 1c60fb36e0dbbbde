import { ItemBy, ItemType, itemReference } from '../catalog/item.graphql.ts';
import { builder } from '../graphql/builder.ts';
import { entityField, partObject } from '../graphql/entity-type.ts';
import { refusalType } from '../graphql/refusals.ts';
import { LocationBy, locationReference } from '../locations/location.graphql.ts';
import { CountLine } from './count-line.entity.ts';
import { Movement } from './movement.entity.ts';
import { CountConflict, type CountMismatch } from './stock.errors.ts';
import { MAX_LINES } from './stock.service.ts';
import {
  itemOf,
  lotReference,
  quantityOf,
  type StockInput,
  stockField,
} from './stock-field.graphql.ts';

const CountMismatchType = builder.objectRef<CountMismatch>('CountMismatch').implement({
  description: 'An item of which something else is on hand than was expected.',
  fields: (t) => ({
    line: t.exposeInt('line', { description: 'Index of the line, the first being 0.' }),
    item: t.field({
      type: ItemType,
      description: 'Which item.',
      resolve: ({ item }, _arguments, context) => itemOf(item, context),
    }),
    expected: t.field({
      type: 'Decimal',
      description: 'What the caller expected to be on hand.',
      resolve: ({ item, expected }, _arguments, context) => quantityOf(item, expected, context),
    }),
    onHand: t.field({
      type: 'Decimal',
      description: 'What is on hand.',
      resolve: ({ item, onHand }, _arguments, context) => quantityOf(item, onHand, context),
    }),
  }),
});

refusalType(CountConflict, {
  description: 'The count expects something else to be on hand than is. Nothing changed.',
  fields: (t) => ({
    conflicts: t.field({
      type: [CountMismatchType],
      description: 'Every line whose expectation does not hold, all at once.',
      resolve: (refusal) => [...refusal.conflicts],
    }),
  }),
});

partObject(CountLine, {
  description: 'What somebody counted of an item, also where it was just what was on hand.',
  fields: (t) => ({
    item: t.relation('item', { description: 'What was counted.' }),
    lot: t.relation('lot', { description: 'Of which lot; null where the item has none.' }),
    counted: t.quantity('counted', {
      item: 'item',
      description: 'What was there.',
    }),
    expected: t.quantity('expected', {
      item: 'item',
      description: 'What the caller believed to be on hand; null where the count did not say.',
    }),
    difference: t.quantity('difference', {
      item: 'item',
      description: 'What was found, or with a minus what was missed; 0 where it was right.',
    }),
  }),
});

entityField(Movement, 'counts', (t) =>
  t.parts(CountLine, {
    by: 'movement',
    orderBy: 'position',
    // A count of a whole location has a line for each item there, listed or not.
    most: 100_000,
    description: 'What was counted; empty for every other kind.',
  }),
);

const UnlistedType = builder.enumType('CountUnlisted', {
  description: 'What becomes of stock at a location that its count does not list.',
  values: {
    KEEP: { description: 'It stays: the count is of the listed items only.' },
    ZERO: { description: 'It is gone: the count is of the whole location.' },
  },
});

const OnReservedType = builder.enumType('CountOnReserved', {
  description: 'What becomes of reservations where less was counted than they hold.',
  values: {
    REFUSE: { description: 'They stay, and the count is refused.' },
    RELEASE_NEWEST: { description: 'The newest are released, as many as must be.' },
  },
});

const StockCountLineInput = builder.inputType('StockCountLineInput', {
  description: 'What was counted of an item.',
  fields: (t) => ({
    item: t.field({ type: ItemBy, required: true, description: 'Which item.' }),
    lot: t.string({ description: 'Of which lot; required for an item with lots.' }),
    counted: t.field({ type: 'Decimal', required: true, description: 'What is there, 0 or more.' }),
    expected: t.field({
      type: 'Decimal',
      description: 'What you believe to be on hand: if it is not, the count is refused.',
    }),
  }),
});

interface CountInput extends StockInput {
  readonly location: typeof LocationBy.$inferInput;
  readonly lines: readonly (typeof StockCountLineInput.$inferInput)[];
  readonly unlisted: 'KEEP' | 'ZERO';
  readonly onReserved: 'REFUSE' | 'RELEASE_NEWEST';
}

stockField<CountInput>({
  name: 'stockCount',
  description: 'Records what somebody counted at a location; the difference moves.',
  refusals: [CountConflict],
  fields: (t) => ({
    location: t.field({ type: LocationBy, required: true, description: 'What was counted.' }),
    lines: t.field({
      type: [StockCountLineInput],
      required: true,
      description: `What was counted: at most ${MAX_LINES} lines, each item once.`,
    }),
    unlisted: t.field({
      type: UnlistedType,
      required: true,
      defaultValue: 'KEEP',
      description: 'What becomes of stock there that is not listed.',
    }),
    onReserved: t.field({
      type: OnReservedType,
      required: true,
      defaultValue: 'REFUSE',
      description: 'What becomes of reservations where less was counted than they hold.',
    }),
  }),
  posting: ({ location, lines, ...rest }) => ({
    ...rest,
    kind: 'COUNT',
    location: locationReference(location),
    lines: lines.map(({ item, lot, counted, expected }) => ({
      item: itemReference(item),
      lot: lotReference(lot),
      counted,
      expected,
    })),
  }),
});
