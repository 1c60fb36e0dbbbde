import { describe, expect, test } from '@jest/globals';
import { DATABASES } from '../support/databases.ts';
import { fuzz } from '../support/fuzzing.ts';

/** How long the event loop may stand still, in milliseconds. */
const LONGEST_STALL_MS = 250;

/** Another one to try: `FUZZ_SEED=7 npm run test:long -- test/long/fuzz.test.ts`. */
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000);
const numRuns = 10_000;
console.log(`FUZZ_SEED=${seed}`);

describe.each(DATABASES)('ten thousand generated requests on %s', (database) => {
  test('give no fault, no crash and no leak, and never stop the event loop for long', async () => {
    const { statuses, stalledMs, workedMs, ...end } = await fuzz(database, { seed, numRuns });
    console.log({ statuses, stalledMs, workedMs });

    expect(Object.values(statuses).reduce((sum, each) => sum + each)).toBe(numRuns);
    // What the loop stood still beyond its own work, the machine had others to do.
    expect(workedMs).toBeLessThan(LONGEST_STALL_MS);
    expect(end).toEqual({ code: 0, stderr: '' });
  });
});
