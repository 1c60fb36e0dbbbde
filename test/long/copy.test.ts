import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createDatabase, onPostgres, type TestDatabase } from '../support/databases.ts';
import { type Ending, quartermaster } from '../support/process.ts';

const FILE =
  process.env['ONLINE_RETAIL'] ??
  new URL('../../../shared/data/online-retail.csv.gz', import.meta.url).pathname;
const there = existsSync(FILE);
if (!there) console.warn(`Skipped: the copy of real data needs ${FILE}, or ONLINE_RETAIL`);

const LINES = 545_708;
const PEAK_MEMORY_MIB = 600;

/** The hash of each table that a copy printed. */
const hashes = (stdout: string): string[] => stdout.match(/^\w+ +[\d,]+ +[0-9a-f]{64}$/gm) ?? [];

(there ? describe : describe.skip)('the whole of Online Retail', () => {
  const databases: TestDatabase[] = [];
  let out: Ending;
  let back: Ending;

  const copy = async (from: TestDatabase, to: TestDatabase): Promise<Ending> => {
    const ending = await quartermaster(['copy', '--from', from.url, '--to', to.url]);
    const [figures] = /^[\d,]+ rows of .*$/m.exec(ending.stdout) ?? [ending.stderr];
    console.log(`${from.address.dialect} to ${to.address.dialect}: ${figures}`);
    return ending;
  };

  beforeAll(async () => {
    for (const name of ['sqlite', 'postgresql', 'sqlite'] as const) {
      databases.push(await createDatabase(name));
    }
    const [source, server, home] = databases as [TestDatabase, TestDatabase, TestDatabase];
    await quartermaster(['import', '--preset', 'online-retail', FILE], {
      DATABASE_URL: source.url,
    });
    out = await copy(source, server);
    back = await copy(server, home);
  }, 900_000);

  afterAll(async () => {
    for (const database of databases) await database.drop();
  });

  test('goes to PostgreSQL and back: every table has the same hash, every ledger adds up', () => {
    expect(out).toMatchObject({ code: 0 });
    expect(back).toMatchObject({ code: 0 });
    expect(hashes(out.stdout)).toHaveLength(21);
    expect(hashes(back.stdout)).toEqual(hashes(out.stdout));
    for (const { stdout } of [out, back]) {
      expect(stdout).toContain('no difference in 545,708 lines');
      expect(stdout).toMatch(/^Clean: 1 organization verified/m);
    }
  });

  test('all lines are there', async () => {
    const [row] = await onPostgres(databases[1]?.url ?? '', 'select count(*) from movement_lines');

    expect(Number(row?.['count'])).toBe(LINES);
  });

  test('takes little memory, however much there is', () => {
    for (const { stdout } of [out, back]) {
      const peak = Number(/peak memory (\d+) MiB/.exec(stdout)?.[1]);
      expect(peak).toBeGreaterThan(0);
      expect(peak).toBeLessThan(PEAK_MEMORY_MIB);
    }
  });
});
