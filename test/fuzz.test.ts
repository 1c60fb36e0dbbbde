import { describe, expect, test } from '@jest/globals';
import { DATABASES } from './support/databases.ts';
import { fuzz } from './support/fuzzing.ts';

/** Another one to try: `FUZZ_SEED=7 npm test -- test/fuzz.test.ts`. */
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000);
/** A few at every change; `npm run test:long` sends ten thousand. */
const numRuns = 300;
console.log(`FUZZ_SEED=${seed}`);

describe.each(DATABASES)('generated requests on %s', (database) => {
  test('are answered without a fault, and nothing of how the server is built is told', async () => {
    const { statuses, workedMs, code, stderr } = await fuzz(database, { seed, numRuns });

    expect(Object.values(statuses).reduce((sum, each) => sum + each)).toBe(numRuns);
    expect(Object.keys(statuses)).toEqual(expect.arrayContaining(['200', '400']));
    expect(workedMs).toBeLessThan(250);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});
