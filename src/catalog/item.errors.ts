import { DomainError } from '../errors.ts';

/** A row of a call that is refused, and why. */
export interface RefusedRow {
  /** Its place in the call, 0 for the first. */
  readonly index: number;
  readonly error: DomainError;
}

/** Rows of a call that is all or nothing: every one that cannot be, at once. */
export class RowsRefused extends DomainError {
  override readonly code = 'INVALID_INPUT';
  readonly rows: readonly RefusedRow[];

  constructor(rows: readonly RefusedRow[]) {
    super(`${rows.length} of the rows cannot be; nothing was done.`, ['input', 'items']);
    this.rows = rows;
  }
}
