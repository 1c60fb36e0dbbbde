import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DATABASES } from './support/databases.ts';
import { createItem, createLocation, levels, move, stock } from './support/factories.ts';
import { audit, CLEAN } from './support/load.ts';
import { startServer, type TestServer } from './support/server.ts';

describe.each(DATABASES)('corrections on %s', (database) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer(database);
    await createLocation(server, 'SHELF');
    await createLocation(server, 'BENCH');
  });

  afterAll(() => server.stop());

  /** An item of its own for each test, with stock on the shelf. */
  async function stocked(quantity: string, facts: { decimals?: number } = {}): Promise<string> {
    const sku = `ITEM-${crypto.randomUUID()}`;
    await createItem(server, sku, facts);
    await stock(server, sku, 'SHELF', quantity);
    return sku;
  }

  const adjust = (sku: string, delta: string, facts: object = {}) =>
    move(server, 'stockAdjust', {
      location: { code: 'SHELF' },
      reason: 'DAMAGED',
      lines: [{ item: { sku }, delta }],
      ...facts,
    });

  const count = (lines: object[], facts: object = {}) =>
    move(server, 'stockCount', { location: { code: 'SHELF' }, lines, ...facts });

  const movementOf = async (id: string) =>
    (
      await server.run(
        `query ($id: ID!) {
          movement(id: $id) {
            kind reason
            reverses { id } reversedBy { id }
            counts { item { sku } lot { code } counted expected difference }
            lines { nodes { item { sku } quantity from { code } to { code } fromAfter toAfter } }
          }
        }`,
        { id },
      )
    ).movement;

  describe('stockAdjust', () => {
    test('takes from a level or adds to it, for a reason', async () => {
      const sku = await stocked('10', { decimals: 1 });

      const less = await adjust(sku, '-2.5');
      const more = await adjust(sku, '1', { reason: 'FOUND' });

      expect(less).toMatchObject({
        __typename: 'StockAdjustSuccess',
        levels: [{ onHand: '7.5', location: { code: 'SHELF' } }],
      });
      expect(await movementOf(less.movement.id)).toMatchObject({
        kind: 'ADJUSTMENT',
        reason: 'DAMAGED',
        lines: {
          nodes: [{ quantity: '2.5', from: { code: 'SHELF' }, to: { code: 'ADJUSTMENT' } }],
        },
      });
      expect(await movementOf(more.movement.id)).toMatchObject({
        reason: 'FOUND',
        lines: { nodes: [{ quantity: '1', from: { code: 'ADJUSTMENT' }, to: { code: 'SHELF' } }] },
      });
      expect(await levels(server, sku)).toEqual({
        SUPPLIER: '-10',
        SHELF: '8.5',
        ADJUSTMENT: '1.5',
      });
    });

    test('lines for the same level are summed before the check', async () => {
      const sku = await stocked('1');

      const answer = await move(server, 'stockAdjust', {
        location: { code: 'SHELF' },
        reason: 'CORRECTION',
        lines: [
          { item: { sku }, delta: '-3' },
          { item: { sku }, delta: '2' },
        ],
      });

      expect(answer).toMatchObject({ levels: [{ onHand: '0' }] });
    });

    test('below zero is refused', async () => {
      const sku = await stocked('2');

      const answer = await adjust(sku, '-3');

      expect(answer).toMatchObject({
        __typename: 'InsufficientStock',
        shortages: [{ requested: '3', available: '2', location: { code: 'SHELF' } }],
      });
      expect(await levels(server, sku)).toEqual({ SUPPLIER: '-2', SHELF: '2' });
    });

    test.each([
      ['by nothing', { delta: '0' }, ['input', 'lines', '0', 'delta']],
      ['by too fine a fraction', { delta: '0.5' }, ['input', 'lines', '0', 'delta']],
      ['in an outside world', { location: { code: 'CUSTOMER' } }, ['input', 'location']],
    ])(
      '%s is refused as invalid',
      async (_what, { delta = '1', ...facts }: Record<string, unknown>, path) => {
        const sku = await stocked('2');

        const answer = await adjust(sku, delta as string, facts);

        expect(answer).toMatchObject({ __typename: 'InvalidInput', path });
        expect(await levels(server, sku)).toEqual({ SUPPLIER: '-2', SHELF: '2' });
      },
    );
  });

  describe('stockCount', () => {
    test('moves the difference, and keeps what was counted also where it was right', async () => {
      const [less, more, right] = [await stocked('10'), await stocked('10'), await stocked('10')];

      const answer = await count([
        { item: { sku: less }, counted: '7' },
        { item: { sku: more }, counted: '12', expected: '10' },
        { item: { sku: right }, counted: '10' },
      ]);

      expect(answer.__typename).toBe('StockCountSuccess');
      expect(await movementOf(answer.movement.id)).toEqual({
        kind: 'COUNT',
        reason: null,
        reverses: null,
        reversedBy: null,
        counts: [
          { item: { sku: less }, lot: null, counted: '7', expected: null, difference: '-3' },
          { item: { sku: more }, lot: null, counted: '12', expected: '10', difference: '2' },
          { item: { sku: right }, lot: null, counted: '10', expected: null, difference: '0' },
        ],
        lines: {
          nodes: [
            {
              item: { sku: less },
              quantity: '3',
              from: { code: 'SHELF' },
              to: { code: 'ADJUSTMENT' },
              fromAfter: '7',
              toAfter: '3',
            },
            {
              item: { sku: more },
              quantity: '2',
              from: { code: 'ADJUSTMENT' },
              to: { code: 'SHELF' },
              fromAfter: '-2',
              toAfter: '12',
            },
          ],
        },
      });
      expect(await levels(server, less)).toEqual({ SUPPLIER: '-10', SHELF: '7', ADJUSTMENT: '3' });
      expect(await levels(server, right)).toMatchObject({ SHELF: '10' });
    });

    test('an item that never was there is found', async () => {
      const sku = `ITEM-${crypto.randomUUID()}`;
      await createItem(server, sku);

      const answer = await count([{ item: { sku }, counted: '3', expected: '0' }]);

      expect(answer).toMatchObject({ levels: [{ onHand: '3' }] });
    });

    test('what is expected and does not hold is a conflict, with every line of it', async () => {
      const [first, second, third] = [await stocked('5'), await stocked('6'), await stocked('7')];

      const answer = await count([
        { item: { sku: first }, counted: '1', expected: '4' },
        { item: { sku: second }, counted: '1', expected: '6' },
        { item: { sku: third }, counted: '7', expected: '8' },
      ]);

      expect(answer).toMatchObject({
        __typename: 'CountConflict',
        code: 'COUNT_CONFLICT',
        conflicts: [
          { line: 0, item: { sku: first }, expected: '4', onHand: '5' },
          { line: 2, item: { sku: third }, expected: '8', onHand: '7' },
        ],
      });
      expect(await levels(server, second)).toEqual({ SUPPLIER: '-6', SHELF: '6' });
    });

    test('of two counts at once that expect the same, one wins', async () => {
      const sku = await stocked('5');

      const answers = await Promise.all(
        ['3', '4'].map((counted) => count([{ item: { sku }, counted, expected: '5' }])),
      );

      expect(answers.map((answer) => answer.__typename).toSorted()).toEqual([
        'CountConflict',
        'StockCountSuccess',
      ]);
    });

    test('stock that is not listed stays, or counts as none', async () => {
      await createLocation(server, 'ROOM');
      const [listed, unlisted] = [await stocked('5'), await stocked('6')];
      for (const sku of [listed, unlisted]) await stock(server, sku, 'ROOM', '3');
      const lines = [{ item: { sku: listed }, counted: '2' }];
      const room = { location: { code: 'ROOM' } };

      await count(lines, room);
      const kept = await levels(server, unlisted);
      const whole = await count(lines, { ...room, unlisted: 'ZERO' });
      const empty = await count([], { ...room, unlisted: 'ZERO' });

      expect(kept).toMatchObject({ ROOM: '3' });
      expect((await movementOf(whole.movement.id)).counts).toEqual([
        { item: { sku: listed }, lot: null, counted: '2', expected: null, difference: '0' },
        { item: { sku: unlisted }, lot: null, counted: '0', expected: null, difference: '-3' },
      ]);
      expect((await movementOf(empty.movement.id)).counts).toMatchObject([
        { item: { sku: listed }, counted: '0', difference: '-2' },
      ]);
      expect(await levels(server, unlisted)).toMatchObject({ ROOM: '0', SHELF: '6' });
      expect(await levels(server, listed)).toMatchObject({ ROOM: '0', SHELF: '5' });
    });

    test.each([
      ['no lines', [], ['input', 'lines']],
      ['less than nothing', ['-1'], ['input', 'lines', '0', 'counted']],
      ['an item twice', ['1', '1'], ['input', 'lines', '1', 'item']],
    ])('%s is refused as invalid', async (_what, counted, path) => {
      const sku = await stocked('5');

      const answer = await count(counted.map((each) => ({ item: { sku }, counted: each })));

      expect(answer).toMatchObject({ __typename: 'InvalidInput', path });
      expect(await levels(server, sku)).toEqual({ SUPPLIER: '-5', SHELF: '5' });
    });
  });

  describe('movementReverse', () => {
    const issue = (skus: string[], quantity: string) =>
      move(server, 'stockIssue', {
        from: { code: 'SHELF' },
        lines: skus.map((sku) => ({ item: { sku }, quantity })),
      });
    const reverse = (movement: string, facts: object = {}) =>
      move(server, 'movementReverse', { movement, ...facts });

    test('undoes every line of a movement, once', async () => {
      const [first, second] = [await stocked('10'), await stocked('10')];
      const issued = await issue([first, second, first], '2');

      const reversed = await reverse(issued.movement.id, { note: 'wrong customer' });
      const again = await reverse(issued.movement.id);

      expect(reversed).toMatchObject({
        __typename: 'MovementReverseSuccess',
        movement: { kind: 'REVERSAL', note: 'wrong customer' },
      });
      expect(await movementOf(reversed.movement.id)).toMatchObject({
        reverses: { id: issued.movement.id },
        lines: {
          nodes: [
            {
              item: { sku: first },
              quantity: '2',
              from: { code: 'CUSTOMER' },
              to: { code: 'SHELF' },
            },
            { item: { sku: second }, quantity: '2' },
            { item: { sku: first }, quantity: '2', toAfter: '10' },
          ],
        },
      });
      expect((await movementOf(issued.movement.id)).reversedBy).toEqual({
        id: reversed.movement.id,
      });
      expect(again).toMatchObject({
        __typename: 'AlreadyReversed',
        code: 'ALREADY_REVERSED',
        reversal: { id: reversed.movement.id },
      });
      expect(await levels(server, first)).toEqual({ SUPPLIER: '-10', SHELF: '10', CUSTOMER: '0' });
    });

    test('a reversal can be undone in turn', async () => {
      const sku = await stocked('10');
      const issued = await issue([sku], '4');
      const reversed = await reverse(issued.movement.id);

      await reverse(reversed.movement.id);

      expect(await levels(server, sku)).toEqual({ SUPPLIER: '-10', SHELF: '6', CUSTOMER: '4' });
    });

    test('is refused, with the shortages, when the goods are gone', async () => {
      const sku = `ITEM-${crypto.randomUUID()}`;
      await createItem(server, sku);
      const received = await move(server, 'stockReceive', {
        to: { code: 'SHELF' },
        lines: [{ item: { sku }, quantity: '5' }],
      });
      await issue([sku], '3');

      const answer = await reverse(received.movement.id);

      expect(answer).toMatchObject({
        __typename: 'InsufficientStock',
        shortages: [{ requested: '5', available: '2' }],
      });
      expect(await levels(server, sku)).toEqual({ SUPPLIER: '-5', SHELF: '2', CUSTOMER: '3' });
    });

    test('of 10 reversals at once, one undoes the movement', async () => {
      const sku = await stocked('10');
      const issued = await issue([sku], '1');

      const answers = await Promise.all(
        Array.from({ length: 10 }, () => reverse(issued.movement.id)),
      );

      const names = answers.map((answer) => answer.__typename);
      expect(names.filter((name) => name === 'MovementReverseSuccess')).toHaveLength(1);
      expect(names.filter((name) => name === 'AlreadyReversed')).toHaveLength(9);
      expect(await levels(server, sku)).toEqual({ SUPPLIER: '-10', SHELF: '10', CUSTOMER: '0' });
    });

    test('a count is undone with its differences', async () => {
      const sku = await stocked('10');
      const counted = await count([{ item: { sku }, counted: '4' }]);

      await reverse(counted.movement.id);

      expect(await levels(server, sku)).toEqual({ SUPPLIER: '-10', SHELF: '10', ADJUSTMENT: '0' });
    });

    test('a count that found no difference is undone like any other, and undone again', async () => {
      const sku = await stocked('10');
      const counted = await count([{ item: { sku }, counted: '10' }]);

      const undone = await reverse(counted.movement.id);
      const again = await reverse(undone.movement.id);

      expect(again.__typename).toBe('MovementReverseSuccess');
      expect(await levels(server, sku)).toMatchObject({ SUPPLIER: '-10', SHELF: '10' });
      expect(await audit(server)).toEqual(CLEAN);
    });

    test('a movement that does not exist is not found', async () => {
      const answer = await reverse('nothing');

      expect(answer).toMatchObject({ __typename: 'NotFound', path: ['input', 'movement'] });
    });

    test('the same key sent 10 times at once is one reversal', async () => {
      const sku = await stocked('10');
      const issued = await issue([sku], '1');
      const idempotencyKey = crypto.randomUUID();

      const answers = await Promise.all(
        Array.from({ length: 10 }, () => reverse(issued.movement.id, { idempotencyKey })),
      );

      expect(new Set(answers.map((answer) => answer.movement.id)).size).toBe(1);
      expect(answers.filter((answer) => answer.replayed)).toHaveLength(9);
    });
  });
});
