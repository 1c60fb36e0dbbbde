import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { generateApiKey } from '../../src/access/api-key.service.ts';
import { createDatabase, DATABASES, onPostgres, type TestDatabase } from '../support/databases.ts';
import { createItem, createLocation, move } from '../support/factories.ts';
import { audit, CLEAN } from '../support/load.ts';
import { measureOverload, type Phase } from '../support/overload.ts';
import { addressOf, startQuartermaster } from '../support/process.ts';
import { clientOf } from '../support/server.ts';
import { stopUnderLoad } from '../support/stop-under-load.ts';

const ITEMS = 100;
const SECONDS = 20;

/** Enough of an answer that those who ask are not busier than who answers. */
const DOCUMENT = `{ items(first: ${ITEMS}) { nodes {
  id sku name category { name } tags(first: 5) { nodes { name } }
  stockLevels(first: 5) { nodes { onHand reserved location { code name } } }
  movementLines(first: 3) {
    nodes { quantity fromAfter toAfter from { code name } to { code name } movement { seq recordedAt actor { name } } }
  }
} } }`;

const figures = ({ perSecond, p99Ms, statuses }: Phase) =>
  `${perSecond}/s, p99 ${p99Ms} ms, ${JSON.stringify(statuses)}`;

describe.each(DATABASES)('serve on %s', (name) => {
  const key = generateApiKey();
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createDatabase(name);
  });

  afterEach(() => database.drop());

  async function serve() {
    const server = startQuartermaster(['serve'], {
      ...{ DATABASE_URL: database.url, PORT: '0', QUARTERMASTER_API_KEY: key },
      RATE_LIMIT: '0',
    });
    const address = await addressOf(server);
    const client = clientOf((request) => fetch(address, request), key);
    return { server, address, client };
  }

  test(`asked for 4 times what it can do, for ${SECONDS} s: it does what it can, and refuses the rest`, async () => {
    const { server, address, client } = await serve();
    const skus = Array.from({ length: ITEMS }, (_, index) => `item ${index}`);
    for (const sku of skus) await createItem(client, sku);
    for (const code of ['A', 'B', 'C']) {
      await createLocation(client, code);
      const lines = skus.map((sku) => ({ item: { sku }, quantity: '5' }));
      await move(client, 'stockReceive', { idempotencyKey: code, to: { code }, lines });
    }
    // Without statistics PostgreSQL would read whole tables.
    if (name === 'postgresql') await onPostgres(database.url, 'analyze');

    const task = { address, key, document: DOCUMENT, overloadSeconds: SECONDS };
    const { normal, overload, health, afterwards } = await measureOverload(task);

    const share = overload.perSecond / normal.perSecond;
    console.log(
      [
        `${name}: normal ${figures(normal)}`,
        `overload ${figures(overload)}: ${share.toFixed(2)} of normal`,
        `/healthz ${figures(health)}`,
        `afterwards ${figures(afterwards)}`,
      ].join('\n'),
    );
    expect(share).toBeGreaterThanOrEqual(0.8);
    expect(Object.keys(overload.statuses)).toEqual(['200', '503']);
    expect(overload.refusedWithoutRetryAfter).toBe(0);
    expect(Object.keys(health.statuses)).toEqual(['200']);
    expect(health.p99Ms).toBeLessThan(500);
    expect(Object.keys(afterwards.statuses)).toEqual(['200']);
    expect(afterwards.p99Ms).toBeLessThan(3 * normal.p99Ms);
    expect(await server.stop()).toMatchObject({ code: 0, stderr: '' });
  });

  test('told to stop under load, five times: nothing is lost, and what was acknowledged is stored', async () => {
    let acknowledgedAll = 0;
    let longestMs = 0;
    for (let round = 1; round <= 5; round += 1) {
      const { server, address } = await serve();
      const load = { address, key, clients: 64, ms: 1500 + 100 * round, round };
      const { acknowledged, lost, told, ending, endedMs } = await stopUnderLoad(server, load);
      acknowledgedAll += acknowledged.length;
      longestMs = Math.max(longestMs, endedMs);

      expect(lost).toEqual([]);
      expect(told).toBe(64);
      expect(ending).toMatchObject({ code: 0, signal: null, stderr: '' });
    }
    console.log(
      `${name}: ${acknowledgedAll} acknowledged, stopped within ${Math.round(longestMs)} ms`,
    );
    const { server, client } = await serve();
    expect((await client.run('{ tags { totalCount } }')).tags.totalCount).toBe(acknowledgedAll);
    expect(await audit(client)).toEqual(CLEAN);
    expect(await server.stop()).toMatchObject({ code: 0 });
    expect(longestMs).toBeLessThan(10_000);
  });
});
