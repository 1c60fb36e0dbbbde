import { afterEach, describe, expect, test } from '@jest/globals';
import { queueOf } from '../src/stock/posting-queue.ts';
import { DATABASES } from './support/databases.ts';
import { createItem, createLocation, stock, stockDocument } from './support/factories.ts';
import { holdWriters } from './support/holding.ts';
import { type HttpServer, startHttp, stopAll } from './support/http.ts';
import { until } from './support/until.ts';

const WAYS: [way: string, headers: Record<string, string>][] = [
  ['a plain request', {}],
  ['a request through the app', { 'x-trace': 'sql' }],
];

/** Every statement takes that long. */
const ALL = { logSlowMs: 0 };

/** The lines of slow statements that were for a request. */
const slow = (http: HttpServer) =>
  http.logged().filter(({ msg, requestId }) => msg === 'slow statement' && requestId);

describe.each(DATABASES)('slow statements on %s', (name) => {
  afterEach(stopAll);

  test.each(WAYS)('%s: each is logged with the name of its operation', async (_way, headers) => {
    const http = await startHttp(name, ALL);
    const time = expect.any(Number);
    const send = (id: string, query: string, variables: object) =>
      http.post(query, variables, { ...headers, 'x-request-id': id });

    await send('r1', 'query Stock($sku: String!) { item(by: { sku: $sku }) { sku } }', {
      sku: 'SECRET-1',
    });
    await send(
      'r2',
      'mutation Tag($name: String!) { tagCreate(input: { name: $name }) { __typename } }',
      {
        name: 'SECRET-2',
      },
    );
    await send('r3', '{ stockSummary(groupBy: [ITEM]) { onHand } }', {});

    const line = (requestId: string, operation: string | null, start: string, rows: number) => ({
      ...{ level: 40, time, requestId, operation, ms: time, rows, msg: 'slow statement' },
      ...{ sql: expect.stringMatching(start), batch: operation === 'Stock' ? 1 : null },
    });
    expect(slow(http)).toEqual([
      line('r1', 'Stock', '^select ', 0),
      line('r2', 'Tag', '^insert into .tags. ', 1),
      line('r2', 'Tag', '^update journal_heads ', 1),
      line('r2', 'Tag', '^insert into journal_entries ', 0),
      line('r3', null, '^(select|with) ', 0),
    ]);
    expect(JSON.stringify(http.logged())).not.toContain('SECRET-');
  });

  test('what several requests share is logged once, with how many they are', async () => {
    const http = await startHttp(name, ALL);
    const { server } = http;
    await createItem(server, 'A');
    await createLocation(server, 'SHELF');
    await stock(server, 'A', 'SHELF', '10');
    const queue = queueOf(server.orm.em, server.owner.organizationId);
    const release = await holdWriters(server);
    const answers = [];
    for (const index of [0, 1, 2]) {
      const lines = [{ item: { sku: 'A' }, quantity: '1' }];
      const input = { idempotencyKey: `k${index}`, from: { code: 'SHELF' }, lines };
      const headers = { 'x-request-id': `r${index}` };
      answers.push(http.post(stockDocument('stockIssue'), { input }, headers));
      await until(`${index} wait`, () => queue.isBusy && queue.waiting === index);
    }
    await release();
    await Promise.all(answers);

    const inserts = slow(http).filter(({ sql }) => /^insert into movements /.test(String(sql)));
    expect(inserts.slice(-2).map(({ requestId, requests }) => [requestId, requests])).toEqual([
      ['r0', undefined],
      ['r1', 2],
    ]);
  });

  test('what takes less is not logged, and nothing without the setting', async () => {
    for (const settings of [{ logSlowMs: 60_000 }, {}]) {
      const http = await startHttp(name, settings);
      await http.post('{ tags { totalCount } }');
      expect(http.logged()).toEqual([]);
    }
  });
});
