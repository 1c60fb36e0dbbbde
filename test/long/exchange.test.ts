import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createDatabase, DATABASES, type TestDatabase } from '../support/databases.ts';
import { bytesIn, figuresOf, newDirectory } from '../support/exchange.ts';
import { quartermaster } from '../support/process.ts';

const FILE =
  process.env['ONLINE_RETAIL'] ??
  new URL('../../../shared/data/online-retail.csv.gz', import.meta.url).pathname;
const there = existsSync(FILE);
if (!there) console.warn(`Skipped: what is exported of real data needs ${FILE}, or ONLINE_RETAIL`);

/** The most memory, in MiB, that an import may take at its peak. */
const PEAK_MEMORY_MIB = 400;

/** What tells the files of a directory apart: compared byte by byte, tens of megabytes take gigabytes. */
async function hashesIn(directory: string): Promise<[string, string][]> {
  const files = Object.entries(await bytesIn(directory));
  return files.map(([name, bytes]) => [name, createHash('sha256').update(bytes).digest('hex')]);
}

(there ? describe : describe.skip).each(DATABASES)('the full ledger on %s', (name) => {
  const databases: TestDatabase[] = [];

  beforeAll(async () => {
    for (const _ of ['from', 'to']) databases.push(await createDatabase(name));
  });

  afterAll(async () => {
    for (const database of databases) await database.drop();
  });

  /** Runs a command to its end, tells how long it took, and gives what it wrote. */
  const run = async (database: number, ...args: string[]): Promise<string> => {
    const started = performance.now();
    const ending = await quartermaster(args, { DATABASE_URL: databases[database]?.url ?? '' });
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const peak = /peak memory \d+ MiB/.exec(ending.stdout)?.[0] ?? '';
    console.log(`${name}: ${args[0]} ${args[1]}: ${seconds} s ${peak}`);
    expect(ending.code).toBe(0);
    return ending.stdout;
  };

  test('comes back as the same files, and a second time changes nothing', async () => {
    await run(0, 'import', '--preset', 'online-retail', FILE);
    const [first, second] = [await newDirectory(), await newDirectory()];

    await run(0, 'export', 'all', first);
    const done = await run(1, 'import', 'all', first);
    await run(1, 'export', 'all', second);
    const again = await run(1, 'import', 'all', first);

    expect(figuresOf(done)).toMatchObject({
      'Rows of movements': '545,708',
      Items: '3,958 created, 0 updated, 0 unchanged',
      Movements: '25,902 posted, 0 there already',
      Problems: '0',
    });
    const peak = Number(/peak memory (\d+) MiB/.exec(done)?.[1]);
    expect(peak).toBeGreaterThan(0);
    expect(peak).toBeLessThan(PEAK_MEMORY_MIB);
    expect((await stat(join(first, 'movements.csv'))).size).toBeGreaterThan(50_000_000);
    expect(await hashesIn(second)).toEqual(await hashesIn(first));
    expect(figuresOf(again)).toMatchObject({ Movements: '0 posted, 25,902 there already' });
    expect(await run(1, 'verify')).toContain('no difference in 545,708 lines');
  }, 3_600_000);
});
