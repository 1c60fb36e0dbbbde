import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DATABASES } from './support/databases.ts';
import { createItem, createLocation, levels, move, stock } from './support/factories.ts';
import { audit, CLEAN, inFlight, randomNumbers, tally } from './support/load.ts';
import { startServer, type TestServer } from './support/server.ts';

/** How many requests are under way at once, where not all of them are. */
const AT_ONCE = 50;

// `move` fails on any GraphQL error: no client here ever sees a busy database or a deadlock.
describe.each(DATABASES)('many clients at once on %s', (database) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer(database);
    for (const code of ['SHELF', 'BENCH', 'CART']) await createLocation(server, code);
  });

  afterAll(() => server.stop());

  test('200 issues of 1 against 100 on hand: exactly 100 succeed', async () => {
    await createItem(server, 'LAST');
    await stock(server, 'LAST', 'SHELF', '100');

    const answers = await Promise.all(
      Array.from({ length: 200 }, () =>
        move(server, 'stockIssue', {
          from: { code: 'SHELF' },
          lines: [{ item: { sku: 'LAST' }, quantity: '1' }],
        }),
      ),
    );

    expect(tally(answers.map(({ __typename }) => __typename))).toEqual({
      StockIssueSuccess: 100,
      InsufficientStock: 100,
    });
    // Each took another unit: no two of them saw the same level.
    const left = answers.flatMap((answer) => answer.movement?.seq ?? []);
    expect(new Set(left).size).toBe(100);
    expect(await levels(server, 'LAST')).toEqual({ SUPPLIER: '-100', SHELF: '0', CUSTOMER: '100' });
    expect(await audit(server)).toEqual(CLEAN);
  });

  test('500 transfers each way, their lines in opposite orders, end at the exact levels', async () => {
    const skus = ['SWAP-1', 'SWAP-2'];
    for (const sku of skus) {
      await createItem(server, sku);
      await stock(server, sku, 'SHELF', '10000');
      await stock(server, sku, 'BENCH', '10000');
    }
    const transfers = Array.from({ length: 1000 }, (_, index) => ({
      quantities: [1 + (index % 7), 1 + (index % 5)] as const,
      there: index % 2 === 0,
    }));

    const answers = await inFlight(AT_ONCE, transfers, ({ quantities, there }) => {
      const lines = skus.map((sku, at) => ({ item: { sku }, quantity: String(quantities[at]) }));
      const ends = [{ code: 'SHELF' }, { code: 'BENCH' }];
      const [from, to] = there ? ends : ends.toReversed();
      return move(server, 'stockTransfer', {
        from,
        to,
        lines: there ? lines : lines.toReversed(),
      });
    });

    expect(tally(answers.map(({ __typename }) => __typename))).toEqual({
      StockTransferSuccess: 1000,
    });
    for (const [at, sku] of skus.entries()) {
      const moved = transfers.map(
        ({ quantities, there }) => (quantities[at] ?? 0) * (there ? 1 : -1),
      );
      const onBench = 10_000 + moved.reduce((sum, quantity) => sum + quantity, 0);
      expect(await levels(server, sku)).toEqual({
        SUPPLIER: '-20000',
        SHELF: String(20_000 - onBench),
        BENCH: String(onBench),
      });
    }
    expect(await audit(server)).toEqual(CLEAN);
  });

  test('issues, receipts, transfers and adjustments between three places, as the answers say', async () => {
    const random = randomNumbers(7);
    const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)] as T;
    const codes = ['SHELF', 'BENCH', 'CART'] as const;
    await createItem(server, 'MIXED');
    for (const code of codes) await stock(server, 'MIXED', code, '20');
    const changes = Array.from({ length: 300 }, () => {
      const from = pick(codes);
      const to = pick(codes.filter((code) => code !== from));
      const kind = pick(['stockIssue', 'stockReceive', 'stockTransfer', 'stockAdjust'] as const);
      return { kind, from, to, quantity: 1 + Math.floor(random() * 9) };
    });

    const answers = await inFlight(AT_ONCE, changes, (change) =>
      move(server, change.kind, inputOf(change)),
    );

    const expected = { SHELF: 20, BENCH: 20, CART: 20 };
    for (const [index, { kind, from, to, quantity }] of changes.entries()) {
      const answer = answers[index];
      if (answer.__typename === 'InsufficientStock') continue;
      expect(answer.__typename).toMatch(/^Stock\w+Success$/);
      if (kind !== 'stockReceive') expected[from] -= quantity;
      if (kind === 'stockReceive' || kind === 'stockTransfer') expected[to] += quantity;
    }
    expect(await levels(server, 'MIXED')).toMatchObject(
      Object.fromEntries(Object.entries(expected).map(([code, sum]) => [code, String(sum)])),
    );
    expect(await audit(server)).toEqual(CLEAN);
  });
});

interface Mixed {
  readonly kind: 'stockIssue' | 'stockReceive' | 'stockTransfer' | 'stockAdjust';
  readonly from: string;
  readonly to: string;
  readonly quantity: number;
}

function inputOf({ kind, from, to, quantity }: Mixed): object {
  const item = { sku: 'MIXED' };
  if (kind === 'stockAdjust') {
    const lines = [{ item, delta: String(-quantity) }];
    return { location: { code: from }, reason: 'DAMAGED', lines };
  }
  return {
    ...(kind !== 'stockReceive' && { from: { code: from } }),
    ...(kind !== 'stockIssue' && { to: { code: to } }),
    lines: [{ item, quantity: String(quantity) }],
  };
}
