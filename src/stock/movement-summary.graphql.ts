import { badRequest } from '../graphql/bad-request.ts';
import { builder } from '../graphql/builder.ts';
import { costs } from '../graphql/declared-cost.ts';
import { conditionOf, whereArgument } from '../graphql/where.ts';
import { MovementLine } from './movement.entity.ts';
import { MovementKindType } from './movement.graphql.ts';
import {
  type MovementGroup,
  type MovementSummary,
  summarizeMovements,
} from './movement-summary.ts';
import {
  bounded,
  checkGroups,
  groupItem,
  groupLocation,
  ORDER,
  quantity,
} from './summary.graphql.ts';
import { timeZoneNamed, UTC } from './time-zone.ts';

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

const MovementSummaryType = builder.objectRef<MovementSummary>('MovementSummary').implement({
  description: 'What moved of one group. A reversal counts like any other movement.',
  fields: (t) => ({
    item: groupItem(t),
    location: groupLocation(t),
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

/** Whatever a summary answers, it reads all that it adds up. */
const ALL_LINES = costs({ adds: 2000 });

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

function knownZone(name: string): string {
  const zone = timeZoneNamed(name);
  if (zone) return zone;
  throw badRequest(
    '`timeZone` is not the name of a time zone: expected one of the IANA, such as "Europe/Berlin".',
  );
}
