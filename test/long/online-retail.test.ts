import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { generateApiKey } from '../../src/access/api-key.service.ts';
import { createDatabase, DATABASES, type TestDatabase } from '../support/databases.ts';
import { quartermaster } from '../support/process.ts';
import { openServer, type TestServer } from '../support/server.ts';

const FILE = new URL('../../../shared/data/online-retail.csv.gz', import.meta.url).pathname;
const there = existsSync(FILE);
if (!there) console.warn(`Skipped: the replay of real data needs ${FILE}`);

/** The golden figures of a full replay, as the data's own description gives them. */
const NET_SHA256 = '8c33ae4509524d9e8b5e377f271ef6e52ff90fff4c181f79aaf7ea108b363c62';
const REMAINING_SHA256 = '8541baf811dca3fa4c467e57bc7d72d2c842d0f2b5fe996c466344dc194328a0';
const PEAK_MEMORY_MIB = 400;

(there ? describe : describe.skip).each(DATABASES)('the full replay on %s', (name) => {
  let database: TestDatabase;
  let server: TestServer;
  let report: string;
  const key = generateApiKey();

  const importAll = () =>
    quartermaster(['import', '--preset', 'online-retail', FILE], {
      DATABASE_URL: database.url,
      QUARTERMASTER_API_KEY: key,
    });

  beforeAll(async () => {
    database = await createDatabase(name);
    const { stdout } = await importAll();
    report = stdout;
    server = await openServer(database, key);
    console.log(`${name}: ${/^Time.*$/m.exec(report)?.[0]}`);
  }, 400_000);

  afterAll(() => server.stop());

  test('reports the golden figures, within the memory that it may take', () => {
    expect(report).toContain('541,909 in 25,901 movements');
    expect(report).toContain('3,958, of them 3,958 new');
    expect(report).toContain('5,460,310 units of 3,799 items');
    expect(report).toMatch(/^Net units out +5,176,450$/m);
    expect(report).toMatch(/^Remaining +283,860 units$/m);
    expect(report).toMatch(/^Codes in several spellings +112$/m);
    const peak = Number(/peak memory (\d+) MiB/.exec(report)?.[1]);
    expect(peak).toBeGreaterThan(0);
    expect(peak).toBeLessThan(PEAK_MEMORY_MIB);
  });

  test('the ledger has what the report says, item by item', async () => {
    const lines: { sku: string; net: number; remaining: number }[] = [];
    let after: string | null = null;
    do {
      const { items } = await server.run(
        `query ($after: String) {
          items(first: 100, after: $after) {
            nodes { sku onHand stockLevels { nodes { onHand location { code } } } }
            pageInfo { hasNextPage endCursor }
          }
        }`,
        { after },
      );
      for (const { sku, onHand, stockLevels } of items.nodes) {
        const at = (code: string) =>
          Number(
            stockLevels.nodes.find(
              (level: { location: { code: string } }) => level.location.code === code,
            )?.onHand ?? 0,
          );
        lines.push({ sku: sku.toUpperCase(), net: at('CUSTOMER'), remaining: Number(onHand) });
      }
      after = items.pageInfo.hasNextPage ? items.pageInfo.endCursor : null;
    } while (after);

    lines.sort((a, b) => (a.sku < b.sku ? -1 : 1));
    const hash = (value: 'net' | 'remaining') =>
      createHash('sha256')
        .update(lines.map((line) => `${line.sku},${line[value]}\n`).join(''))
        .digest('hex');
    expect(lines).toHaveLength(3958);
    expect(lines.reduce((sum, { net }) => sum + net, 0)).toBe(5_176_450);
    expect(lines.filter(({ remaining }) => remaining > 0)).toHaveLength(826);
    expect(hash('net')).toBe(NET_SHA256);
    expect(hash('remaining')).toBe(REMAINING_SHA256);
  }, 120_000);

  test('a second import changes nothing', async () => {
    const before = await server.run('{ movements { totalCount } movementLines { totalCount } }');

    const { stdout } = await importAll();

    expect(stdout).toContain('0 posted, 25,902 there already, 0 refused');
    const after = await server.run('{ movements { totalCount } movementLines { totalCount } }');
    expect(after).toEqual(before);
  }, 400_000);
});
