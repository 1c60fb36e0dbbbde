/** One statement as it was run. Times in milliseconds. */
export interface TracedStatement {
  readonly sql: string;
  readonly ms: number;
  readonly rows: number;
  /** How many keys a loader put into it; null where it serves one caller. */
  readonly batch: number | null;
}

/** Counts the statements of one request, and keeps them when the caller asked to see them. */
export class Trace {
  readonly startedAt = performance.now();
  readonly statements: TracedStatement[] = [];
  readonly #keep: boolean;
  count = 0;

  constructor(keep = false) {
    this.#keep = keep;
  }

  get kept(): boolean {
    return this.#keep;
  }

  record(statement: TracedStatement): void {
    this.count += 1;
    if (this.#keep) this.statements.push(statement);
  }
}
