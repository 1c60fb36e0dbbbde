import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DATABASES } from './support/databases.ts';
import {
  createItem,
  createLocation,
  levels,
  move,
  stock,
  stockDocument,
} from './support/factories.ts';
import { startServer, type TestServer } from './support/server.ts';

describe.each(DATABASES)('stock on %s', (database) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer(database);
    await createLocation(server, 'SHELF');
    await createLocation(server, 'BENCH');
  });

  afterAll(() => server.stop());

  const issueOne = (sku: string, quantity: string, facts: object = {}) =>
    move(server, 'stockIssue', {
      from: { code: 'shelf' },
      lines: [{ item: { sku }, quantity }],
      ...facts,
    });

  test('goods come in from the supplier, and both ends of the line say so', async () => {
    await createItem(server, 'IN', { decimals: 3 });

    const answer = await move(server, 'stockReceive', {
      to: { code: 'shelf' },
      reference: 'PO 7',
      lines: [
        { item: { sku: 'in' }, quantity: '1.250' },
        { item: { sku: 'IN' }, quantity: '0.75' },
      ],
    });

    expect(answer).toEqual({
      __typename: 'StockReceiveSuccess',
      replayed: false,
      movement: {
        id: expect.any(String),
        seq: expect.any(Number),
        kind: 'RECEIPT',
        reference: 'PO 7',
        note: null,
      },
      levels: [
        {
          onHand: '2',
          reserved: '0',
          available: '2',
          item: { sku: 'IN' },
          location: { code: 'SHELF' },
        },
      ],
    });
    const { movement } = await server.run(
      `query ($id: ID!) {
        movement(id: $id) {
          actor { name }
          lines { nodes { quantity fromAfter toAfter from { code } to { code } lot { code } } }
        }
      }`,
      { id: answer.movement.id },
    );
    expect(movement).toEqual({
      actor: { name: 'Owner' },
      lines: {
        nodes: [
          {
            quantity: '1.25',
            fromAfter: '-1.25',
            toAfter: '1.25',
            from: { code: 'SUPPLIER' },
            to: { code: 'SHELF' },
            lot: null,
          },
          {
            quantity: '0.75',
            fromAfter: '-2',
            toAfter: '2',
            from: { code: 'SUPPLIER' },
            to: { code: 'SHELF' },
            lot: null,
          },
        ],
      },
    });
  });

  test('a transfer changes both levels', async () => {
    await createItem(server, 'MOVE');
    await stock(server, 'MOVE', 'SHELF', '10');

    const answer = await move(server, 'stockTransfer', {
      from: { code: 'SHELF' },
      to: { code: 'BENCH' },
      lines: [{ item: { sku: 'MOVE' }, quantity: '4' }],
    });

    expect(answer).toMatchObject({
      __typename: 'StockTransferSuccess',
      levels: [
        { onHand: '6', location: { code: 'SHELF' } },
        { onHand: '4', location: { code: 'BENCH' } },
      ],
    });
    expect(await levels(server, 'MOVE')).toEqual({ SUPPLIER: '-10', SHELF: '6', BENCH: '4' });
  });

  test('more than is available is refused with every shortage at once, and nothing moves', async () => {
    for (const sku of ['SHORT-1', 'SHORT-2', 'ENOUGH']) {
      await createItem(server, sku);
      await stock(server, sku, 'SHELF', '5');
    }
    const line = (sku: string, quantity: string) => ({ item: { sku }, quantity });

    const answer = await move(server, 'stockIssue', {
      from: { code: 'SHELF' },
      lines: [
        line('SHORT-1', '3'),
        line('ENOUGH', '5'),
        line('SHORT-1', '3'),
        line('SHORT-2', '9'),
      ],
    });

    expect(answer).toEqual({
      __typename: 'InsufficientStock',
      code: 'INSUFFICIENT_STOCK',
      message: expect.any(String),
      path: ['input', 'lines'],
      shortages: [
        {
          lines: [0, 2],
          item: { sku: 'SHORT-1' },
          location: { code: 'SHELF' },
          requested: '6',
          available: '5',
        },
        {
          lines: [3],
          item: { sku: 'SHORT-2' },
          location: { code: 'SHELF' },
          requested: '9',
          available: '5',
        },
      ],
    });
    for (const sku of ['SHORT-1', 'SHORT-2', 'ENOUGH']) {
      expect(await levels(server, sku)).toEqual({ SUPPLIER: '-5', SHELF: '5' });
    }
  });

  test('an idempotency key happens once, and answers with the levels of today', async () => {
    await createItem(server, 'ONCE');
    await stock(server, 'ONCE', 'SHELF', '10');
    const sent = { idempotencyKey: 'once', note: 'the first' };

    const first = await issueOne('ONCE', '2', sent);
    await issueOne('ONCE', '3');
    const again = await issueOne('ONCE', '2', sent);
    const other = await issueOne('ONCE', '4', sent);

    expect(again).toEqual({
      ...first,
      replayed: true,
      levels: [{ ...first.levels[0], onHand: '5', available: '5' }],
    });
    expect(other).toMatchObject({
      __typename: 'IdempotencyMismatch',
      code: 'IDEMPOTENCY_MISMATCH',
      path: ['input', 'idempotencyKey'],
    });
    expect(await levels(server, 'ONCE')).toEqual({ SUPPLIER: '-10', SHELF: '5', CUSTOMER: '5' });
  });

  test('a refusal stores nothing: the same key may be tried again', async () => {
    await createItem(server, 'RETRY');
    await stock(server, 'RETRY', 'SHELF', '1');

    const refused = await issueOne('RETRY', '2', { idempotencyKey: 'retry' });
    await stock(server, 'RETRY', 'SHELF', '1');
    const done = await issueOne('RETRY', '2', { idempotencyKey: 'retry' });

    expect(refused.__typename).toBe('InsufficientStock');
    expect(done).toMatchObject({ __typename: 'StockIssueSuccess', replayed: false });
  });

  test('the same key sent 20 times at once is one movement', async () => {
    await createItem(server, 'TWINS');
    await stock(server, 'TWINS', 'SHELF', '100');

    const answers = await Promise.all(
      Array.from({ length: 20 }, () => issueOne('TWINS', '1', { idempotencyKey: 'twins' })),
    );

    expect(new Set(answers.map((answer) => answer.movement.id)).size).toBe(1);
    expect(answers.filter((answer) => answer.replayed)).toHaveLength(19);
    expect(await levels(server, 'TWINS')).toEqual({ SUPPLIER: '-100', SHELF: '99', CUSTOMER: '1' });
  });

  test('50 issues of 1 at once against 30 on hand: exactly 30 succeed', async () => {
    await createItem(server, 'SCARCE');
    await stock(server, 'SCARCE', 'SHELF', '30');

    const answers = await Promise.all(Array.from({ length: 50 }, () => issueOne('SCARCE', '1')));

    const names = answers.map((answer) => answer.__typename);
    expect(names.filter((name) => name === 'StockIssueSuccess')).toHaveLength(30);
    expect(names.filter((name) => name === 'InsufficientStock')).toHaveLength(20);
    expect(await levels(server, 'SCARCE')).toEqual({ SUPPLIER: '-30', SHELF: '0', CUSTOMER: '30' });
  });

  test('opposite transfers at once neither deadlock nor lose a unit', async () => {
    await createItem(server, 'SWAP-1');
    await createItem(server, 'SWAP-2');
    for (const sku of ['SWAP-1', 'SWAP-2']) await stock(server, sku, 'SHELF', '100');
    await move(server, 'stockTransfer', {
      from: { code: 'SHELF' },
      to: { code: 'BENCH' },
      lines: ['SWAP-1', 'SWAP-2'].map((sku) => ({ item: { sku }, quantity: '50' })),
    });
    const there = ['SWAP-1', 'SWAP-2'].map((sku) => ({ item: { sku }, quantity: '1' }));
    const transfer = (from: string, to: string, lines: object[]) =>
      move(server, 'stockTransfer', { from: { code: from }, to: { code: to }, lines });

    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        index % 2
          ? transfer('SHELF', 'BENCH', there)
          : transfer('BENCH', 'SHELF', there.toReversed()),
      ),
    );

    expect(new Set(answers.map((answer) => answer.__typename))).toEqual(
      new Set(['StockTransferSuccess']),
    );
    for (const sku of ['SWAP-1', 'SWAP-2']) {
      expect(await levels(server, sku)).toEqual({ SUPPLIER: '-100', SHELF: '50', BENCH: '50' });
    }
  });

  test('the numbers of the movements have no gap, and rise with their times', async () => {
    await createItem(server, 'GAPLESS');
    await stock(server, 'GAPLESS', 'SHELF', '20');
    await Promise.all(Array.from({ length: 30 }, () => issueOne('GAPLESS', '1')));

    const entries = await server.orm.em
      .fork()
      .getConnection()
      .execute<{ seq: string | number; at: string | number }[]>(
        'select seq, at from journal_entries order by seq',
      );

    expect(entries.map(({ seq }) => Number(seq))).toEqual(entries.map((_, index) => index + 1));
    const times = entries.map(({ at }) => new Date(at).getTime());
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  test('a transfer of 1, 100 and 1,000 lines takes the same number of statements, at most 10', async () => {
    const skus = Array.from({ length: 1000 }, (_, index) => `MANY-${index}`);
    for (const sku of skus.slice(0, 5)) await createItem(server, sku);
    const lines = (count: number) =>
      Array.from({ length: count }, (_, index) => ({
        item: { sku: `MANY-${index % 5}` },
        quantity: '1',
      }));
    await move(server, 'stockReceive', { to: { code: 'SHELF' }, lines: lines(1000) });
    await move(server, 'stockReceive', { to: { code: 'SHELF' }, lines: lines(1000) });
    const document = `mutation ($input: StockTransferInput!) {
      stockTransfer(input: $input) { __typename ... on StockSuccess { movement { seq } } }
    }`;

    const counts = [];
    for (const count of [1, 100, 1000]) {
      const input = {
        idempotencyKey: `many-${count}`,
        from: { code: 'SHELF' },
        to: { code: 'BENCH' },
        lines: lines(count),
      };
      const answer = await server.ask(document, { input });
      expect(answer.data.stockTransfer.__typename).toBe('StockTransferSuccess');
      counts.push(answer.extensions.trace.count);
    }

    expect(counts).toEqual([9, 9, 9]);
  });

  test.each([
    ['no lines', { lines: [] }, ['input', 'lines']],
    ['nothing', { quantity: '0' }, ['input', 'lines', '0', 'quantity']],
    ['less than nothing', { quantity: '-1' }, ['input', 'lines', '0', 'quantity']],
    ['a fraction of a whole unit', { quantity: '0.5' }, ['input', 'lines', '0', 'quantity']],
    [
      'more than can be counted',
      { quantity: '9007199254740992' },
      ['input', 'lines', '0', 'quantity'],
    ],
    ['the place where it is', { to: { code: 'SHELF' } }, ['input', 'to']],
    ['a blank key', { idempotencyKey: ' ' }, ['input', 'idempotencyKey']],
    ['a key without end', { idempotencyKey: 'k'.repeat(256) }, ['input', 'idempotencyKey']],
    [
      'too many lines',
      { lines: Array.from({ length: 1001 }, () => ({ item: { sku: 'BAD' }, quantity: '1' })) },
      ['input', 'lines'],
    ],
  ])('%s is refused as invalid, with its path', async (_what, facts, path) => {
    const sku = `BAD-${crypto.randomUUID()}`;
    await createItem(server, sku);
    await stock(server, sku, 'SHELF', '5');
    const { quantity = '1', ...rest } = facts as { quantity?: string };

    const answer = await move(server, 'stockTransfer', {
      from: { code: 'SHELF' },
      to: { code: 'BENCH' },
      lines: [{ item: { sku }, quantity }],
      ...rest,
    });

    expect(answer).toMatchObject({ __typename: 'InvalidInput', code: 'INVALID_INPUT', path });
    expect(await levels(server, sku)).toEqual({ SUPPLIER: '-5', SHELF: '5' });
  });

  test.each([
    ['item', { item: { sku: 'NOBODY' } }, ['input', 'lines', '0', 'item']],
    [
      'item by an id of another type',
      { item: { id: 'TG9jYXRpb246MQ' } },
      ['input', 'lines', '0', 'item'],
    ],
    ['item by a malformed id', { item: { id: '%%%' } }, ['input', 'lines', '0', 'item']],
    ['location', { from: { code: 'NOWHERE' } }, ['input', 'from']],
  ])('an unknown %s is not found', async (_what, { item, from }: Record<string, object>, path) => {
    await createItem(server, `KNOWN-${crypto.randomUUID()}`);

    const answer = await move(server, 'stockIssue', {
      from: from ?? { code: 'SHELF' },
      lines: [{ item: item ?? { sku: 'GAPLESS' }, quantity: '1' }],
    });

    expect(answer).toMatchObject({ __typename: 'NotFound', code: 'NOT_FOUND', path });
  });

  test.each([
    ['item', "update items set archived_at = updated_at where sku = 'OLD'", '0', 'item'],
    ['location', "update locations set archived_at = updated_at where code = 'OLD'", 'to'],
  ])('an archived %s takes no stock', async (what, archive, ...path) => {
    await createItem(server, what === 'item' ? 'OLD' : 'NEW');
    await createLocation(server, what === 'item' ? 'FRESH' : 'OLD');
    await server.orm.em.getConnection('write').execute(archive);

    const answer = await move(server, 'stockReceive', {
      to: { code: what === 'item' ? 'FRESH' : 'OLD' },
      lines: [{ item: { sku: what === 'item' ? 'OLD' : 'NEW' }, quantity: '1' }],
    });

    const at = what === 'item' ? ['input', 'lines', ...path] : ['input', ...path];
    expect(answer).toMatchObject({
      __typename: 'InvalidState',
      message: `The ${what} OLD is archived.`,
      path: at,
    });
  });

  test('goods do not go from one outside world to another', async () => {
    await createItem(server, 'WORLDS');

    const answer = await move(server, 'stockTransfer', {
      from: { code: 'SUPPLIER' },
      to: { code: 'CUSTOMER' },
      lines: [{ item: { sku: 'WORLDS' }, quantity: '1' }],
    });

    expect(answer).toMatchObject({ __typename: 'InvalidInput', path: ['input', 'to'] });
  });

  test.each(['1e3', 'NaN', '', ' 1', '1.', '0x10', 'Infinity', '１'])(
    'the quantity %j is no decimal number',
    async (quantity) => {
      const answer = await server.ask(stockDocument('stockIssue'), {
        input: {
          idempotencyKey: 'malformed',
          from: { code: 'SHELF' },
          lines: [{ item: { sku: 'X' }, quantity }],
        },
      });

      expect(answer.data).toBeUndefined();
      expect(answer.errors).toHaveLength(1);
      expect(answer.errors[0]).toMatchObject({ extensions: { code: 'BAD_REQUEST' } });
      expect(answer.errors[0]?.message).toContain('input.lines[0].quantity');
    },
  );

  test('the ledger is append-only, whoever tries', async () => {
    const tables = ['movements', 'movement_lines', 'journal_entries', 'idempotency_keys'];
    const execute = (sql: string) => server.orm.em.fork().getConnection().execute(sql);

    for (const table of tables) {
      await expect(execute(`update ${table} set id = id`)).rejects.toThrow(/append-only/);
      await expect(execute(`delete from ${table}`)).rejects.toThrow(/append-only/);
    }
  });

  test('no level of a real place can go below zero, whoever tries', async () => {
    const sql = 'update stock_levels set on_hand = -1 where not outside';

    await expect(server.orm.em.fork().getConnection().execute(sql)).rejects.toThrow(
      /stock_levels_real_check/,
    );
  });
});
