import type { Dialect } from '../database/dialect.ts';
import {
  amount,
  type Check,
  type PlacedFinding,
  placedCheck,
  placeOf,
  REAL,
} from './audit-check.ts';

interface Count extends PlacedFinding {
  readonly moved: number;
  readonly said: number;
}

/** What each count says that it found or missed, beside what its lines moved to or from real places. */
const counts = placedCheck<Count>(
  (dialect) => `with sides as (
      select movement_id, item_id, coalesce(lot_id, 0) as lot_key, difference as said, 0 as moved
      from count_lines where organization_id = $1
      union all select m.id, l.item_id, coalesce(l.lot_id, 0), 0,
        case when p.kind in ${REAL} then l.quantity else -l.quantity end
      from movements m ${dialect.orderedJoin} movement_lines l on l.movement_id = m.id
        ${dialect.orderedJoin} locations p on p.id = l.to_location_id
      where m.organization_id = $1 and m.kind = 'COUNT' and ${dialect.owned('l')}
    )
    select movement_id as "subject", item_id as "item", cast(null as bigint) as "location",
      lot_key as "lot", cast(sum(said) as bigint) as "said", cast(sum(moved) as bigint) as "moved"
    from sides group by movement_id, item_id, lot_key having sum(said) <> sum(moved)`,
  (found) => {
    const [expected, actual] = [amount(found.moved, found), amount(found.said, found)];
    const message = `Count ${found.subject} says ${actual} for ${placeOf(found)}, its lines moved ${expected}`;
    return { rule: 'COUNT_DIFFERENCE', message, subject: movementOf(found), expected, actual };
  },
);

interface Rest extends PlacedFinding {
  readonly rest: number;
}

const side = (
  end: 'from' | 'to',
  dialect: Dialect,
): string => `select r.id as reversal_id, l.item_id,
    coalesce(l.lot_id, 0) as lot_key, l.${end}_location_id as location_id,
    ${end === 'from' ? '-' : ''}l.quantity as delta
  from movements r ${dialect.orderedJoin} movement_lines l
    on l.movement_id in (r.id, r.reverses_id) and ${dialect.owned('l')}
  where r.organization_id = $1 and r.reverses_id is not null`;

/** A movement and the one that undoes it leave every level as it was. */
const reversals = placedCheck<Rest>(
  (dialect) => `select reversal_id as "subject", item_id as "item", location_id as "location",
      lot_key as "lot", cast(sum(delta) as bigint) as "rest"
    from (${side('from', dialect)} union all ${side('to', dialect)}) s
    group by reversal_id, item_id, location_id, lot_key having sum(delta) <> 0`,
  (found) => {
    const actual = amount(found.rest, found);
    const message = `Reversal ${found.subject} leaves ${actual} of ${placeOf(found)}`;
    const subject = movementOf(found);
    return { rule: 'REVERSAL_REST', message, subject, expected: '0', actual };
  },
);

const movementOf = ({ subject }: PlacedFinding) => ({ type: 'Movement', id: subject ?? 0 });

/** What counts and reversals say of their lines. */
export const KIND_CHECKS: readonly Check[] = [counts, reversals];
