import type { EntityClass } from '@mikro-orm/core';
import { Category } from '../catalog/category.entity.ts';
import { Item } from '../catalog/item.entity.ts';
import { ItemType } from '../catalog/item.graphql.ts';
import type { Context } from '../context.ts';
import { formatUnits } from '../database/quantity.ts';
import { badRequest } from '../graphql/bad-request.ts';
import { builder } from '../graphql/builder.ts';
import { costs } from '../graphql/declared-cost.ts';
import { typeOf } from '../graphql/entity-type.ts';
import { conditionOf, whereArgument } from '../graphql/where.ts';
import { Location } from '../locations/location.entity.ts';
import { LocationType } from '../locations/location.graphql.ts';
import { LotType } from './level.graphql.ts';
import { Lot } from './lot.entity.ts';
import { MovementLine } from './movement.entity.ts';
import { MovementKindType } from './movement.graphql.ts';
import {
  type MovementGroup,
  type MovementSummary,
  summarizeMovements,
} from './movement-summary.ts';
import { StockLevel } from './stock-level.entity.ts';
import { type StockGroup, type StockSummary, summarizeStock } from './stock-summary.ts';
import { MOST_GROUPS } from './summary.ts';
import { timeZoneNamed, UTC } from './time-zone.ts';

const StockGroupType = builder.enumType('StockGroup', {
  description: 'What stock can be grouped by.',
  values: {
    ITEM: { description: 'By item. Only then are there quantities: units are never mixed.' },
    CATEGORY: { description: 'By the category that items are in, not those above it.' },
    LOCATION: { description: 'By the location that stock is right at, not those above it.' },
    LOT: { description: 'By lot; stock without one is a group of its own.' },
  } satisfies Record<StockGroup, object>,
});

const MovementGroupType = builder.enumType('MovementGroup', {
  description: 'What movements can be grouped by.',
  values: {
    ITEM: { description: 'By item. Only then are there quantities: units are never mixed.' },
    LOCATION: {
      description:
        'By location, the outside worlds included. Each line counts twice: as out of its `from`, and ' +
        'as into its `to`.',
    },
    KIND: { description: 'By what happened.' },
    DAY: { description: 'By the day of `occurredAt` in the time zone.' },
    MONTH: { description: 'By the month of `occurredAt` in the time zone.' },
  } satisfies Record<MovementGroup, object>,
});

const StockSummaryType = builder.objectRef<StockSummary>('StockSummary').implement({
  description: 'What there is of one group, in real places: the outside worlds are never counted.',
  fields: (t) => ({
    item: t.field({
      type: ItemType,
      nullable: true,
      description: 'The item of the group; null unless grouped by ITEM.',
      resolve: ({ item }, _arguments, context) => keyRow(context, Item, item),
    }),
    category: t.field({
      type: typeOf(Category),
      nullable: true,
      description:
        'The category of the group; null for items that are in none, and unless grouped by CATEGORY.',
      resolve: ({ category }, _arguments, context) => keyRow(context, Category, category),
    }),
    location: t.field({
      type: LocationType,
      nullable: true,
      description: 'The location of the group; null unless grouped by LOCATION.',
      resolve: ({ location }, _arguments, context) => keyRow(context, Location, location),
    }),
    lot: t.field({
      type: LotType,
      nullable: true,
      description: 'The lot of the group; null for stock without one, and unless grouped by LOT.',
      resolve: ({ lot }, _arguments, context) => keyRow(context, Lot, lot),
    }),
    onHand: t.field({
      type: 'Decimal',
      nullable: true,
      description:
        'What is physically there, in the unit of the item; null unless grouped by ITEM.',
      resolve: (group) => quantity(group, group.onHand),
    }),
    reserved: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'What of it is held for somebody; null unless grouped by ITEM.',
      resolve: (group) => quantity(group, group.reserved),
    }),
    available: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'What can be taken: on hand less reserved; null unless grouped by ITEM.',
      resolve: (group) => quantity(group, group.onHand, group.reserved),
    }),
    levels: t.exposeInt('levels', {
      description: 'How many stock levels were added up, those with nothing on hand included.',
    }),
    items: t.exposeInt('items', { description: 'How many items these levels are of.' }),
    itemsInStock: t.exposeInt('itemsInStock', {
      description: 'How many of these items have something on hand in the group.',
    }),
  }),
});

const MovementSummaryType = builder.objectRef<MovementSummary>('MovementSummary').implement({
  description: 'What moved of one group. A reversal counts like any other movement.',
  fields: (t) => ({
    item: t.field({
      type: ItemType,
      nullable: true,
      description: 'The item of the group; null unless grouped by ITEM.',
      resolve: ({ item }, _arguments, context) => keyRow(context, Item, item),
    }),
    location: t.field({
      type: LocationType,
      nullable: true,
      description: 'The location of the group; null unless grouped by LOCATION.',
      resolve: ({ location }, _arguments, context) => keyRow(context, Location, location),
    }),
    kind: t.field({
      type: MovementKindType,
      nullable: true,
      description: 'What happened; null unless grouped by KIND.',
      resolve: ({ kind }) => kind,
    }),
    day: t.field({
      type: 'Date',
      nullable: true,
      description: 'The day in the time zone; null unless grouped by DAY.',
      resolve: ({ day }) => day,
    }),
    month: t.field({
      type: 'Date',
      nullable: true,
      description: 'The first day of the month in the time zone; null unless grouped by MONTH.',
      resolve: ({ month }) => month,
    }),
    quantityIn: t.field({
      type: 'Decimal',
      nullable: true,
      description:
        'What came in, in the unit of the item: into the location where grouped by LOCATION, else from ' +
        'the outside worlds into real places. Null unless grouped by ITEM.',
      resolve: (group) => quantity(group, group.quantityIn),
    }),
    quantityOut: t.field({
      type: 'Decimal',
      nullable: true,
      description:
        'What went out: of the location where grouped by LOCATION, else from real places to the ' +
        'outside worlds. Null unless grouped by ITEM.',
      resolve: (group) => quantity(group, group.quantityOut),
    }),
    net: t.field({
      type: 'Decimal',
      nullable: true,
      description:
        'What came in less what went out: by how much `onHand` rose or, below zero, fell. Null unless ' +
        'grouped by ITEM.',
      resolve: (group) => quantity(group, group.quantityIn, group.quantityOut),
    }),
    moved: t.field({
      type: 'Decimal',
      nullable: true,
      description:
        'All that moved, whatever its direction: transfers between real places too, which are neither ' +
        'in nor out unless grouped by LOCATION. Null unless grouped by ITEM.',
      resolve: (group) => quantity(group, group.moved),
    }),
    movements: t.exposeInt('movements', { description: 'How many movements these lines are of.' }),
    lines: t.exposeInt('lines', { description: 'How many lines were added up.' }),
    items: t.exposeInt('items', { description: 'How many items moved.' }),
  }),
});

/** The row that a key of a group leads to. */
const keyRow = <E extends object>(
  { loaders }: Context,
  entity: EntityClass<E>,
  key: number | null | undefined,
) => (key ? loaders.row(entity, key) : null);

/** A quantity of a group's item, less another; null where the group is not of one item. */
function quantity(
  { decimals }: { readonly decimals?: number },
  units: string | undefined,
  less = '0',
): string | null {
  if (decimals === undefined || units === undefined) return null;
  return formatUnits(BigInt(units) - BigInt(less), decimals);
}

const ORDER = 'Ordered by the groups as they are given: by SKU, name, code or day, null last.';

/** Whatever a summary answers, it reads all that it adds up. */
const ALL_LEVELS = costs({ adds: 500 });
const ALL_LINES = costs({ adds: 2000 });

builder.queryField('stockSummary', (t) =>
  t.field({
    type: [StockSummaryType],
    ...ALL_LEVELS,
    description: `Stock levels added up by groups: one row for each group that has a level. ${ORDER}`,
    args: {
      where: t.arg({
        ...whereArgument(StockLevel),
        description: 'Which levels count; all unless said.',
      }),
      groupBy: t.arg({
        type: [StockGroupType],
        required: true,
        description: 'What rows are told apart by: one or more, each once.',
      }),
    },
    resolve: async (_root, { groupBy, where: given }, { em, viewer }) => {
      checkGroups(groupBy);
      const where = conditionOf(em, StockLevel, given, 'v');
      return bounded(await summarizeStock(em, viewer.organizationId, { groupBy, where }));
    },
  }),
);

builder.queryField('movementSummary', (t) =>
  t.field({
    type: [MovementSummaryType],
    ...ALL_LINES,
    description: `Movements added up by groups: one row for each group that has a line. ${ORDER}`,
    args: {
      where: t.arg({
        ...whereArgument(MovementLine),
        description: 'Which lines count; all unless said.',
      }),
      groupBy: t.arg({
        type: [MovementGroupType],
        required: true,
        description: 'What rows are told apart by: one or more, each once.',
      }),
      timeZone: t.arg.string({
        description:
          'The time zone of days and months, as the IANA names it, such as "Europe/Berlin"; "UTC" unless ' +
          'said. Known for the years 1900 to 2100; days before and after are those of UTC.',
      }),
    },
    resolve: async (_root, { groupBy, timeZone, where: given }, { em, viewer }) => {
      checkGroups(groupBy);
      const where = conditionOf(em, MovementLine, given, 'l');
      const grouping = { groupBy, where, timeZone: knownZone(timeZone ?? UTC) };
      return bounded(await summarizeMovements(em, viewer.organizationId, grouping));
    },
  }),
);

/** @throws GraphQLError with the code BAD_REQUEST for no group, or one that is there twice. */
function checkGroups(groupBy: readonly string[]): void {
  if (groupBy.length === 0) throw badRequest('`groupBy` must name at least one group.');
  const repeated = groupBy.find((group, index) => groupBy.indexOf(group) !== index);
  if (repeated) throw badRequest(`\`groupBy\` names ${repeated} more than once.`);
}

function knownZone(name: string): string {
  const zone = timeZoneNamed(name);
  if (zone) return zone;
  throw badRequest(
    '`timeZone` is not the name of a time zone: expected one of the IANA, such as "Europe/Berlin".',
  );
}

/** @throws GraphQLError with the code BAD_REQUEST for more rows than a summary may have. */
function bounded<R>(rows: readonly R[]): R[] {
  if (rows.length <= MOST_GROUPS) return [...rows];
  throw badRequest(
    `There are more than ${MOST_GROUPS} groups: ask for fewer with \`where\`, group by less, or by ` +
      'months instead of days.',
  );
}
