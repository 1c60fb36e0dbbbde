import { Category } from '../catalog/category.entity.ts';
import { builder } from '../graphql/builder.ts';
import { costs } from '../graphql/declared-cost.ts';
import { typeOf } from '../graphql/entity-types.ts';
import { conditionOf, whereArgument } from '../graphql/where.ts';
import { LotType } from './level.graphql.ts';
import { Lot } from './lot.entity.ts';
import { StockLevel } from './stock-level.entity.ts';
import { type StockGroup, type StockSummary, summarizeStock } from './stock-summary.ts';
import {
  bounded,
  checkGroups,
  groupItem,
  groupLocation,
  keyRow,
  ORDER,
  quantity,
} from './summary.graphql.ts';

const StockGroupType = builder.enumType('StockGroup', {
  description: 'What stock can be grouped by.',
  values: {
    ITEM: { description: 'By item. Only then are there quantities: units are never mixed.' },
    CATEGORY: { description: 'By the category that items are in, not those above it.' },
    LOCATION: { description: 'By the location that stock is right at, not those above it.' },
    LOT: { description: 'By lot; stock without one is a group of its own.' },
  } satisfies Record<StockGroup, object>,
});

const StockSummaryType = builder.objectRef<StockSummary>('StockSummary').implement({
  description: 'What there is of one group, in real places: the outside worlds are never counted.',
  fields: (t) => ({
    item: groupItem(t),
    category: t.field({
      type: typeOf(Category),
      nullable: true,
      description:
        'The category of the group; null for items that are in none, and unless grouped by CATEGORY.',
      resolve: ({ category }, _arguments, context) => keyRow(context, Category, category),
    }),
    location: groupLocation(t),
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

/** Whatever a summary answers, it reads all that it adds up. */
const ALL_LEVELS = costs({ adds: 500 });

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
