import type { Viewer } from '../access/viewer.ts';

/** How much the requests of one key may cost. */
export interface RateLimit {
  /** At once, by somebody who asked for nothing lately. */
  readonly capacity: number;
  /** What comes back of it in a second. */
  readonly perSecond: number;
}

/** What a key may still use, as its answers say it. */
export interface Rate extends RateLimit {
  readonly available: number;
}

/** How many buckets there may be before those are looked for that nobody needs. */
const FEW = 1024;

/**
 * A leaky bucket for each key: it holds what the key's requests may cost, and fills up again as time goes
 * by. One that is full is as good as none, so there are no more than keys that were used lately. It is
 * the process's own: another process knows nothing of it.
 */
export class RateLimiter {
  readonly limit: RateLimit;
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();
  #many = FEW;

  /** @param now a clock in milliseconds that never goes back. */
  constructor(limit: RateLimit, now: () => number = () => performance.now()) {
    this.limit = limit;
    this.#now = now;
  }

  /** How many buckets there are. */
  get size(): number {
    return this.#buckets.size;
  }

  /** The bucket of whoever asks. */
  of({ organizationId, userId, key }: Viewer): Bucket {
    const name = `${organizationId}:${userId}:${key ? key.id : ''}`;
    let bucket = this.#buckets.get(name);
    if (!bucket) {
      if (this.#buckets.size >= this.#many) this.#forgetFull();
      bucket = new Bucket(this.limit, this.#now);
      this.#buckets.set(name, bucket);
    }
    return bucket;
  }

  #forgetFull(): void {
    for (const [name, bucket] of this.#buckets) {
      if (bucket.available >= this.limit.capacity) this.#buckets.delete(name);
    }
    // Looked at again when there are twice as many: so each costs no more than its own making.
    this.#many = Math.max(FEW, this.#buckets.size * 2);
  }
}

/** What one key may still use. */
export class Bucket {
  readonly #limit: RateLimit;
  readonly #now: () => number;
  #available: number;
  #at: number;

  constructor(limit: RateLimit, now: () => number) {
    this.#limit = limit;
    this.#now = now;
    this.#available = limit.capacity;
    this.#at = now();
  }

  /** What may be taken now. */
  get available(): number {
    const at = this.#now();
    const back = ((at - this.#at) / 1000) * this.#limit.perSecond;
    this.#at = at;
    this.#available = Math.min(this.#limit.capacity, this.#available + back);
    return this.#available;
  }

  /**
   * Takes something out, if there is as much.
   * @returns how much is missing: 0 if it was taken.
   */
  take(cost: number): number {
    const available = this.available;
    if (cost > available) return cost - available;
    this.#available = available - cost;
    return 0;
  }

  /** Puts back what was taken and not used. */
  giveBack(unused: number): void {
    this.#available = Math.min(this.#limit.capacity, this.#available + unused);
  }

  /** What an answer says of it, in whole numbers. */
  get rate(): Rate {
    return { ...this.#limit, available: Math.floor(this.available) };
  }
}
