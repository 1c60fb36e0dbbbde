import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { DATABASES } from './support/databases.ts';
import { createItem, createLocation, move } from './support/factories.ts';
import { startServer, type TestServer } from './support/server.ts';

const DAY_MS = 86_400_000;
/** A day so many days from today, as the server writes it. */
const inDays = (days: number): string =>
  new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);

describe.each(DATABASES)('lots on %s', (database) => {
  let server: TestServer;
  let sku: string;

  beforeAll(async () => {
    server = await startServer(database);
    for (const code of ['SHELF', 'BENCH', 'ROOM']) await createLocation(server, code);
  });

  afterAll(() => server.stop());

  beforeEach(async () => {
    sku = `ITEM-${crypto.randomUUID()}`;
    await createItem(server, sku, { tracking: 'LOT' });
  });

  const receive = (code: string, quantity: string, expiresOn?: string, to = 'SHELF') =>
    move(server, 'stockReceive', {
      to: { code: to },
      lines: [{ item: { sku }, quantity, lot: { code, expiresOn } }],
    });

  const issue = (quantity: string, lot?: string) =>
    move(server, 'stockIssue', {
      from: { code: 'SHELF' },
      lines: [{ item: { sku }, quantity, lot }],
    });

  /** What a movement took, lot by lot. */
  const linesOf = async (answer: { movement: { id: string } }) => {
    const { movement } = await server.run(
      `query ($id: ID!) {
        movement(id: $id) { lines { nodes { quantity lot { code } from { code } to { code } } } }
      }`,
      { id: answer.movement.id },
    );
    return movement.lines.nodes.map((line: { quantity: string; lot: { code: string } }) => [
      line.lot.code,
      line.quantity,
    ]);
  };

  /** What is on hand, by lot and place. */
  const onHand = async () => {
    const { item } = await server.run(
      `query ($sku: String!) {
        item(by: { sku: $sku }) {
          stockLevels { nodes { onHand lot { code } location { code } } }
        }
      }`,
      { sku },
    );
    type Node = { onHand: string; lot: { code: string }; location: { code: string } };
    const nodes: Node[] = item.stockLevels.nodes;
    return Object.fromEntries(
      nodes.map((node) => [`${node.lot.code} ${node.location.code}`, node.onHand]),
    );
  };

  test('a lot is made by receiving it, and received again by its code', async () => {
    await receive('B-1', '5', inDays(30));
    await receive('b-1', '2');
    await receive('B-1', '1', inDays(30));

    const { item } = await server.run(
      'query ($sku: String!) { item(by: { sku: $sku }) { tracking lots { nodes { code expiresOn } } } }',
      { sku },
    );
    expect(item).toEqual({
      tracking: 'LOT',
      lots: { nodes: [{ code: 'B-1', expiresOn: inDays(30) }] },
    });
    expect(await onHand()).toEqual({ 'B-1 SUPPLIER': '-8', 'B-1 SHELF': '8' });
  });

  test('without a name, the first to expire goes first, then the oldest, and the lines say which', async () => {
    await receive('NEVER', '5');
    await receive('LATE', '5', inDays(60));
    await receive('SOON', '5', inDays(10));
    await receive('LATE-TOO', '5', inDays(60));

    const answer = await issue('17');

    expect(await linesOf(answer)).toEqual([
      ['SOON', '5'],
      ['LATE', '5'],
      ['LATE-TOO', '5'],
      ['NEVER', '2'],
    ]);
  });

  test('several lines of one item share the lots', async () => {
    await receive('A', '3', inDays(1));
    await receive('B', '3', inDays(2));

    const answer = await move(server, 'stockTransfer', {
      from: { code: 'SHELF' },
      to: { code: 'BENCH' },
      lines: [
        { item: { sku }, quantity: '2' },
        { item: { sku }, quantity: '2' },
      ],
    });

    expect(await linesOf(answer)).toEqual([
      ['A', '2'],
      ['A', '1'],
      ['B', '1'],
    ]);
    expect(await onHand()).toMatchObject({ 'A BENCH': '3', 'B BENCH': '1', 'B SHELF': '2' });
  });

  test('more than all lots hold is a shortage of the item', async () => {
    await receive('A', '3');
    await receive('B', '3');

    const answer = await issue('7');

    expect(answer).toMatchObject({
      __typename: 'InsufficientStock',
      shortages: [{ lines: [0], item: { sku }, requested: '7', available: '6' }],
    });
    expect(await onHand()).toMatchObject({ 'A SHELF': '3', 'B SHELF': '3' });
  });

  test('an expired lot goes only by its name', async () => {
    await receive('OLD', '5', inDays(0));
    await expire('OLD');
    await receive('NEW', '2', inDays(5));

    const refused = await issue('4');
    const named = await issue('4', 'old');
    const rest = await issue('2');

    expect(refused).toMatchObject({
      __typename: 'LotExpired',
      code: 'LOT_EXPIRED',
      path: ['input', 'lines', '0'],
    });
    expect(await linesOf(named)).toEqual([['OLD', '4']]);
    expect(await linesOf(rest)).toEqual([['NEW', '2']]);
  });

  /** Time passes: yesterday becomes the day on which a lot expired. */
  const expire = (code: string) =>
    server.orm.em
      .fork()
      .getConnection()
      .execute(`update lots set expires_on = '${inDays(-1)}' where code = '${code}'`);

  test('50 issues at once over five lots take each unit once', async () => {
    for (const index of [1, 2, 3, 4, 5]) await receive(`L${index}`, '6', inDays(index));

    const answers = await Promise.all(Array.from({ length: 50 }, () => issue('1')));

    const names = answers.map((answer) => answer.__typename);
    expect(names.filter((name) => name === 'StockIssueSuccess')).toHaveLength(30);
    expect(names.filter((name) => name === 'InsufficientStock')).toHaveLength(20);
    for (const index of [1, 2, 3, 4, 5]) {
      expect(await onHand()).toMatchObject({
        [`L${index} SHELF`]: '0',
        [`L${index} CUSTOMER`]: '6',
      });
    }
  });

  test('adjusting and counting say which lot', async () => {
    await receive('A', '3');
    await receive('B', '3');

    const adjusted = await move(server, 'stockAdjust', {
      location: { code: 'SHELF' },
      reason: 'DAMAGED',
      lines: [{ item: { sku }, lot: 'A', delta: '-1' }],
    });
    const counted = await move(server, 'stockCount', {
      location: { code: 'SHELF' },
      lines: [{ item: { sku }, lot: 'B', counted: '5' }],
    });
    const unsaid = await move(server, 'stockCount', {
      location: { code: 'SHELF' },
      lines: [{ item: { sku }, counted: '5' }],
    });

    expect(await linesOf(adjusted)).toEqual([['A', '1']]);
    expect(await linesOf(counted)).toEqual([['B', '2']]);
    expect(unsaid).toMatchObject({
      __typename: 'InvalidInput',
      path: ['input', 'lines', '0', 'lot'],
    });
    expect(await onHand()).toMatchObject({ 'A SHELF': '2', 'B SHELF': '5' });
  });

  test('a reversal gives back the lots that were taken', async () => {
    await receive('A', '3', inDays(1));
    await receive('B', '3', inDays(2));
    const issued = await issue('5');

    await move(server, 'movementReverse', { movement: issued.movement.id });

    expect(await onHand()).toMatchObject({ 'A SHELF': '3', 'B SHELF': '3', 'A CUSTOMER': '0' });
  });

  test.each([
    ['no lot where one is needed', { quantity: '1' }, 'InvalidInput', ['lot']],
    ['a blank code', { quantity: '1', lot: { code: ' ' } }, 'InvalidInput', ['lot', 'code']],
    [
      'an expiry in the past',
      { quantity: '1', lot: { code: 'X', expiresOn: '2001-01-01' } },
      'InvalidInput',
      ['lot', 'expiresOn'],
    ],
    [
      'another expiry of a known lot',
      { quantity: '1', lot: { code: 'KNOWN', expiresOn: inDays(9) } },
      'InvalidInput',
      ['lot', 'expiresOn'],
    ],
  ])('receiving %s is refused', async (_what, line, name, path) => {
    await receive('KNOWN', '1', inDays(5));

    const answer = await move(server, 'stockReceive', {
      to: { code: 'SHELF' },
      lines: [{ item: { sku }, ...line }],
    });

    expect(answer).toMatchObject({ __typename: name, path: ['input', 'lines', '0', ...path] });
    expect(await onHand()).toEqual({ 'KNOWN SUPPLIER': '-1', 'KNOWN SHELF': '1' });
  });

  test('a lot of another item is not found, and an item without lots takes none', async () => {
    const plain = `ITEM-${crypto.randomUUID()}`;
    await createItem(server, plain);
    await receive('MINE', '1');
    const other = sku;
    sku = `ITEM-${crypto.randomUUID()}`;
    await createItem(server, sku, { tracking: 'LOT' });

    const foreign = await issue('1', 'MINE');
    const needless = await move(server, 'stockReceive', {
      to: { code: 'SHELF' },
      lines: [{ item: { sku: plain }, quantity: '1', lot: { code: 'MINE' } }],
    });

    expect(other).not.toBe(sku);
    expect(foreign).toMatchObject({ __typename: 'NotFound', path: ['input', 'lines', '0', 'lot'] });
    expect(needless).toMatchObject({
      __typename: 'InvalidInput',
      path: ['input', 'lines', '0', 'lot'],
    });
  });

  describe('serial numbers', () => {
    beforeEach(async () => {
      sku = `SERIAL-${crypto.randomUUID()}`;
      await createItem(server, sku, { tracking: 'SERIAL' });
    });

    test('are one unit each, in one real place at a time', async () => {
      await receive('S-1', '1');

      const twice = await receive('S-1', '1', undefined, 'ROOM');
      const issued = await issue('1', 'S-1');
      const back = await receive('S-1', '1', undefined, 'ROOM');
      const undone = await move(server, 'movementReverse', { movement: issued.movement.id });

      expect(twice).toMatchObject({
        __typename: 'InvalidState',
        code: 'INVALID_STATE',
        path: ['input', 'lines', '0', 'lot'],
      });
      expect(back.__typename).toBe('StockReceiveSuccess');
      expect(undone.__typename).toBe('InvalidState');
      expect(await onHand()).toMatchObject({ 'S-1 SHELF': '0', 'S-1 ROOM': '1' });
    });

    test('move between real places', async () => {
      await receive('S-1', '1');

      await move(server, 'stockTransfer', {
        from: { code: 'SHELF' },
        to: { code: 'BENCH' },
        lines: [{ item: { sku }, quantity: '1', lot: 's-1' }],
      });

      expect(await onHand()).toMatchObject({ 'S-1 SHELF': '0', 'S-1 BENCH': '1' });
    });

    test('are taken oldest first when nobody says which', async () => {
      for (const code of ['S-3', 'S-1', 'S-2']) await receive(code, '1');

      const answer = await issue('2');

      expect(await linesOf(answer)).toEqual([
        ['S-3', '1'],
        ['S-1', '1'],
      ]);
    });

    test('of 10 receipts of one at once, one succeeds', async () => {
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          receive('S-1', '1', undefined, index % 2 ? 'ROOM' : 'SHELF'),
        ),
      );

      const names = answers.map((answer) => answer.__typename);
      expect(names.filter((name) => name === 'StockReceiveSuccess')).toHaveLength(1);
      expect(names.filter((name) => name === 'InvalidState')).toHaveLength(9);
    });

    test('two units of one, and one twice in a call, are refused', async () => {
      const two = await receive('S-1', '2');
      const doubled = await move(server, 'stockReceive', {
        to: { code: 'SHELF' },
        lines: Array.from({ length: 2 }, () => ({
          item: { sku },
          quantity: '1',
          lot: { code: 'S-1' },
        })),
      });

      expect(two).toMatchObject({
        __typename: 'InvalidInput',
        path: ['input', 'lines', '0', 'quantity'],
      });
      expect(doubled.__typename).toBe('InvalidState');
      expect(await onHand()).toEqual({});
    });

    test('found by a count where they are in stock elsewhere, they are refused', async () => {
      await receive('S-1', '1');

      const answer = await move(server, 'stockCount', {
        location: { code: 'ROOM' },
        lines: [{ item: { sku }, lot: 'S-1', counted: '1' }],
      });

      expect(answer.__typename).toBe('InvalidState');
    });

    test('do not come in fractions', async () => {
      const { itemCreate } = await server.run(`mutation {
        itemCreate(input: { sku: "FRACTION", name: "x", tracking: SERIAL, decimals: 2 }) {
          ... on Error { code path }
        }
      }`);

      expect(itemCreate).toEqual({ code: 'INVALID_INPUT', path: ['input', 'decimals'] });
    });
  });
});
