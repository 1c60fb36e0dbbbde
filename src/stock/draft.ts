import type { Row } from '../database/rows.ts';
import type { CountLine } from './count-line.entity.ts';
import type { HoldChange } from './holds.ts';
import type { LevelPlace } from './level.service.ts';
import type { LockedStock } from './locking.ts';
import type { StockShortage } from './stock.errors.ts';

/** A line whose names are resolved and whose quantity is counted in the item's smallest unit. */
export interface DraftLine {
  /** Index of the line of the input that it comes from. */
  readonly line: number;
  /** Whether the item's lots are serial numbers, of which there is one unit each. */
  readonly serial: boolean;
  readonly from: LevelPlace;
  readonly to: LevelPlace;
  readonly quantity: number;
}

/** A count line as it is written. */
export type DraftCount = Pick<
  Row<CountLine>,
  'position' | 'item' | 'lot' | 'counted' | 'expected' | 'difference'
>;

/** What a posting comes to, once its levels are locked. */
export interface Plan {
  readonly lines: readonly DraftLine[];
  readonly counts?: readonly DraftCount[];
  /** What lines could not be had at all; told together with what the lines lack. */
  readonly shortages?: readonly StockShortage[];
  /** Reservations that end by it, wholly or in part: what they held can be taken by the lines. */
  readonly holds?: readonly HoldChange[];
}

/** A posting whose names are resolved: the levels that it needs, and what it does with them. */
export interface Draft {
  readonly places: readonly LevelPlace[];
  /** Decides on the stock as it is when it is the posting's turn. */
  readonly plan: (stock: LockedStock) => Plan | Promise<Plan>;
}
