import { DomainError, type InputPath } from '../errors.ts';

/** What is missing at one level; quantities in the item's smallest unit. */
export interface StockShortage {
  /** Indexes of the lines that take from the level. */
  readonly lines: readonly number[];
  readonly item: number;
  readonly location: number;
  readonly lot: number | null;
  readonly requested: number;
  readonly available: number;
}

/** Less is available than was asked for: every level where that is so, at once. */
export class InsufficientStock extends DomainError {
  override readonly code = 'INSUFFICIENT_STOCK';
  readonly shortages: readonly StockShortage[];

  constructor(shortages: readonly StockShortage[]) {
    const lines = shortages.flatMap((shortage) => shortage.lines);
    super(`There is not enough stock for ${lines.length} of the lines.`, ['input', 'lines']);
    this.shortages = shortages;
  }
}

/** The idempotency key was used before, for something else. */
export class IdempotencyMismatch extends DomainError {
  override readonly code = 'IDEMPOTENCY_MISMATCH';

  constructor(path: InputPath = ['input', 'idempotencyKey']) {
    super('The idempotency key was used before, for something else.', path);
  }
}

/** An item of which something else is on hand than the caller expected; in its smallest unit. */
export interface CountMismatch {
  /** Index of the line. */
  readonly line: number;
  readonly item: number;
  readonly expected: number;
  readonly onHand: number;
}

/** A count that rests on what was on hand before, and something else is by now. */
export class CountConflict extends DomainError {
  override readonly code = 'COUNT_CONFLICT';
  readonly conflicts: readonly CountMismatch[];

  constructor(conflicts: readonly CountMismatch[]) {
    super(`${conflicts.length} lines expect something else than is on hand.`, ['input', 'lines']);
    this.conflicts = conflicts;
  }
}

/** A movement that was reversed before: it can be once. */
export class AlreadyReversed extends DomainError {
  override readonly code = 'ALREADY_REVERSED';
  /** The key of the movement that reversed it. */
  readonly reversal: number;

  constructor(reversal: number) {
    super('The movement was reversed before.', ['input', 'movement']);
    this.reversal = reversal;
  }
}

/** Only lots that have expired are left. They are taken when they are named. */
export class LotExpired extends DomainError {
  override readonly code = 'LOT_EXPIRED';
  /** The keys of the expired lots. */
  readonly lots: readonly number[];

  constructor(line: number, lots: readonly number[]) {
    super('Only lots that have expired are left.', ['input', 'lines', String(line)]);
    this.lots = lots;
  }
}
