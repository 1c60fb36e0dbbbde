import type { Client } from './server.ts';

/** Numbers from 0 to 1 that look random, and are the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Does work on everything in a list, on so many of them at once, and gives what came of each. */
export async function inFlight<T, R>(
  most: number,
  list: readonly T[],
  work: (each: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const waiting = [...list.entries()].values();
  const worker = async () => {
    for (const [index, each] of waiting) results[index] = await work(each);
  };
  await Promise.all(Array.from({ length: most }, worker));
  return results;
}

/** How often each value occurs. */
export function tally(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

/** What the audit finds. */
export const CLEAN = { differenceCount: 0, differences: [] };

/** Recomputes the ledger from its lines; a sound one gives `CLEAN`. */
export async function audit(server: Client): Promise<unknown> {
  const { ledgerAudit } = await server.run(
    '{ ledgerAudit { differenceCount differences { rule message } } }',
  );
  return ledgerAudit;
}
