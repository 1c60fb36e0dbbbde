import type { EntityManager } from '../database/entity-manager.ts';
import { InvalidInput } from '../errors.ts';
import { isOutside } from '../locations/location.entity.ts';
import { Allocation, type OpenLine } from './allocation.ts';
import { namedLot, unitsOf } from './draft-move.ts';
import { type Found, findNamed } from './found.ts';
import type { LevelPlace } from './level.service.ts';
import type { LockedStock } from './locking.ts';
import type { NewReservation } from './reservation.ts';
import { refuseShortages } from './shortages.ts';
import type { StockShortage } from './stock.errors.ts';

/** What a new reservation is to hold of a level. */
export interface NewHold {
  readonly place: LevelPlace;
  readonly units: number;
}

/** A reservation whose names are resolved: the levels that it needs, and what it holds of them. */
interface ReservationDraft {
  readonly places: readonly LevelPlace[];
  /** The newest archiving before the names were resolved. */
  readonly archivedSeq: number;
  /** @throws InsufficientStock with all shortages at once, LotExpired. */
  readonly plan: (stock: LockedStock) => NewHold[];
}

interface ReservedLine extends OpenLine {
  /** Whether it is open which lots it holds. */
  readonly open: boolean;
}

/**
 * Stock to hold. Of an item with lots, lines that name none hold the first to expire.
 * @throws NotFound, InvalidState and InvalidInput with the path of the line.
 */
export async function draftReservation(
  em: EntityManager,
  organizationId: number,
  wanted: NewReservation['lines'],
): Promise<ReservationDraft> {
  const places = wanted.map(({ location }) => location);
  const found = await findNamed(em, organizationId, [{ lines: wanted, places }]);
  const lines = wanted.map((line, index) => reservedLine(line, index, found));
  const open = lines.filter((line) => line.open);
  const allocation = await Allocation.prepare(em, organizationId, open);
  return {
    archivedSeq: found.names.archivedSeq,
    places: lines.flatMap((line) => (line.open ? allocation.sources(line) : [line.from])),
    plan: ({ levels }) => {
      const taken = new Map<string, number>();
      const shortages: StockShortage[] = [];
      const takes = lines.flatMap((line) => {
        if (!line.open) return [line];
        const served = allocation.serve(line, levels, taken);
        if (Array.isArray(served)) return served.map((take) => ({ ...line, ...take }));
        shortages.push(served as StockShortage);
        return [];
      });
      const deltas = takes.map(({ line, from, quantity }) => ({
        ...{ line, place: from, delta: -quantity },
      }));
      refuseShortages(deltas, levels, shortages);
      return takes.map(({ from, quantity }) => ({ place: from, units: quantity }));
    },
  };
}

function reservedLine(
  line: NewReservation['lines'][number],
  index: number,
  { names, lots }: Found,
): ReservedLine {
  const path = ['input', 'lines', String(index)];
  const item = names.item(line.item, [...path, 'item']);
  const place = names.place(line.location, [...path, 'location']);
  if (isOutside(place.kind)) {
    throw new InvalidInput('Only stock in a real place is reserved.', [...path, 'location']);
  }
  const open = item.tracking !== 'NONE' && !line.lot;
  const lot = open ? null : namedLot(item, line.lot, lots, path);
  const quantity = unitsOf(line, { item, lot }, path);
  return { line: index, from: names.level(item, place, lot), quantity, open };
}
