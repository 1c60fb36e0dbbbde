import type { Dialect } from '../database/dialect.ts';
import { PARENT } from '../database/page-shape.ts';
import { Statement } from '../database/statement.ts';

/** What an item has; in its smallest unit. */
export interface Balance {
  readonly onHand: number;
  readonly reserved: number;
}

type OfItem<R> = R & { readonly [PARENT]: number };

/** A location and all that lie below it today: `$3` is the location. */
const BELOW = `with recursive below(id) as (
    select cast($3 as bigint) union all
    select l.id from locations l join below on l.parent_id = below.id)`;

/** The levels of the items in `$2`, in real places: the outside worlds are never counted. */
const levelsOf = (dialect: Dialect, anywhere: boolean): string =>
  `from stock_levels v
    where ${dialect.owned('v')} and ${dialect.isIn('v.item_id', '$2')} and not v.outside
      ${anywhere ? '' : 'and v.location_id in (select id from below)'}
    group by v.item_id`;

const balanceNow = (anywhere: boolean) =>
  new Statement<OfItem<Balance>>(
    (dialect) => `${anywhere ? '' : BELOW} select v.item_id as "${PARENT}",
        cast(sum(v.on_hand) as bigint) as "onHand", cast(sum(v.reserved) as bigint) as "reserved"
      ${levelsOf(dialect, anywhere)}`,
  );

/**
 * What each item had after a movement, the last parameter. Every level's balance then is what the
 * newer of two lines states, the last one into it and the last one out of it: an index look-up each.
 */
const balanceAfter = (anywhere: boolean) => {
  const bound = anywhere ? '$3' : '$4';
  const last = (end: 'from' | 'to') => `select l.movement_id, l.position, l.${end}_after as after
    from movement_lines l where l.item_id = v.item_id and l.${end}_location_id = v.location_id
      and l.lot_key = v.lot_key and l.movement_id <= ${bound}
    order by l.movement_id desc, l.position desc limit 1`;
  const newest = `select after from (select * from (${last('from')}) o union all
      select * from (${last('to')}) i) b order by movement_id desc, position desc limit 1`;
  return new Statement<OfItem<Pick<Balance, 'onHand'>>>(
    (dialect) => `${anywhere ? '' : BELOW} select v.item_id as "${PARENT}",
        cast(sum(coalesce((${newest}), 0)) as bigint) as "onHand"
      ${levelsOf(dialect, anywhere)}`,
  );
};

/** Of the items in `$2`, everywhere. */
export const BALANCE = balanceNow(true);
/** Of the items in `$2`, at the location `$3` and below it. */
export const BALANCE_AT = balanceNow(false);
/** Of the items in `$2`, everywhere, after the movement `$3`. */
export const BALANCE_AFTER = balanceAfter(true);
/** Of the items in `$2`, at the location `$3` and below it, after the movement `$4`. */
export const BALANCE_AT_AFTER = balanceAfter(false);

/** Where some moment lies in the ledger. */
export interface LedgerMoment {
  readonly headSeq: number;
  /** The last movement until then; 0 when there is none. */
  readonly movement: number;
}

const momentWhere = (condition: (dialect: Dialect) => string, order: string) =>
  new Statement<OfItem<LedgerMoment>>(
    (dialect) => `select p.value as "${PARENT}",
        (select h.seq from journal_heads h where h.organization_id = $1) as "headSeq",
        coalesce((select m.id from movements m where m.organization_id = $1
          and ${condition(dialect)} order by ${order} desc limit 1), 0) as "movement"
      from ${dialect.listed('$2')} p`,
  );

/** For each place in the journal in `$2`. */
export const MOMENT_OF_SEQ = momentWhere(() => 'm.seq <= p.value', 'm.seq');
/** For the time `$3`. */
export const MOMENT_OF_TIME = momentWhere(
  (dialect) => `m.recorded_at <= ${dialect.time('$3')}`,
  'm.recorded_at desc, m.id',
);
