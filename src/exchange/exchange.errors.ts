/** Why a file cannot be read, written or imported, in words that say where and what to do. */
export class ExchangeError extends Error {
  override readonly name = 'ExchangeError';
}

/** Carries what came of work out of a transaction that is rolled back for it. */
export class TakenBack<T> extends Error {
  override readonly name = 'TakenBack';
  readonly outcome: T;

  constructor(outcome: T) {
    super('The work is taken back');
    this.outcome = outcome;
  }
}
