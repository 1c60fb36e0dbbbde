import type { EntityManager } from '../database/entity-manager.ts';
import type { Row } from '../database/rows.ts';
import { madeOnce, tableOf } from '../database/rows.ts';
import { JsonRows, run, Statement } from '../database/statement.ts';
import { StockLevel } from './stock-level.entity.ts';

/** Names a level: what of, and where. */
export interface LevelPlace {
  readonly item: number;
  readonly location: number;
  readonly lot: number | null;
  readonly outside: boolean;
}

/** A level that this transaction has locked, and may change in memory until it is written. */
export type LockedLevel = { -readonly [K in keyof Row<StockLevel>]: Row<StockLevel>[K] };

/** The levels that this transaction has locked, by `levelKey`. */
export type LockedLevels = ReadonlyMap<string, LockedLevel>;

/** The locked level of a place. */
export function levelOf(levels: LockedLevels, place: LevelPlace): LockedLevel {
  const level = levels.get(levelKey(place));
  if (!level) throw new Error(`The level ${levelKey(place)} was not locked`);
  return level;
}

/** Tells levels apart; equal for equal places. */
export function levelKey({ item, location, lot }: Omit<LevelPlace, 'outside'>): string {
  return `${item}:${location}:${lot ?? 0}`;
}

const FIELDS = {
  item: 'bigint',
  location: 'bigint',
  lot: 'bigint',
  lotKey: 'bigint',
  outside: 'boolean',
} as const;

const CREATE_MISSING = new Statement<never>(
  (dialect) => `insert into stock_levels (organization_id, item_id, location_id, lot_id, lot_key,
      outside, on_hand, reserved, updated_at)
    select cast($1 as bigint), item, location, lot, "lotKey", outside, 0, 0, ${dialect.time('$3')}
    from ${dialect.jsonRows('$2', FIELDS)} j
    where not exists (select 1 from stock_levels v where v.organization_id = $1
      and v.item_id = j.item and v.location_id = j.location and v.lot_key = j."lotKey")
    order by item, location, "lotKey"
    on conflict (organization_id, item_id, location_id, lot_key) do nothing`,
);

const UPDATE = new Statement<never>(
  (
    dialect,
  ) => `update stock_levels as v set on_hand = j."onHand", updated_at = ${dialect.time('$3')}
    from ${dialect.jsonRows('$2', { id: 'bigint', onHand: 'bigint' })} j
    where v.id = j.id and ${dialect.owned('v')}`,
);

/**
 * Locks levels, those that do not exist yet included, in one fixed order, so that no two writers ever
 * wait for each other in a circle. Missing levels are made before any lock is taken: whoever needs a
 * level that another writer is just making waits with empty hands.
 */
export async function lockLevels(
  em: EntityManager,
  organizationId: number,
  places: Iterable<LevelPlace>,
): Promise<Map<string, LockedLevel>> {
  const wanted = new Map<string, LevelPlace & { lotKey: number }>();
  for (const place of places) wanted.set(levelKey(place), { ...place, lotKey: place.lot ?? 0 });
  const rows = new JsonRows([...wanted.values()]);
  await run(em, organizationId, CREATE_MISSING, [rows, new Date()]);
  const locked = await run(em, organizationId, lockStatement(em), [rows]);
  return new Map(locked.map((level) => [levelKey(level), level]));
}

const lockStatement = madeOnce((em): Statement<LockedLevel> => {
  const table = tableOf(em, StockLevel);
  return new Statement<LockedLevel>(
    (dialect) => `select ${table.columns('v')}
      from ${dialect.jsonRows('$2', FIELDS)} j ${dialect.orderedJoin} stock_levels v
        on v.organization_id = $1 and v.item_id = j.item and v.location_id = j.location
        and v.lot_key = j."lotKey"
      order by v.item_id, v.location_id, v.lot_key ${dialect.forUpdate('v')}`,
    table.decode,
  );
});

/** Writes what is on hand at locked levels. */
export async function writeLevels(
  em: EntityManager,
  organizationId: number,
  levels: Iterable<LockedLevel>,
  at: Date,
): Promise<void> {
  const rows = [...levels].map(({ id, onHand }) => ({ id, onHand }));
  await run(em, organizationId, UPDATE, [new JsonRows(rows), at]);
}
