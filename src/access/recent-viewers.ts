import { hashApiKey } from './api-key.service.ts';
import type { Viewer } from './viewer.ts';

/** How long, in milliseconds, a key that was taken away may still be good for. */
const MAX_AGE_MS = 1000;
/** How many keys are remembered. */
const MAX_SIZE = 10_000;

interface RecentViewersOptions {
  /** Finds who shows a key; null when nobody has it. */
  readonly find: (key: string) => Promise<Viewer | null>;
  /** A clock in milliseconds that never goes back. */
  readonly now?: () => number;
  readonly maxAgeMs?: number;
  readonly maxSize?: number;
}

interface Recent {
  readonly viewer: Viewer;
  readonly at: number;
}

/**
 * Finds who shows a key or a token, and remembers it for a second, so that a busy client's is not looked up
 * for every request. Keys that nobody has are looked up each time: who tries many fills nothing.
 */
export class RecentViewers {
  readonly #find: (key: string) => Promise<Viewer | null>;
  readonly #now: () => number;
  readonly #maxAgeMs: number;
  readonly #maxSize: number;
  /** By the key's hash, as nothing keeps the key itself; the oldest first. */
  readonly #recent = new Map<string, Recent>();
  readonly #shown = new Set<number>();

  constructor({ find, now, maxAgeMs = MAX_AGE_MS, maxSize = MAX_SIZE }: RecentViewersOptions) {
    this.#find = find;
    this.#now = now ?? (() => performance.now());
    this.#maxAgeMs = maxAgeMs;
    this.#maxSize = maxSize;
  }

  /** Who shows a key, as it was no longer ago than the greatest age; null when nobody has it. */
  async find(key: string): Promise<Viewer | null> {
    const { hash } = hashApiKey(key);
    // What is found was so at the latest before it was asked for.
    const at = this.#now();
    const known = this.#recent.get(hash);
    if (known && at - known.at < this.#maxAgeMs) return known.viewer;
    this.#recent.delete(hash);
    const viewer = await this.#find(key);
    if (viewer) this.#remember(hash, { viewer, at });
    return viewer;
  }

  /** The keys, by id, that were looked up since this was last asked. */
  takeShown(): readonly number[] {
    const shown = [...this.#shown];
    this.#shown.clear();
    return shown;
  }

  #remember(hash: string, recent: Recent): void {
    this.#recent.delete(hash);
    const [oldest] = this.#recent.keys();
    if (oldest !== undefined && this.#recent.size >= this.#maxSize) this.#recent.delete(oldest);
    this.#recent.set(hash, recent);
    if (recent.viewer.key) this.#shown.add(recent.viewer.key.id);
  }
}
