import type { EntityManager } from '../database/entity-manager.ts';
import type { Row } from '../database/rows.ts';
import { run, Statement } from '../database/statement.ts';
import { JsonRows } from '../database/statement-values.ts';
import type { StockLevel } from './stock-level.entity.ts';

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

/** The locked levels of the real places among some, each once, in their order. */
export function realLevels(places: readonly LevelPlace[], levels: LockedLevels): LockedLevel[] {
  const real = places.filter(({ outside }) => !outside);
  return [...new Map(real.map((place) => [levelKey(place), place])).values()].map((place) =>
    levelOf(levels, place),
  );
}

/** A level that does not exist yet has no id. */
const NO_ID = 0;

/** A level that does not exist yet, with nothing on hand. It is made when it is written. */
export function newLevel(organization: number, place: LevelPlace): LockedLevel {
  const { lot } = place;
  const nothing = { onHand: 0, reserved: 0, updatedAt: new Date(0) };
  return { id: NO_ID, organization, ...place, lotKey: lot ?? 0, ...nothing };
}

const UPDATE = new Statement<never>(
  (dialect) => `update stock_levels as v
    set on_hand = j."onHand", reserved = j.reserved, updated_at = ${dialect.time('$3')}
    from ${dialect.jsonRows('$2', { id: 'bigint', onHand: 'bigint', reserved: 'bigint' })} j
    where v.id = j.id and ${dialect.owned('v')}`,
);

/** For SQLite, which gives an id to a row whose id is null: elsewhere no level is missing by now. */
const MAKE_OR_UPDATE = new Statement<Pick<LockedLevel, 'id' | 'item' | 'location' | 'lot'>>(
  (dialect) => {
    const rows = dialect.jsonRows('$2', {
      id: 'bigint',
      item: 'bigint',
      location: 'bigint',
      lot: 'bigint',
      lotKey: 'bigint',
      outside: 'boolean',
      onHand: 'bigint',
      reserved: 'bigint',
    });
    return `insert into stock_levels (id, organization_id, item_id, location_id, lot_id, lot_key,
        outside, on_hand, reserved, updated_at)
      select id, cast($1 as bigint), item, location, lot, "lotKey", outside, "onHand", reserved,
        ${dialect.time('$3')}
      from ${rows} j where true order by item, location, "lotKey"
      on conflict (organization_id, item_id, location_id, lot_key) do update
        set on_hand = excluded.on_hand, reserved = excluded.reserved, updated_at = excluded.updated_at
      returning id as "id", item_id as "item", location_id as "location", lot_id as "lot"`;
  },
);

/** Writes what locked levels have, and makes those that do not exist yet. */
export async function writeLevels(
  em: EntityManager,
  organizationId: number,
  levels: readonly LockedLevel[],
  at: Date,
): Promise<void> {
  if (levels.length === 0) return;
  if (levels.every(({ id }) => id !== NO_ID)) {
    const rows = levels.map(({ id, onHand, reserved }) => ({ id, onHand, reserved }));
    await run(em, organizationId, UPDATE, [new JsonRows(rows), at]);
  } else {
    const rows = levels.map((level) => ({ ...level, id: level.id || null }));
    const written = await run(em, organizationId, MAKE_OR_UPDATE, [new JsonRows(rows), at]);
    const ids = new Map(written.map((level) => [levelKey(level), level.id]));
    for (const level of levels) level.id = ids.get(levelKey(level)) as number;
  }
  for (const level of levels) level.updatedAt = at;
}
