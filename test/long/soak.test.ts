import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { generateApiKey } from '../../src/access/api-key.service.ts';
import { createDatabase, DATABASES, type DatabaseName } from '../support/databases.ts';
import { audit, CLEAN } from '../support/load.ts';
import { keepBusy } from '../support/mixed-load.ts';
import type { TestProcess } from '../support/process.ts';
import { COLLECTING, slopeOf, type Usage, usageOf } from '../support/process-usage.ts';
import { startServing } from '../support/serving.ts';

/** How long, in minutes: `SOAK_MINUTES=3 npm run test:long -- test/long/soak.test.ts`. */
const MINUTES = Number(process.env['SOAK_MINUTES'] ?? 10);
/** Until then code is compiled and caches fill up. */
const WARM_UP_MINUTES = Math.min(2, MINUTES / 2);
const SAMPLE_SECONDS = 10;

const MINUTE_MS = 60_000;
/** How long all of it may take. */
const LONGEST_MS = (MINUTES + 3) * MINUTE_MS;
const MEGABYTE = 1_000_000;
/** The steepest rise of memory, in bytes a minute. */
const STEEPEST = MEGABYTE;
/** How many more files and sockets may be open at the end than in between: those of clients that just come. */
const BAND = 12;

interface Sample extends Usage {
  readonly minute: number;
}

// Both at once: each has little to do.
test.concurrent.each([...DATABASES])(
  'mixed load on %s takes no more memory and no more handles in the end than after a while',
  async (name) => {
    const database = await createDatabase(name);
    const key = generateApiKey();
    const serving = await startServing(database.url, key, {
      settings: COLLECTING,
      longestRunMs: LONGEST_MS,
    });
    const ending = new AbortController();
    const busy = keepBusy(serving, key, ending.signal);

    const samples = await sampled(serving.process);
    ending.abort();
    const answers = await busy;
    const audited = await audit(serving.client);
    const { code, stderr } = await serving.process.stop();

    const after = samples.filter(({ minute }) => minute >= WARM_UP_MINUTES);
    const slope = slopeOf(after.map(({ minute, memory }) => [minute, memory] as const));
    console.log(report(name, { samples, after, slope, answers }));
    expect(stderr).not.toMatch(/unhandled|uncaught|"level":(50|60)/i);
    expect({ code, audited }).toEqual({ code: 0, audited: CLEAN });
    // A machine that is busy otherwise may have clients come back later.
    expect(Object.keys(answers).filter((told) => / 5(?!03)/.test(told))).toEqual([]);
    expect(slope).toBeLessThan(STEEPEST);
    const handles = after.map((each) => each.handles);
    expect(Math.max(...handles) - Math.min(...handles)).toBeLessThanOrEqual(BAND);
    await database.drop();
  },
  LONGEST_MS,
);

async function sampled(server: TestProcess): Promise<Sample[]> {
  const samples: Sample[] = [];
  const started = performance.now();
  const minutes = () => (performance.now() - started) / MINUTE_MS;
  while (minutes() < MINUTES) {
    await pause(SAMPLE_SECONDS * 1000);
    samples.push({ minute: minutes(), ...(await usageOf(server)) });
  }
  return samples;
}

interface Findings {
  readonly samples: readonly Sample[];
  readonly after: readonly Sample[];
  readonly slope: number;
  readonly answers: Readonly<Record<string, number>>;
}

function report(name: DatabaseName, { samples, after, slope, answers }: Findings): string {
  const range = (field: keyof Sample, unit = 1) => {
    const values = after.map((each) => each[field] / unit);
    return `${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)}`;
  };
  const curve = [...Map.groupBy(samples, ({ minute }) => Math.floor(minute)).values()]
    .map((each) => ((each[0]?.memory ?? 0) / MEGABYTE).toFixed(1))
    .join(', ');
  const answered = Object.values(answers).reduce((sum, count) => sum + count, 0);
  return (
    `${name}: ${MINUTES} minutes, ${answered} requests; from minute ${WARM_UP_MINUTES} on heap ` +
    `${range('heap', MEGABYTE)} MB, memory ${range('memory', MEGABYTE)} MB, slope ${(slope / MEGABYTE).toFixed(2)} MB/min, handles ` +
    `${range('handles')}, threads ${range('threads')}; memory minute by minute ${curve}\n${JSON.stringify(answers, null, 1)}`
  );
}
