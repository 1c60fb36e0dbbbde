import { setTimeout as pause } from 'node:timers/promises';

/** The longest, in milliseconds, that anything is waited for. */
const LONGEST_WAIT_MS = 30_000;

/** Waits until something holds, and fails when it does not in a generous time. */
export async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = performance.now() + LONGEST_WAIT_MS;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Waited too long until ${what}`);
    await pause(10);
  }
}
