import type { EntityManager } from '../database/entity-manager.ts';
import { toUnits } from '../database/quantity.ts';
import { run, Statement } from '../database/statement.ts';
import { Outdated } from '../database/transaction.ts';
import { InvalidInput } from '../errors.ts';
import { isOutside } from '../locations/location.entity.ts';
import type { Draft, DraftCount, DraftLine, Plan } from './draft.ts';
import { ADJUSTMENT_WORLD, between, isSerial, namedLot } from './draft-move.ts';
import type { Found } from './found.ts';
import { endReservations, findHoldsOf, type Hold, type HoldChange, placeOfHold } from './holds.ts';
import { type LevelPlace, type LockedLevels, levelKey, levelOf } from './level.service.ts';
import type { LockedStock } from './locking.ts';
import type { CountPosting } from './posting.ts';
import { CountConflict, type CountMismatch } from './stock.errors.ts';

/** What was counted of one item, before its level is locked. */
interface Counted {
  readonly level: LevelPlace;
  readonly world: LevelPlace;
  readonly counted: number;
  readonly expected: number | null;
  /** Whether the item's lots are serial numbers; of no matter where the count only takes away. */
  readonly serial: boolean;
  /** Index of its line in the input; null where the input does not list it. */
  readonly line: number | null;
}

const STOCKED_AT = new Statement<{ item: number; lot: number | null }>(
  (dialect) => `select item_id as "item", lot_id as "lot" from stock_levels v
    where ${dialect.owned('v')} and v.location_id = $2 and v.on_hand <> 0
    order by item_id, lot_key`,
);

/**
 * A count: the difference to what is on hand goes to the outside world of adjustments, or comes from
 * it. What is on hand is known when the levels are locked.
 * @throws NotFound, InvalidState and InvalidInput with the path of the line; the plan throws
 *   CountConflict with every line whose expectation does not hold.
 */
export async function draftCount(
  em: EntityManager,
  organizationId: number,
  posting: CountPosting,
  found: Found,
): Promise<Draft> {
  const { names } = found;
  const here = names.place(posting.location, ['input', 'location']);
  if (isOutside(here.kind)) {
    throw new InvalidInput('Only a real place is counted.', ['input', 'location']);
  }
  const world = names.place(ADJUSTMENT_WORLD, ['input', 'location']);
  const listed = posting.lines.map((_, index) => countedLine(posting, index, found));
  refuseDoubles(listed);
  const known = new Set(listed.map(({ level }) => levelKey(level)));
  const stocked =
    posting.unlisted === 'ZERO' ? await run(em, organizationId, STOCKED_AT, [here.id]) : [];
  const unlisted = stocked
    .map((found) => ({ ...found, location: here.id, outside: false }))
    .filter((level) => !known.has(levelKey(level)))
    .map((level): Counted => {
      const outside = { ...level, location: world.id, outside: true };
      return { level, world: outside, counted: 0, expected: null, serial: false, line: null };
    });
  const counted = [...listed, ...unlisted];
  const places = counted.flatMap((each) => [each.level, each.world]);
  if (posting.onReserved === 'REFUSE') {
    return { places, plan: ({ levels }) => planCount(counted, levels) };
  }
  const holdsOf = () =>
    findHoldsOf(
      em,
      organizationId,
      counted.map(({ level }) => level),
    );
  return {
    // Whichever reservations are released, the levels that they hold elsewhere are locked too.
    places: [...places, ...(await holdsOf()).map(placeOfHold)],
    plan: async (stock) => {
      const plan = planCount(counted, stock.levels);
      return { ...plan, holds: releaseNewest(counted, await holdsOf(), stock) };
    },
  };
}

/**
 * The newest reservations, as many as hold more of a level than was counted there.
 * @throws an error that has the work done again when one was made between the look and the lock.
 */
function releaseNewest(
  counted: readonly Counted[],
  newestFirst: readonly Hold[],
  { levels, expired }: LockedStock,
): HoldChange[] {
  const over = new Set(expired.map(({ reservation }) => reservation));
  const excess = new Map(
    counted.map((each) => {
      const { reserved } = levelOf(levels, each.level);
      return [levelKey(each.level), reserved - each.counted];
    }),
  );
  const excessOf = (hold: Hold) => excess.get(levelKey(hold)) ?? 0;
  const open = newestFirst.filter(({ reservation }) => !over.has(reservation));
  const released: Hold[] = [];
  for (const own of Map.groupBy(open, ({ reservation }) => reservation).values()) {
    if (!own.some((hold) => excessOf(hold) > 0)) continue;
    if (own.some((hold) => !levels.has(levelKey(hold)))) throw new Outdated();
    for (const hold of own) excess.set(levelKey(hold), excessOf(hold) - hold.held);
    released.push(...own);
  }
  return endReservations(released, 'RELEASED');
}

function countedLine(
  { lines, location }: CountPosting,
  index: number,
  { names, lots }: Found,
): Counted {
  const {
    item: by,
    lot: reference,
    counted,
    expected,
  } = lines[index] as CountPosting['lines'][number];
  const path = ['input', 'lines', String(index)];
  const item = names.item(by, [...path, 'item']);
  const units = toUnits(counted, item.decimals, [...path, 'counted']);
  if (units < 0) {
    throw new InvalidInput('counted must not be below 0.', [...path, 'counted']);
  }
  const lot = namedLot(item, reference, lots, path);
  return {
    serial: isSerial(item),
    level: names.level(item, names.place(location, ['input', 'location']), lot),
    world: names.level(item, names.place(ADJUSTMENT_WORLD, ['input', 'location']), lot),
    counted: units,
    expected:
      typeof expected === 'string' ? toUnits(expected, item.decimals, [...path, 'expected']) : null,
    line: index,
  };
}

/** Two counts of one thing contradict each other, or say it twice: neither can be meant. */
function refuseDoubles(listed: readonly Counted[]): void {
  const seen = new Set<string>();
  listed.forEach(({ level }, index) => {
    const key = levelKey(level);
    if (seen.has(key)) {
      const path = ['input', 'lines', String(index), 'item'];
      throw new InvalidInput('The count lists the same item twice.', path);
    }
    seen.add(key);
  });
}

function planCount(counted: readonly Counted[], levels: LockedLevels): Plan {
  const conflicts = counted.flatMap(({ level, expected, line }): CountMismatch[] => {
    const { onHand, item } = levelOf(levels, level);
    if (expected === null || line === null || expected === onHand) return [];
    return [{ line, item, expected, onHand }];
  });
  if (conflicts.length > 0) throw new CountConflict(conflicts);
  const lines: DraftLine[] = [];
  const counts = counted.map((each, index): DraftCount => {
    const difference = each.counted - levelOf(levels, each.level).onHand;
    const facts = { line: each.line ?? 0, serial: each.serial };
    if (difference !== 0) lines.push(between(each, difference, facts));
    const { item, lot } = each.level;
    const { counted: found, expected } = each;
    return { position: index + 1, item, lot, counted: found, expected, difference };
  });
  return { lines, counts };
}
