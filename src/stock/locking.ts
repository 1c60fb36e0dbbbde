import type { EntityManager } from '../database/entity-manager.ts';
import { madeOnce, tableOf } from '../database/rows.ts';
import { run, Statement } from '../database/statement.ts';
import { JsonRows } from '../database/statement-values.ts';
import { Outdated } from '../database/transaction.ts';
import { type JournalPlaces, takePlaces } from '../journal/journal.service.ts';
import {
  endHolds,
  endReservations,
  findHolds,
  type Hold,
  type HoldChange,
  placeOfHold,
  writeHolds,
} from './holds.ts';
import {
  type LevelPlace,
  type LockedLevel,
  type LockedLevels,
  levelKey,
  newLevel,
  writeLevels,
} from './level.service.ts';
import { StockLevel } from './stock-level.entity.ts';

const FIELDS = {
  item: 'bigint',
  location: 'bigint',
  lot: 'bigint',
  lotKey: 'bigint',
  outside: 'boolean',
} as const;

/** Stock as a transaction has locked it. */
export interface LockedStock {
  readonly levels: LockedLevels;
  /** Holds that were due, and end with this transaction: the levels are without them already. */
  readonly expired: readonly HoldChange[];
}

/**
 * Locks levels, those that do not exist yet included, in one fixed order, so that no two writers ever
 * wait for each other in a circle. On PostgreSQL missing levels are made before any lock is taken:
 * whoever needs a level that another writer is just making waits with empty hands. On SQLite nobody
 * can come between, and they are made when they are written.
 *
 * Reservations that hold something of the levels and are due end here, on all the levels that they
 * hold: these are locked too. Whoever changes a reservation has locked its levels, so that what is
 * read of it after the lock stays so.
 */
export async function lockStock(
  em: EntityManager,
  organizationId: number,
  places: Iterable<LevelPlace>,
): Promise<LockedStock> {
  const wanted = new Map<string, LevelPlace>();
  for (const place of places) wanted.set(levelKey(place), place);
  const now = new Date();
  const due = await run(em, organizationId, DUE, [rowsOf(wanted.values()), now]);
  for (const hold of due) wanted.set(levelKey(hold), placeOfHold(hold));
  const rows = rowsOf(wanted.values());
  const locked = await run(em, organizationId, lockStatement(em), [rows]);
  const found = new Map(locked.map((level) => [levelKey(level), level]));
  const levels = new Map(
    [...wanted].map(([key, place]) => [key, found.get(key) ?? newLevel(organizationId, place)]),
  );
  if (due.length === 0) return { levels, expired: [] };
  const reservations = [...new Set(due.map(({ reservation }) => reservation))];
  const holds = await findHolds(em, organizationId, reservations);
  const expired = endReservations(
    holds.filter(({ expiresAt }) => expiresAt !== null && expiresAt <= now),
    'EXPIRED',
  );
  endHolds(expired, levels);
  return { levels, expired };
}

/** What reservations that are due hold of levels, there and elsewhere. */
const DUE = new Statement<Pick<Hold, 'reservation' | 'item' | 'location' | 'lot'>>((dialect) => {
  const wanted = dialect.jsonRows('$2', FIELDS);
  const missing = `insert into stock_levels (organization_id, item_id, location_id, lot_id, lot_key,
      outside, on_hand, reserved, updated_at)
    select cast($1 as bigint), item, location, lot, "lotKey", outside, 0, 0, ${dialect.time('$3')}
    from ${wanted} j
    where not exists (select 1 from stock_levels v where v.organization_id = $1
      and v.item_id = j.item and v.location_id = j.location and v.lot_key = j."lotKey")
    order by item, location, "lotKey"
    on conflict (organization_id, item_id, location_id, lot_key) do nothing`;
  return `${dialect.alsoWrite(missing)}
    select distinct h.reservation_id as "reservation", h.item_id as "item",
      h.location_id as "location", h.lot_id as "lot"
    from ${wanted} j
      ${dialect.orderedJoin} reservation_lines l on l.item_id = j.item
        and l.location_id = j.location and l.lot_key = j."lotKey" and l.held > 0
      ${dialect.orderedJoin} reservations r on r.id = l.reservation_id
        and r.expires_at <= ${dialect.time('$3')} and ${dialect.owned('r')}
      ${dialect.orderedJoin} reservation_lines h on h.reservation_id = r.id and h.held > 0`;
});

const rowsOf = (places: Iterable<LevelPlace>): JsonRows =>
  new JsonRows([...places].map((place) => ({ ...place, lotKey: place.lot ?? 0 })));

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

/** What is written besides the levels, and what it rests on. */
interface StockWrite {
  /** What became of reservations: each has an entry to be written, and these come first. */
  readonly ended: readonly HoldChange[];
  /** How many other entries follow. */
  readonly others: number;
  /** The newest archiving before names were read; unsaid where none were, as stock only goes out. */
  readonly archivedSeq?: number;
}

/**
 * Writes what a transaction made of the stock that it locked, and takes its places in the journal.
 * From here on, every other writer of the organization waits for the commit.
 * @throws Outdated, which has the work done again, when an item or a place of a level was archived
 *   meanwhile.
 */
export async function writeStock(
  em: EntityManager,
  organizationId: number,
  { levels }: LockedStock,
  { ended, others, archivedSeq }: StockWrite,
): Promise<JournalPlaces> {
  const journal = await takePlaces(em, organizationId, ended.length + others);
  // On SQLite nobody can come between.
  if (archivedSeq !== undefined && archivedSeq !== journal.archivedSeq) {
    await refuseArchived(em, organizationId, levels);
  }
  await writeLevels(em, organizationId, [...levels.values()], journal.recordedAt);
  await writeHolds(em, organizationId, ended, journal.recordedAt);
  return journal;
}

const FIND_ARCHIVED = new Statement<{ id: number }>(
  (dialect) => `select x.id as "id" from items x
      where ${dialect.owned('x')} and ${dialect.isIn('x.id', '$2')} and x.archived_at is not null
    union all select x.id from locations x
      where ${dialect.owned('x')} and ${dialect.isIn('x.id', '$3')} and x.archived_at is not null`,
);

/** While this transaction has its places in the journal nothing is archived: what is not, stays so. */
async function refuseArchived(
  em: EntityManager,
  organizationId: number,
  levels: LockedLevels,
): Promise<void> {
  const all = [...levels.values()];
  const items = [...new Set(all.map(({ item }) => item))];
  const places = [...new Set(all.map(({ location }) => location))];
  const archived = await run(em, organizationId, FIND_ARCHIVED, [items, places]);
  if (archived.length > 0) throw new Outdated();
}
