import type { Condition } from '../database/condition.ts';
import type { Dialect } from '../database/dialect.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { once } from '../database/kept-statements.ts';
import { runAside } from '../database/snapshot.ts';
import { run, Statement } from '../database/statement.ts';
import { JsonRows } from '../database/statement-values.ts';
import { OUTSIDE_WORLDS } from '../locations/location.entity.ts';
import type { MOVEMENT_KINDS } from './movement.entity.ts';
import { type GroupKey, summarySql, summedUp, sumOf } from './summary.ts';
import { ALWAYS_UTC, offsetsBetween, UTC } from './time-zone.ts';

/** What movements can be grouped by. */
export type MovementGroup = 'ITEM' | 'LOCATION' | 'KIND' | 'DAY' | 'MONTH';

/** What moved of one group. A key is undefined where the groups are not told apart by it. */
export interface MovementSummary {
  readonly item?: number;
  readonly location?: number;
  readonly kind?: (typeof MOVEMENT_KINDS)[number];
  /** The day in the time zone that was asked for, such as `2026-11-22`. */
  readonly day?: string;
  /** The first day of the month. */
  readonly month?: string;
  readonly movements: number;
  readonly lines: number;
  readonly items: number;
  /** In the item's smallest unit, as text; only where each group is of one item. */
  readonly moved?: string;
  readonly quantityIn?: string;
  readonly quantityOut?: string;
  readonly decimals?: number;
}

/** How movements are to be grouped. */
export interface MovementGrouping {
  readonly groupBy: readonly MovementGroup[];
  /** The time zone of days and months, by the name that `timeZoneNamed` gave. */
  readonly timeZone: string;
  /** Which lines of the alias `l` count; all unless said. */
  readonly where?: Condition | undefined;
}

/**
 * Adds movement lines up by groups. Grouped by location, each line counts twice: as out of `from` and
 * as into `to`. Otherwise it counts as in when it comes from an outside world, and as out when it goes
 * to one, as in the balance of an item.
 */
export async function summarizeMovements(
  em: EntityManager,
  organizationId: number,
  { groupBy, timeZone, where }: MovementGrouping,
): Promise<MovementSummary[]> {
  const isTimed = groupBy.includes('DAY') || groupBy.includes('MONTH');
  const offsets =
    isTimed && timeZone !== UTC ? await offsetsOf(em, organizationId, timeZone) : ALWAYS_UTC;
  const key = ['movement summary', groupBy.join(), where?.text ?? ''];
  const statement = once(key, () => statementFor(groupBy, where), where !== undefined);
  return runAside(em, organizationId, statement, [new JsonRows(offsets), ...(where?.values ?? [])]);
}

const SPAN = new Statement<{ readonly first: number | null; readonly last: number | null }>(
  (dialect) => {
    const end = (order: 'asc' | 'desc') => `(select ${dialect.milliseconds('m.occurred_at')}
      from movements m where m.organization_id = $1 order by m.occurred_at ${order} limit 1)`;
    return `select ${end('asc')} as first, ${end('desc')} as last`;
  },
);

/** The offsets of a zone, as far as there are movements. */
async function offsetsOf(em: EntityManager, organizationId: number, timeZone: string) {
  const [span] = await run(em, organizationId, SPAN);
  const now = Date.now();
  return offsetsBetween(timeZone, span?.first ?? now, span?.last ?? now);
}

/** The offsets in `$2`, read once: they would be parsed anew for every movement. */
const zone = (dialect: Dialect): string => `zone as materialized (select * from
  ${dialect.jsonRows('$2', { from: 'timestamptz', until: 'timestamptz', seconds: 'bigint' })} j)`;

const OUTSIDE = `outside_worlds as materialized (select id from locations
  where organization_id = $1 and kind in (${OUTSIDE_WORLDS.map((kind) => `'${kind}'`).join()}))`;

/** Either end of a line. */
const ENDS = 'cross join (select 1 as incoming union all select 0 as incoming) e';

const DURING_OFFSET = `join zone z on (z."from" is null or m.occurred_at >= z."from")
  and (z."until" is null or m.occurred_at < z."until")`;

function statementFor(
  groupBy: readonly MovementGroup[],
  where: Condition | undefined,
): Statement<MovementSummary> {
  const has = (...groups: MovementGroup[]) => groups.some((group) => groupBy.includes(group));
  const flow = has('LOCATION') ? AT_LOCATION : THROUGH_ORGANIZATION;
  const sums = [
    sumOf('l.quantity', 'moved'),
    sumOf(`case when ${flow.isIn} then l.quantity else 0 end`, 'quantityIn'),
    sumOf(`case when ${flow.isOut} then l.quantity else 0 end`, 'quantityOut'),
  ];
  return new Statement<MovementSummary>((dialect) =>
    summarySql(dialect, {
      given: `${zone(dialect)}, ${OUTSIDE},`,
      keys: groupBy.map((group) => keyOf(dialect, group)),
      figures: [
        'count(*) as lines',
        'count(distinct l.movement_id) as movements',
        'count(distinct l.item_id) as items',
        ...(has('ITEM') ? sums : []),
      ],
      from: `movement_lines l
        ${has('KIND', 'DAY', 'MONTH') ? `join movements m on m.id = l.movement_id and ${dialect.owned('m')}` : ''}
        ${has('DAY', 'MONTH') ? DURING_OFFSET : ''}
        ${has('LOCATION') ? ENDS : ''}
        where ${summedUp(dialect, 'l', { where, first: 3 })}`,
    }),
  );
}

function keyOf(dialect: Dialect, group: MovementGroup): GroupKey {
  switch (group) {
    case 'ITEM':
      return { name: 'item', sql: 'l.item_id' };
    case 'LOCATION': {
      const sql = 'case e.incoming when 1 then l.to_location_id else l.from_location_id end';
      return { name: 'location', sql };
    }
    case 'KIND':
      return { name: 'kind', sql: 'm.kind' };
    case 'DAY':
      return { name: 'day', sql: dialect.localDate('day', 'm.occurred_at', 'z.seconds') };
    case 'MONTH':
      return { name: 'month', sql: dialect.localDate('month', 'm.occurred_at', 'z.seconds') };
  }
}

/** When a line is one into a group, and when out of it. */
interface Flow {
  readonly isIn: string;
  readonly isOut: string;
}

const AT_LOCATION: Flow = { isIn: 'e.incoming = 1', isOut: 'e.incoming = 0' };

const isOutside = (end: 'from' | 'to', not = '') =>
  `l.${end}_location_id ${not} in (select id from outside_worlds)`;

const THROUGH_ORGANIZATION: Flow = {
  isIn: `${isOutside('from')} and ${isOutside('to', 'not')}`,
  isOut: `${isOutside('to')} and ${isOutside('from', 'not')}`,
};
