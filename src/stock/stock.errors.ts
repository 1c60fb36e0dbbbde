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
