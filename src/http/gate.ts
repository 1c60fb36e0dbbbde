import { setImmediate } from 'node:timers';

/** How many requests there may be before more are refused. */
export interface GateLimits {
  /** Under way at once: those that wait for a database, or for each other. */
  readonly running: number;
  /** Waiting until others are done. */
  readonly waiting: number;
  /** How long anyone may have to wait, in milliseconds. */
  readonly waitingMs: number;
}

/** Limits for a process with so many connections to its database. */
export const gateLimits = (poolSize: number): GateLimits => ({
  running: poolSize * 4,
  waiting: 1000,
  waitingMs: 1000,
});

/**
 * How long, in milliseconds, requests are begun one upon the other before the event loop has a turn, in
 * which it sees who else has come.
 */
const SLICE_MS = 5;

/**
 * How many turns the event loop then has while requests wait. In each of them it takes one new connection:
 * with one turn between requests, more would come than are taken, and the kernel would turn them away.
 */
const LOOKS = 32;

/** Of how many requests, the last ones, it is known how fast they were done. */
const REMEMBERED = 16;

interface Waiting {
  readonly run: () => Promise<void>;
  readonly since: number;
}

/**
 * Lets requests run at once while there is little to do. Otherwise they wait in line, where they are
 * counted: statements of SQLite stop the event loop, and who comes meanwhile would be seen by nobody.
 */
export class Gate {
  readonly #limits: GateLimits;
  readonly #waiting: Waiting[] = [];
  #running = 0;
  /** When the turn of the event loop began in which requests are being run; null before the first. */
  #turnSince: number | null = null;
  /** How many turns it had since, to look who has come. */
  #looks = 0;
  /** When a request of a line was done last, or the line began. */
  #lastEnd = 0;
  /** How long it takes, in milliseconds, until one more of the line is done. */
  #msEach = 0;

  constructor(limits: GateLimits) {
    this.#limits = limits;
  }

  /** Whether whoever comes now would wait too long. */
  get isFull(): boolean {
    const [first] = this.#waiting;
    if (!first) return false;
    const { waiting, waitingMs } = this.#limits;
    if (this.#waiting.length >= waiting) return true;
    // The first has waited for what was in front of it then: by now the line may be much longer.
    const expectedMs = this.#waiting.length * this.#msEach;
    return Math.max(performance.now() - first.since, expectedMs) > waitingMs;
  }

  /** Runs something now, or when its turn comes. It must not fail. */
  enter(run: () => Promise<void>): void {
    if (this.#waiting.length === 0 && this.#mayBegin()) this.#begin(run);
    else this.#queue(run);
  }

  #queue(run: () => Promise<void>): void {
    const since = performance.now();
    if (this.#waiting.length === 0) {
      this.#lastEnd = since;
      this.#msEach = 0;
    }
    this.#waiting.push({ run, since });
  }

  /** While there is a turn, its end is on the way, and lets the next one in. */
  #mayBegin(): boolean {
    if (this.#running >= this.#limits.running) return false;
    const now = performance.now();
    if (this.#turnSince !== null) return now - this.#turnSince < SLICE_MS;
    this.#turnSince = now;
    setImmediate(this.#endTurn);
    return true;
  }

  readonly #endTurn = (): void => {
    const isUsedUp = performance.now() - (this.#turnSince ?? 0) >= SLICE_MS;
    if (isUsedUp && this.#waiting.length > 0 && this.#looks < LOOKS) {
      this.#looks += 1;
      setImmediate(this.#endTurn);
      return;
    }
    this.#looks = 0;
    this.#turnSince = null;
    this.#beginNext();
  };

  /** Begins one: what SQLite answers is done before the next is begun, and only then is it known how long it took. */
  #beginNext(): void {
    if (this.#waiting.length > 0 && this.#mayBegin())
      this.#begin((this.#waiting.shift() as Waiting).run);
  }

  #learn(): void {
    const now = performance.now();
    this.#msEach += (now - this.#lastEnd - this.#msEach) / REMEMBERED;
    this.#lastEnd = now;
  }

  #begin(run: () => Promise<void>): void {
    this.#running += 1;
    const ended = () => {
      this.#running -= 1;
      if (this.#waiting.length > 0) this.#learn();
      this.#beginNext();
    };
    run().then(ended, ended);
  }
}
