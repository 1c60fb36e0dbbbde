import { Item } from '../catalog/item.entity.ts';
import { ItemBy, ItemType, itemReference } from '../catalog/item.graphql.ts';
import type { Context } from '../context.ts';
import { formatUnits } from '../database/quantity.ts';
import { InvalidInput, NotFound } from '../errors.ts';
import { builder } from '../graphql/builder.ts';
import { changeField } from '../graphql/mutations.ts';
import { refusalType } from '../graphql/refusals.ts';
import { Location } from '../locations/location.entity.ts';
import { LocationBy, LocationType, locationReference } from '../locations/location.graphql.ts';
import type { LocationReference } from '../locations/location.service.ts';
import { LotType, StockLevelType } from './level.graphql.ts';
import { Lot } from './lot.entity.ts';
import type { MovementKind } from './movement.entity.ts';
import { MovementType } from './movement.graphql.ts';
import type { Posted } from './posting.ts';
import { IdempotencyMismatch, InsufficientStock, type StockShortage } from './stock.errors.ts';
import { MAX_LINES, moveStock } from './stock.service.ts';

const StockSuccess = builder.interfaceRef<Posted>('StockSuccess').implement({
  description: 'Stock moved: what every stock mutation answers.',
  fields: (t) => ({
    movement: t.field({
      type: MovementType,
      description: 'What was recorded.',
      resolve: (posted) => posted.movement,
    }),
    replayed: t.exposeBoolean('replayed', {
      description: 'Whether an earlier call with the same key recorded it.',
    }),
    levels: t.field({
      type: [StockLevelType],
      description: 'The levels of real places that it touched, as they are now.',
      resolve: (posted) => [...posted.levels],
    }),
  }),
});

async function decimalsOf(shortage: StockShortage, { loaders }: Context): Promise<number> {
  const item = await loaders.row(Item, shortage.item);
  if (!item) throw new Error('A shortage without its item');
  return item.decimals;
}

const StockShortageType = builder.objectRef<StockShortage>('StockShortage').implement({
  description: 'What is missing at one level.',
  fields: (t) => ({
    lines: t.intList({
      description: 'Indexes of the lines that take from the level, the first being 0.',
      resolve: (shortage) => [...shortage.lines],
    }),
    item: t.field({
      type: ItemType,
      description: 'What is missing.',
      resolve: async (shortage, _arguments, { loaders }) =>
        (await loaders.row(Item, shortage.item)) as never,
    }),
    location: t.field({
      type: LocationType,
      description: 'Where it is missing.',
      resolve: async (shortage, _arguments, { loaders }) =>
        (await loaders.row(Location, shortage.location)) as never,
    }),
    lot: t.field({
      type: LotType,
      nullable: true,
      description: 'Of which lot; null where the item has none.',
      resolve: ({ lot }, _arguments, { loaders }) => (lot === null ? null : loaders.row(Lot, lot)),
    }),
    requested: t.field({
      type: 'Decimal',
      description: 'What all lines together take from the level.',
      resolve: async (shortage, _arguments, context) =>
        formatUnits(shortage.requested, await decimalsOf(shortage, context)),
    }),
    available: t.field({
      type: 'Decimal',
      description: 'What can be taken from the level.',
      resolve: async (shortage, _arguments, context) =>
        formatUnits(shortage.available, await decimalsOf(shortage, context)),
    }),
  }),
});

refusalType(InsufficientStock, {
  description: 'Less is available than was asked for. Nothing moved.',
  fields: (t) => ({
    shortages: t.field({
      type: [StockShortageType],
      description: 'Every level that has too little, all at once.',
      resolve: (refusal) => [...refusal.shortages],
    }),
  }),
});
refusalType(IdempotencyMismatch, {
  description: 'The idempotency key was used before, for something else.',
});

const StockLineInput = builder.inputType('StockLineInput', {
  description: 'How much of an item.',
  fields: (t) => ({
    item: t.field({ type: ItemBy, required: true, description: 'Which item.' }),
    quantity: t.field({ type: 'Decimal', required: true, description: 'How much, above 0.' }),
  }),
});

interface MoveField {
  readonly name: string;
  readonly kind: MovementKind;
  readonly description: string;
  /** What stands for an end that the caller does not name; an end without it must be named. */
  readonly from?: LocationReference;
  readonly to?: LocationReference;
}

interface MoveInput {
  readonly idempotencyKey: string;
  readonly from?: typeof LocationBy.$inferInput | null;
  readonly to?: typeof LocationBy.$inferInput | null;
  readonly lines: readonly (typeof StockLineInput.$inferInput)[];
  readonly reference?: string | null;
  readonly note?: string | null;
  readonly occurredAt?: Date | null;
}

/** Adds a mutation that moves all its lines from one location to another. */
function moveField({ name, kind, description, from, to }: MoveField): void {
  const title = `${name[0]?.toUpperCase()}${name.slice(1)}`;
  const end = (world: LocationReference | undefined, text: string) => ({
    type: LocationBy,
    required: !world,
    description: world && 'world' in world ? `${text} The ${world.world} world unless said.` : text,
  });
  const input = builder.inputRef<MoveInput>(`${title}Input`).implement({
    description: 'What moves, and where.',
    fields: (t) => ({
      idempotencyKey: t.string({
        required: true,
        description: 'Makes it happen once, however often it is sent: a new UUID for each intent.',
      }),
      from: t.field(end(from, 'Where it comes from.')),
      to: t.field(end(to, 'Where it goes.')),
      lines: t.field({
        type: [StockLineInput],
        required: true,
        description: `What moves: 1 to ${MAX_LINES} lines.`,
      }),
      reference: t.string({ description: 'Your own number for it, such as an order.' }),
      note: t.string({ description: 'What people should know of it.' }),
      occurredAt: t.field({
        type: 'DateTime',
        description: 'When it happened; now unless said. Filters and groups, moves no balance.',
      }),
    }),
  });
  changeField(name, {
    description,
    input,
    refusals: [InsufficientStock, NotFound, InvalidInput, IdempotencyMismatch],
    resolve: ({ from: source, to: target, lines, ...rest }, { em, viewer }) =>
      moveStock(em, viewer, kind, {
        ...rest,
        from: source ? locationReference(source) : (from as LocationReference),
        to: target ? locationReference(target) : (to as LocationReference),
        lines: lines.map(({ item, quantity }) => ({ item: itemReference(item), quantity })),
      }),
    success: { description: 'The stock moved.', interfaces: [StockSuccess] },
  });
}

moveField({
  name: 'stockReceive',
  kind: 'RECEIPT',
  description: 'Brings goods in from outside.',
  from: { world: 'SUPPLIER' },
});

moveField({
  name: 'stockIssue',
  kind: 'ISSUE',
  description: 'Takes goods out: all lines, or nothing.',
  to: { world: 'CUSTOMER' },
});

moveField({
  name: 'stockTransfer',
  kind: 'TRANSFER',
  description: 'Moves stock between two locations: both levels change, or neither does.',
});
