import { Item } from '../catalog/item.entity.ts';
import type { Context } from '../context.ts';
import { foldKey } from '../database/key.ts';
import { formatUnits } from '../database/quantity.ts';
import { badRequest } from '../graphql/bad-request.ts';
import { builder } from '../graphql/builder.ts';
import { entityField } from '../graphql/entity-type.ts';
import { type Comparison, quantityFilter, writeQuantities } from '../graphql/filters.ts';
import { mark } from '../graphql/marks.ts';
import type { RowsOf, WhereField, WhereWriter } from '../graphql/where.ts';
import { filters } from '../graphql/where-fields.ts';
import { Location } from '../locations/location.entity.ts';
import { LocationBy, locationReference } from '../locations/location.graphql.ts';
import {
  BALANCE,
  BALANCE_AFTER,
  BALANCE_AT,
  BALANCE_AT_AFTER,
  type Balance,
  type LedgerMoment,
  MOMENT_OF_SEQ,
  MOMENT_OF_TIME,
} from './balance.ts';

const AsOf = builder.inputType('AsOf', {
  description: 'A moment of the past, in one of these ways.',
  isOneOf: true,
  fields: (t) => ({
    seq: t.field({ type: 'SafeInt', description: 'Right after this place in the journal.' }),
    recordedAt: t.field({
      type: 'DateTime',
      description: "At this time by the server's clock; when something happened does not count.",
    }),
  }),
});

type At = typeof LocationBy.$inferInput | null | undefined;
type Moment = typeof AsOf.$inferInput;

const AT = 'Only at this location and those that lie below it today.';
const sum = mark({ kind: 'sum', entity: 'StockLevel', needs: ['decimals'] });

entityField(Item, 'onHand', (t) =>
  t.field({
    type: 'Decimal',
    description: 'What is physically there, in real places.',
    args: {
      at: t.arg({ type: LocationBy, description: AT }),
      asOf: t.arg({ type: AsOf, description: 'As it was then; as it is now unless said.' }),
    },
    ...sum,
    resolve: async (item, { at, asOf }, context) => {
      const onHand = asOf
        ? await onHandAfter(context, item.id, at, asOf)
        : (await balanceNow(context, item.id, at)).onHand;
      return formatUnits(onHand, item.decimals);
    },
  }),
);

entityField(Item, 'reserved', (t) =>
  t.field({
    type: 'Decimal',
    description: 'What of it is held for somebody.',
    args: { at: t.arg({ type: LocationBy, description: AT }) },
    ...sum,
    resolve: async (item, { at }, context) =>
      formatUnits((await balanceNow(context, item.id, at)).reserved, item.decimals),
  }),
);

entityField(Item, 'available', (t) =>
  t.field({
    type: 'Decimal',
    description: 'What can be taken: on hand less reserved.',
    args: { at: t.arg({ type: LocationBy, description: AT }) },
    ...sum,
    resolve: async (item, { at }, context) => {
      const { onHand, reserved } = await balanceNow(context, item.id, at);
      return formatUnits(onHand - reserved, item.decimals);
    },
  }),
);

const NOTHING: Balance = { onHand: 0, reserved: 0 };

async function balanceNow(context: Context, item: number, at: At): Promise<Balance> {
  const { loaders } = context;
  const place = await placeOf(context, at);
  const found = place
    ? await loaders.derived(BALANCE_AT, [place], item)
    : await loaders.derived(BALANCE, [], item);
  return found ?? NOTHING;
}

async function onHandAfter(context: Context, item: number, at: At, asOf: Moment): Promise<number> {
  const { loaders } = context;
  const place = await placeOf(context, at);
  const { movement } = await momentOf(context, asOf);
  const found = place
    ? await loaders.derived(BALANCE_AT_AFTER, [place, movement], item)
    : await loaders.derived(BALANCE_AFTER, [movement], item);
  return found?.onHand ?? 0;
}

/** The key of the location that a field is asked for; null for everywhere. */
async function placeOf({ loaders }: Context, at: At): Promise<number | null> {
  if (!at) return null;
  const reference = locationReference(at);
  const location =
    'id' in reference
      ? await loaders.row(Location, reference.id)
      : await loaders.rowBy(Location, 'codeKey', foldKey(reference.code));
  if (!location) throw badRequest('`at` names a location that does not exist.');
  return location.id;
}

/** @throws GraphQLError with the code BAD_REQUEST for a moment beyond the journal. */
async function momentOf({ loaders }: Context, asOf: Moment): Promise<LedgerMoment> {
  if (typeof asOf.seq === 'number') {
    const found = await loaders.derived(MOMENT_OF_SEQ, [], asOf.seq);
    if (!found || asOf.seq < 0 || asOf.seq > found.headSeq) {
      throw badRequest(`\`asOf.seq\` must be from 0 to ${found?.headSeq ?? 0}, got ${asOf.seq}.`);
    }
    return found;
  }
  const time = asOf.recordedAt as Date;
  if (time.getTime() > Date.now()) throw badRequest('`asOf.recordedAt` is in the future.');
  const found = await loaders.derived(MOMENT_OF_TIME, [time], 1);
  if (!found) throw new Error('An organization without its journal');
  return found;
}

/** What an item has in real places, as SQL; of no matter which lot. */
const sumOf =
  (units: string) =>
  ({ alias }: RowsOf, { dialect }: WhereWriter): string =>
    `coalesce((select cast(sum(${units}) as bigint) from stock_levels v
      where v.item_id = ${alias}.id and ${dialect.owned('v')} and not v.outside), 0)`;

const available = sumOf('v.on_hand - v.reserved');

const quantity = (
  description: string,
  units: (of: RowsOf, writer: WhereWriter) => string,
): WhereField => ({
  ...{ description, type: quantityFilter, indexed: null },
  write: (given: Comparison, of, writer) =>
    writeQuantities(given, { units: units(of, writer), decimals: `${of.alias}.decimals` }, writer),
});

filters(Item, () => ({
  onHand: quantity('What is physically there, in real places.', sumOf('v.on_hand')),
  reserved: quantity('What of it is held for somebody.', sumOf('v.reserved')),
  available: quantity('What can be taken: on hand less reserved.', available),
  belowReorderPoint: {
    type: () => 'Boolean',
    description: 'Whether less is available than its reorder point; false where it has none.',
    indexed: null,
    write: (wanted: boolean, of, writer) => {
      const point = `${of.alias}.${of.table.column('reorderPoint')}`;
      const isBelow = `(${point} is not null and ${available(of, writer)} < ${point})`;
      return wanted ? isBelow : `not ${isBelow}`;
    },
  },
}));
