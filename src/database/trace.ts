import type { EntityManager } from './entity-manager.ts';

/** One statement as it was run. Times in milliseconds. */
export interface TracedStatement {
  readonly sql: string;
  readonly ms: number;
  readonly rows: number;
  /** How many keys a loader put into it; null where it serves one caller. */
  readonly batch: number | null;
  readonly failed: boolean;
}

/** The request that statements are run for. */
export interface Asked {
  readonly requestId: string;
  /** What its client calls it. */
  readonly operation: string | null;
}

/** Counts the statements of one request, and keeps them when the caller asked to see them. */
export class Trace {
  readonly startedAt = performance.now();
  readonly statements: TracedStatement[] = [];
  readonly #keep: boolean;
  /** Whose it is, where somebody wants to know. */
  asked: Asked | null = null;
  /** Who is told of each statement besides. */
  onStatement: ((statement: TracedStatement) => void) | null = null;
  count = 0;
  /** How many rows the statements gave or changed, all together. */
  rows = 0;

  constructor(keep = false) {
    this.#keep = keep;
  }

  get kept(): boolean {
    return this.#keep;
  }

  /** The requests that a statement serves. */
  get requests(): readonly Asked[] {
    return this.asked ? [this.asked] : [];
  }

  record(statement: TracedStatement): void {
    this.count += 1;
    this.rows += statement.rows;
    if (this.#keep) this.statements.push(statement);
    this.onStatement?.(statement);
  }
}

/** The traces of several requests as one: what is done for all of them counts to each. */
class SharedTrace extends Trace {
  readonly #traces: readonly Trace[];

  constructor(traces: readonly Trace[]) {
    super();
    this.#traces = traces;
  }

  override get requests(): readonly Asked[] {
    return this.#traces.flatMap(({ requests }) => requests);
  }

  override record(statement: TracedStatement): void {
    for (const trace of this.#traces) trace.record(statement);
  }
}

/** The trace of the request whose context it is, if it has one. */
export function traceOf(context: object): Trace | undefined {
  return 'trace' in context && context.trace instanceof Trace ? context.trace : undefined;
}

/** An EntityManager whose statements count to the requests of all of some. */
export function forkForAll(ems: readonly [EntityManager, ...EntityManager[]]): EntityManager {
  const traces = ems.flatMap((em) => traceOf(em.getLoggerContext()) ?? []);
  return ems[0].fork({ clear: true, loggerContext: { trace: new SharedTrace(traces) } });
}
