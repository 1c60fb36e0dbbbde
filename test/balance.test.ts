import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DATABASES } from './support/databases.ts';
import { createItem, createLocation, move } from './support/factories.ts';
import { startServer, type TestServer } from './support/server.ts';

/** A movement of the history below. */
interface Step {
  readonly sku: string;
  readonly quantity: number;
  readonly from: string;
  readonly to: string;
}

const SITES = ['NORTH', 'NORTH-1', 'NORTH-1-A', 'SOUTH'];
const SKUS = ['BOLT', 'NUT', 'OIL'];

/** A history that takes every item through every place: made by rule, so that it is the same each time. */
const HISTORY: Step[] = SKUS.flatMap((sku, item) => [
  ...SITES.map((to, index) => ({ sku, quantity: 100 + item + index, from: 'SUPPLIER', to })),
  ...SITES.map((from, index) => ({ sku, quantity: 3 + index, from, to: 'CUSTOMER' })),
  ...SITES.map((from, index) => ({
    sku,
    quantity: 5 + item,
    from,
    to: SITES[(index + 1) % SITES.length] as string,
  })),
]);

/** What an item has at places after so many steps. */
function expected(steps: number, sku: string, places: readonly string[]): string {
  return String(
    HISTORY.slice(0, steps)
      .filter((step) => step.sku === sku)
      .reduce(
        (sum, { quantity, from, to }) =>
          sum + (places.includes(to) ? quantity : 0) - (places.includes(from) ? quantity : 0),
        0,
      ),
  );
}

describe.each(DATABASES)('balances on %s', (database) => {
  let server: TestServer;
  /** For each step its movement. */
  const movements: { seq: number; recordedAt: string }[] = [];

  beforeAll(async () => {
    server = await startServer(database);
    await createLocation(server, 'NORTH');
    await createLocation(server, 'NORTH-1', { parent: { code: 'NORTH' } });
    await createLocation(server, 'NORTH-1-A', { parent: { code: 'NORTH-1' } });
    await createLocation(server, 'SOUTH', { kind: 'TRANSIT' });
    for (const sku of SKUS) await createItem(server, sku);
    for (const { sku, quantity, from, to } of HISTORY) {
      const answer = await move(server, 'stockTransfer', {
        from: { code: from },
        to: { code: to },
        lines: [{ item: { sku }, quantity: String(quantity) }],
      });
      const { movement } = await server.run(
        'query ($id: ID!) { movement(id: $id) { seq recordedAt } }',
        { id: answer.movement.id },
      );
      movements.push(movement);
    }
  });

  afterAll(() => server.stop());

  const BELOW: Record<string, string[]> = {
    NORTH: ['NORTH', 'NORTH-1', 'NORTH-1-A'],
    'NORTH-1': ['NORTH-1', 'NORTH-1-A'],
    'NORTH-1-A': ['NORTH-1-A'],
    SOUTH: ['SOUTH'],
    CUSTOMER: [],
  };

  test('what an item has at a place includes the places below it, and no outside world', async () => {
    const { item } = await server.run(`{
      item(by: { sku: "BOLT" }) {
        everywhere: onHand
        available
        reserved
        NORTH: onHand(at: { code: "north" })
        NORTH_1: onHand(at: { code: "NORTH-1" })
        SOUTH: available(at: { code: "SOUTH" })
        CUSTOMER: onHand(at: { code: "CUSTOMER" })
      }
    }`);

    const now = (places: string[] = []) => expected(HISTORY.length, 'BOLT', places);
    expect(item).toEqual({
      everywhere: now(SITES),
      available: now(SITES),
      reserved: '0',
      NORTH: now(BELOW['NORTH']),
      NORTH_1: now(BELOW['NORTH-1']),
      SOUTH: now(BELOW['SOUTH']),
      CUSTOMER: '0',
    });
  });

  const AS_OF = `query ($asOf: AsOf!) {
    items {
      nodes {
        sku
        everywhere: onHand(asOf: $asOf)
        north: onHand(at: { code: "NORTH" }, asOf: $asOf)
        drawer: onHand(at: { code: "NORTH-1-A" }, asOf: $asOf)
        south: onHand(at: { code: "SOUTH" }, asOf: $asOf)
      }
    }
  }`;

  const afterSteps = (steps: number) =>
    SKUS.map((sku) => ({
      sku,
      everywhere: expected(steps, sku, SITES),
      north: expected(steps, sku, BELOW['NORTH'] as string[]),
      drawer: expected(steps, sku, BELOW['NORTH-1-A'] as string[]),
      south: expected(steps, sku, BELOW['SOUTH'] as string[]),
    }));

  test('what an item had after each movement is exact', async () => {
    for (const [index, { seq }] of movements.entries()) {
      const { items } = await server.run(AS_OF, { asOf: { seq } });
      expect(items.nodes).toEqual(afterSteps(index + 1));
    }
  });

  test('before the first movement there was nothing', async () => {
    const { items } = await server.run(AS_OF, { asOf: { seq: 0 } });

    expect(items.nodes).toEqual(afterSteps(0));
  });

  test('what an item had at a time is what it had after the last movement until then', async () => {
    for (const index of [0, 7, 20, HISTORY.length - 1]) {
      const { recordedAt } = movements[index] as (typeof movements)[0];
      const last = movements.findLastIndex((movement) => movement.recordedAt === recordedAt);

      const { items } = await server.run(AS_OF, { asOf: { recordedAt } });

      expect(items.nodes).toEqual(afterSteps(last + 1));
    }
    const { items } = await server.run(AS_OF, { asOf: { recordedAt: '2001-01-01T00:00:00Z' } });
    expect(items.nodes).toEqual(afterSteps(0));
  });

  test('a late movement filters by when it happened, and moves no balance of the past', async () => {
    const before = movements.at(-1) as (typeof movements)[0];
    await createItem(server, 'ZINC');
    await move(server, 'stockReceive', {
      to: { code: 'SOUTH' },
      occurredAt: '2001-01-01T00:00:00Z',
      lines: [{ item: { sku: 'ZINC' }, quantity: '9' }],
    });

    const { item, movements: first } = await server.run(
      `query ($asOf: AsOf!) {
        item(by: { sku: "ZINC" }) { past: onHand(asOf: $asOf) now: onHand }
        movements(first: 1, orderBy: { field: OCCURRED_AT }) { nodes { occurredAt } }
      }`,
      { asOf: { seq: before.seq } },
    );

    expect(item).toEqual({ past: '0', now: '9' });
    expect(first.nodes).toEqual([{ occurredAt: '2001-01-01T00:00:00.000Z' }]);
  });

  test('the same statements for one item as for many', async () => {
    const asOf = { seq: movements[5]?.seq };
    const one = await server.ask(AS_OF.replace('items {', 'items(first: 1) {'), { asOf });
    const many = await server.ask(AS_OF, { asOf });

    expect(one.errors).toEqual([]);
    // The items, the three places in one, the moment, and a balance for each of the four fields.
    expect(one.extensions.trace.count).toBe(7);
    expect(many.extensions.trace.count).toBe(7);
  });

  test.each([
    ['beyond the journal', { seq: 1_000_000 }, /asOf.seq` must be from 0 to \d+, got 1000000/],
    ['before it', { seq: -1 }, /asOf.seq` must be from 0/],
    ['in the future', { recordedAt: '9999-01-01T00:00:00Z' }, /in the future/],
  ])('a moment %s is a bad request', async (_what, asOf, message) => {
    const { errors } = await server.ask(
      'query ($asOf: AsOf!) { item(by: { sku: "BOLT" }) { onHand(asOf: $asOf) } }',
      { asOf },
    );

    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ extensions: { code: 'BAD_REQUEST' } });
    expect(errors[0]?.message).toMatch(message);
  });

  test('a place that does not exist is a bad request', async () => {
    const { errors } = await server.ask(
      '{ item(by: { sku: "BOLT" }) { onHand(at: { code: "NOWHERE" }) } }',
    );

    expect(errors[0]).toMatchObject({ extensions: { code: 'BAD_REQUEST' } });
  });
});
