import { type LevelPlace, type LockedLevels, levelKey, levelOf } from './level.service.ts';
import { InsufficientStock, type StockShortage } from './stock.errors.ts';

/** What one line does to what is available at a level; below 0 it takes. */
export interface LevelDelta {
  /** Index of the line. */
  readonly line: number;
  readonly place: LevelPlace;
  readonly delta: number;
}

/**
 * The lines that meet at one level are summed before the check: what comes in counts too.
 * @param known shortages of lines that could not be had at all.
 * @throws InsufficientStock with all shortages at once.
 */
export function refuseShortages(
  deltas: readonly LevelDelta[],
  levels: LockedLevels,
  known: readonly StockShortage[] = [],
): void {
  const shortages = [...known];
  for (const own of Map.groupBy(deltas, ({ place }) => levelKey(place)).values()) {
    const [{ place }] = own as [LevelDelta];
    const { outside, onHand, reserved } = levelOf(levels, place);
    const available = onHand - reserved;
    const requested = -own.reduce((sum, { delta }) => sum + delta, 0);
    if (outside || requested <= available) continue;
    const lines = own.filter(({ delta }) => delta < 0).map(({ line }) => line);
    const { item, location, lot } = place;
    shortages.push({ lines, item, location, lot, requested, available });
  }
  if (shortages.length > 0) throw new InsufficientStock(shortages);
}
