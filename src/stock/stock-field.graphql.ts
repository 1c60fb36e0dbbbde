import type { InputFieldBuilder, InputFieldMap, InterfaceRef } from '@pothos/core';
import { Item } from '../catalog/item.entity.ts';
import { ItemType } from '../catalog/item.graphql.ts';
import type { Context } from '../context.ts';
import { formatUnits } from '../database/quantity.ts';
import type { Row } from '../database/rows.ts';
import { InvalidInput, InvalidState, NotFound } from '../errors.ts';
import { builder, type SchemaTypes } from '../graphql/builder.ts';
import { type Change, changeField } from '../graphql/mutations.ts';
import { type RefusalClass, refusalType } from '../graphql/refusals.ts';
import { Location } from '../locations/location.entity.ts';
import { LocationType } from '../locations/location.graphql.ts';
import { LotType, StockLevelType } from './level.graphql.ts';
import { Lot } from './lot.entity.ts';
import type { LotReference } from './lots.ts';
import { MovementType } from './movement.graphql.ts';
import type { Posted, Posting } from './posting.ts';
import {
  IdempotencyMismatch,
  InsufficientStock,
  LotExpired,
  type StockShortage,
} from './stock.errors.ts';
import { postAndCommit, postOne } from './stock.service.ts';

type Types = PothosSchemaTypes.ExtendDefaultTypes<SchemaTypes>;

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

/** The item that a refusal speaks of. It is there: the refusal came from its levels. */
export async function itemOf(key: number, { loaders }: Context): Promise<Row<Item>> {
  const item = await loaders.row(Item, key);
  if (!item) throw new Error('A refusal without its item');
  return item;
}

/** A quantity of the item that a refusal speaks of. */
export async function quantityOf(key: number, units: number, context: Context): Promise<string> {
  return formatUnits(units, (await itemOf(key, context)).decimals);
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
      resolve: ({ item }, _arguments, context) => itemOf(item, context),
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
      resolve: ({ item, requested }, _arguments, context) => quantityOf(item, requested, context),
    }),
    available: t.field({
      type: 'Decimal',
      description: 'What can be taken from the level.',
      resolve: ({ item, available }, _arguments, context) => quantityOf(item, available, context),
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

refusalType(LotExpired, {
  description: 'Only lots that have expired are left. They are taken when they are named.',
  fields: (t) => ({
    lots: t.field({
      type: [LotType],
      description: 'The lots that have expired.',
      resolve: async ({ lots }, _arguments, { loaders }) =>
        (await Promise.all(lots.map((lot) => loaders.row(Lot, lot)))) as never,
    }),
  }),
});

/** Reads a lot's name as clients give it: by its code, or with its expiry where it comes in. */
export function lotReference(lot: string | LotReference | null | undefined): LotReference | null {
  if (lot === null || lot === undefined) return null;
  return typeof lot === 'string' ? { code: lot } : lot;
}

/** What every stock mutation's input has. */
export interface StockInput {
  readonly idempotencyKey: string;
  readonly reference?: string | null;
  readonly note?: string | null;
  readonly occurredAt?: Date | null;
}

interface StockField<I extends StockInput, R extends object> {
  readonly name: string;
  readonly description: string;
  /** What its input has besides. */
  readonly fields: (t: InputFieldBuilder<Types, 'InputObject'>) => InputFieldMap;
  /** What it may refuse with besides. */
  readonly refusals?: readonly RefusalClass[];
  readonly posting: (input: I) => Posting;
  /** What its answer says besides, and the interface that says so. */
  readonly answer?: {
    readonly of: (posted: Posted, input: I) => Posted & R;
    readonly interface: InterfaceRef<Types, R>;
  };
}

/** The key that makes a change of stock happen once. */
export const idempotencyKey = (t: InputFieldBuilder<Types, 'InputObject'>) =>
  t.string({
    required: true,
    description: 'Makes it happen once, however often it is sent: a new UUID for each intent.',
  });

/** Adds a mutation that records one movement. */
export function stockField<I extends StockInput, R extends object = Posted>(
  options: StockField<I, R>,
): void {
  const { name, description, fields, refusals = [], posting, answer } = options;
  const title = `${name[0]?.toUpperCase()}${name.slice(1)}`;
  const input = builder.inputRef<I>(`${title}Input`).implement({
    description,
    fields: (t) =>
      ({
        idempotencyKey: idempotencyKey(t),
        ...fields(t),
        reference: t.string({ description: 'Your own number for it, such as an order.' }),
        note: t.string({ description: 'What people should know of it.' }),
        occurredAt: t.field({
          type: 'DateTime',
          description: 'When it happened; now unless said. Filters and groups, moves no balance.',
        }),
      }) as never,
  });
  const postBy =
    (post: typeof postOne) =>
    async (sent: object, { em, viewer }: Change) => {
      const posted = await post(em, viewer, posting(sent as I));
      return (answer ? answer.of(posted, sent as I) : posted) as Posted & R;
    };
  changeField(name, {
    description,
    input,
    refusals: [
      InsufficientStock,
      NotFound,
      InvalidInput,
      InvalidState,
      IdempotencyMismatch,
      LotExpired,
      ...refusals,
    ],
    resolve: postBy(postOne),
    resolveAndCommit: postBy(postAndCommit),
    success: {
      description: 'It is in the ledger.',
      interfaces: [StockSuccess, ...(answer ? [answer.interface] : [])] as InterfaceRef<
        Types,
        Posted & R
      >[],
    },
  });
}
