import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Viewer } from '../src/access/viewer.ts';
import { RateLimiter } from '../src/http/rate-limit.ts';
import { DATABASES } from './support/databases.ts';
import { createItem } from './support/factories.ts';
import { type HttpServer, startHttp, stopAll } from './support/http.ts';

/** Nothing worth naming comes back while a test runs. */
const SLOW = { capacity: 5000, perSecond: 1 };

const AUDIT = '{ ledgerAudit { differenceCount } }';

const WAYS: [way: string, headers: Record<string, string>][] = [
  ['as a plain request', {}],
  ['through the app', { 'x-trace': 'sql' }],
];

describe.each(DATABASES)('what the requests of a key may cost on %s', (name) => {
  let http: HttpServer;

  beforeAll(async () => {
    http = await startHttp(name, {}, 'info', { rateLimit: SLOW });
    for (const sku of ['A', 'B', 'C']) await createItem(http.server, sku);
  });

  afterAll(stopAll);

  /** Sends an operation by a key that nobody has used yet, or by the same one again. */
  async function client(headers: Record<string, string>) {
    const { key } = await http.server.member('OWNER');
    return (query: string, variables = {}) =>
      http.post(query, variables, { ...headers, authorization: `Bearer ${key}` });
  }

  test.each(WAYS)(
    '%s: rows that are not there are given back, and the answer says so',
    async (_way, headers) => {
      const post = await client(headers);

      const items = await post('{ items(first: 100) { nodes { sku } } }');
      const counted = await post('{ items(first: 100) { totalCount nodes { sku onHand } } }');

      expect(items.status).toBe(200);
      expect(items.body.extensions.cost).toEqual({
        ...{ requested: 100, limit: 5000, used: 3 },
        rate: { ...SLOW, available: 4997 },
      });
      // What is computed is work, whoever it finds: 2 for the count, 2 for each row that there could be.
      expect(counted.body.extensions.cost).toMatchObject({ requested: 302, rate: SLOW });
      expect(counted.body.extensions.cost.used).toBeGreaterThanOrEqual(202);
      expect(counted.body.extensions.cost.used).toBeLessThan(302);
    },
  );

  test.each(WAYS)(
    '%s: too much is refused with 429, before anything is done, and for this key alone',
    async (_way, headers) => {
      const post = await client(headers);
      const other = await client(headers);
      const create = `mutation { tagCreate(input: { name: "never" }) { __typename } }`;

      const first = await post(AUDIT);
      const second = await post(AUDIT);
      const small = await post('{ tags(first: 1) { nodes { name } } }');
      const mixed = await post(`${'#'.repeat(8)}\n${AUDIT}`);
      const others = await other(AUDIT);
      // Three more than are left.
      const { available } = small.body.extensions.cost.rate;
      const pages = Math.ceil(available / 100) + 1;
      const aliases = Array.from(
        { length: pages },
        (_, n) => `a${n}: tags(first: 100) { nodes { name } }`,
      );
      const many = await post(`{ ${aliases.join(' ')} }`);
      const created = await post(create);

      expect(first.status).toBe(200);
      expect(first.body.extensions.cost).toMatchObject({ used: 4001 });
      // Each second that passes meanwhile gives one back.
      const left = first.body.extensions.cost.rate.available;
      expect(left).toBeGreaterThanOrEqual(999);
      expect(left).toBeLessThan(1099);
      for (const refused of [second, mixed]) {
        expect([refused.status, refused.text]).toEqual([429, expect.any(String)]);
        expect(refused.headers.get('retry-after')).toMatch(/^(29|30)\d\d$/);
        expect(refused.body).toEqual({
          errors: [
            {
              message: expect.stringMatching(
                /^The key has used what its requests may cost just now\. This one costs 4,001: (2,9|3,0)\d\d more than is left, and that is there again in (29|30)\d\d seconds\.$/,
              ),
              extensions: { code: 'RATE_LIMITED' },
            },
          ],
          extensions: {
            cost: {
              requested: 4001,
              limit: 5000,
              used: 0,
              rate: { ...SLOW, available: expect.any(Number) },
            },
          },
        });
      }
      expect(small.status).toBe(200);
      expect(many.status).toBe(429);
      expect(created.status).toBe(200);
      expect(others.status).toBe(200);
      expect((await http.server.run('{ tags { totalCount } }')).tags.totalCount).toBe(1);
      await http.execute(`delete from tags`);
    },
  );

  test('both ways share one bucket', async () => {
    const { key } = await http.server.member('VIEWER');
    const authorization = `Bearer ${key}`;
    const document = '{ items(first: 1) { nodes { sku } } }';
    const rates: number[] = [];
    for (const [, headers] of [...WAYS, ...WAYS]) {
      const { body } = await http.post(document, {}, { ...headers, authorization });
      rates.push(body.extensions.cost.rate.available);
    }

    expect(rates).toEqual([4999, 4998, 4997, 4996]);
  });
});

const viewerOf = (id: number): Viewer => ({
  ...{ organizationId: 1, userId: 1, role: 'OWNER' as const, permissions: [] },
  key: { id, prefix: 'qm_', expiresAt: null },
});

describe('buckets', () => {
  test('fill up as time goes by, and never over', () => {
    let now = 0;
    const bucket = new RateLimiter({ capacity: 100, perSecond: 10 }, () => now).of(viewerOf(1));

    expect(bucket.take(90)).toBe(0);
    expect(bucket.take(40)).toBe(30);
    now = 2900;
    expect(bucket.take(40)).toBe(1);
    now = 3000;
    expect(bucket.take(40)).toBe(0);
    bucket.giveBack(15);
    expect(bucket.rate).toEqual({ capacity: 100, perSecond: 10, available: 15 });
    now = 1_000_000;
    bucket.giveBack(50);
    expect(bucket.available).toBe(100);
  });

  test('are no more than twice the keys that were used lately', () => {
    let now = 0;
    const limiter = new RateLimiter({ capacity: 100, perSecond: 10 }, () => now);
    let most = 0;
    for (let id = 0; id < 100_000; id += 1) {
      now += 1;
      // Full again after a second: there are never more than a thousand that are not.
      limiter.of(viewerOf(id)).take(10);
      most = Math.max(most, limiter.size);
    }

    expect(most).toBe(1998);
  });
});
