import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sweepReservations } from '../src/stock/sweeper.ts';
import { DATABASES } from './support/databases.ts';
import { createItem, createLocation, levels, move, stock } from './support/factories.ts';
import { startServer, type TestServer } from './support/server.ts';
import { tamper } from './support/tampering.ts';

const HOUR_MS = 3_600_000;
const inHours = (hours: number): string => new Date(Date.now() + hours * HOUR_MS).toISOString();

describe.each(DATABASES)('reservations on %s', (database) => {
  let server: TestServer;
  let sku: string;

  beforeAll(async () => {
    server = await startServer(database);
    for (const code of ['SHELF', 'BENCH', 'ROOM']) await createLocation(server, code);
    await createLocation(server, 'BOX', { parent: { code: 'SHELF' } });
  });

  afterAll(async () => {
    const { ledgerAudit } = await server.run('{ ledgerAudit { differences { rule message } } }');
    await server.stop();
    expect(ledgerAudit.differences).toEqual([]);
  });

  beforeEach(async () => {
    sku = await newItem({});
    await stock(server, sku, 'SHELF', '10');
  });

  async function newItem(facts: { decimals?: number; tracking?: string }): Promise<string> {
    const name = `ITEM-${crypto.randomUUID()}`;
    await createItem(server, name, facts);
    return name;
  }

  const at = (code: string, quantity: string, own = sku) => ({
    item: { sku: own },
    location: { code },
    quantity,
  });

  const reserve = (lines: object[], facts: object = {}) =>
    move(server, 'stockReserve', { reference: 'ORDER-1', lines, ...facts });

  const reserved = async (quantity: string, facts: object = {}): Promise<string> => {
    const answer = await reserve([at('SHELF', quantity)], facts);
    expect(answer.__typename).toBe('StockReserveSuccess');
    return answer.reservation.id;
  };

  const release = (reservation: string, facts: object = {}) =>
    move(server, 'reservationRelease', { reservation, ...facts });

  const fulfil = (reservation: string, facts: object = {}) =>
    move(server, 'reservationFulfil', { reservation, ...facts });

  const issue = (quantity: string, facts: object = {}) =>
    move(server, 'stockIssue', {
      from: { code: 'SHELF' },
      lines: [{ item: { sku }, quantity }],
      ...facts,
    });

  /** On hand, reserved and available of the item, everywhere. */
  const balance = async () => {
    const { item } = await server.run(
      'query ($sku: String!) { item(by: { sku: $sku }) { onHand reserved available } }',
      { sku },
    );
    return [item.onHand, item.reserved, item.available];
  };

  const stateOf = async (reservation: string) => {
    const { node } = await server.run(
      `query ($id: ID!) {
        node(id: $id) { ... on Reservation { state resolvedAt lines { quantity fulfilled } } }
      }`,
      { id: reservation },
    );
    return node;
  };

  const keyOf = (reservation: string) =>
    Number(Buffer.from(reservation, 'base64url').toString().split(':')[1]);

  /** Lets the time of a reservation run out. */
  const runOut = (reservation: string) => {
    const past = database === 'sqlite' ? String(Date.now() - 1000) : "now() - interval '1 second'";
    return tamper(server, [
      `update reservations set expires_at = ${past} where id = ${keyOf(reservation)}`,
    ]);
  };

  /** The newest entries of the journal, the last one first: what was done, and whether by somebody. */
  const newestEntries = async (count: number) => {
    const { journal } = await server.run('{ journal { headSeq } }');
    const page = await server.run(
      'query ($after: SafeInt!) { journal(after: $after) { entries { action changes actor { id } } } }',
      { after: journal.headSeq - count },
    );
    return page.journal.entries;
  };

  describe('stockReserve', () => {
    test('holds stock: it stays on hand, and is not available', async () => {
      const answer = await reserve([at('SHELF', '4'), at('SHELF', '1')], {
        expiresAt: '2999-01-01T00:00:00.000Z',
      });

      expect(answer).toEqual({
        __typename: 'StockReserveSuccess',
        replayed: false,
        reservation: {
          id: expect.any(String),
          reference: 'ORDER-1',
          state: 'ACTIVE',
          expiresAt: '2999-01-01T00:00:00.000Z',
          resolvedAt: null,
          lines: [
            ...[{ quantity: '4', fulfilled: '0', lot: null, ...shelf() }],
            ...[{ quantity: '1', fulfilled: '0', lot: null, ...shelf() }],
          ],
        },
        levels: [{ onHand: '10', reserved: '5', available: '5', ...shelf() }],
      });
      expect(await balance()).toEqual(['10', '5', '5']);
      expect(await newestEntries(1)).toMatchObject([
        { action: 'reservation.create', changes: { reference: 'ORDER-1' }, actor: {} },
      ]);
    });

    const shelf = () => ({ item: { sku }, location: { code: 'SHELF' } });

    test('what is held cannot be issued, moved, adjusted away, counted away or held again', async () => {
      await reserved('7');
      const shortage = { requested: '4', available: '3' };
      const refusal = { __typename: 'InsufficientStock', shortages: [shortage] };

      expect(await issue('4')).toMatchObject(refusal);
      expect(
        await move(server, 'stockTransfer', {
          from: { code: 'SHELF' },
          to: { code: 'BENCH' },
          lines: [{ item: { sku }, quantity: '4' }],
        }),
      ).toMatchObject(refusal);
      expect(
        await move(server, 'stockAdjust', {
          location: { code: 'SHELF' },
          reason: 'LOST',
          lines: [{ item: { sku }, delta: '-4' }],
        }),
      ).toMatchObject(refusal);
      expect(
        await move(server, 'stockCount', {
          location: { code: 'SHELF' },
          lines: [{ item: { sku }, counted: '6' }],
        }),
      ).toMatchObject(refusal);
      expect(await reserve([at('SHELF', '4')])).toMatchObject(refusal);
      expect(await balance()).toEqual(['10', '7', '3']);
      expect((await issue('3')).__typename).toBe('StockIssueSuccess');
    });

    test('tells all shortages at once, lines of one level summed, and holds nothing', async () => {
      const other = await newItem({});
      await stock(server, other, 'BENCH', '1');

      const answer = await reserve([
        ...[at('SHELF', '6'), at('BENCH', '2', other)],
        ...[at('SHELF', '5'), at('BENCH', '1')],
      ]);

      expect(answer).toMatchObject({
        __typename: 'InsufficientStock',
        shortages: [
          { lines: [0, 2], item: { sku }, requested: '11', available: '10' },
          { lines: [1], item: { sku: other }, requested: '2', available: '1' },
          { lines: [3], item: { sku }, location: { code: 'BENCH' }, available: '0' },
        ],
      });
      expect(await balance()).toEqual(['10', '0', '10']);
    });

    test.each([
      ['nothing', (line: object) => ({ ...line, quantity: '0' }), 'quantity'],
      ['less than nothing', (line: object) => ({ ...line, quantity: '-1' }), 'quantity'],
      ['a fraction', (line: object) => ({ ...line, quantity: '0.5' }), 'quantity'],
      [
        'stock of an outside world',
        (line: object) => ({ ...line, location: { code: 'SUPPLIER' } }),
        'location',
      ],
      ['a lot of an item without lots', (line: object) => ({ ...line, lot: 'A' }), 'lot'],
    ])('refuses to hold %s', async (_what, change, field) => {
      const answer = await reserve([at('SHELF', '1'), change(at('SHELF', '1'))]);

      expect(answer).toMatchObject({
        __typename: 'InvalidInput',
        path: ['input', 'lines', '1', field],
      });
      expect(await balance()).toEqual(['10', '0', '10']);
    });

    test('refuses an item, a location and a lot that do not exist', async () => {
      const lots = await newItem({ tracking: 'LOT' });
      const path = (field: string) => ['input', 'lines', '0', field];
      expect(await reserve([at('SHELF', '1', 'NO-SUCH')])).toMatchObject({
        ...{ __typename: 'NotFound', path: path('item') },
      });
      expect(await reserve([at('NO-SUCH', '1')])).toMatchObject({
        ...{ __typename: 'NotFound', path: path('location') },
      });
      expect(await reserve([{ ...at('SHELF', '1', lots), lot: 'NO-SUCH' }])).toMatchObject({
        ...{ __typename: 'NotFound', path: path('lot') },
      });
    });

    test('refuses no lines, too many, a blank reference, and a time that has passed', async () => {
      const many = Array.from({ length: 1001 }, () => at('SHELF', '1'));
      const refusals = [
        [await reserve([]), ['input', 'lines']],
        [await reserve(many), ['input', 'lines']],
        [await reserve([at('SHELF', '1')], { reference: ' ' }), ['input', 'reference']],
        [await reserve([at('SHELF', '1')], { expiresAt: inHours(-1) }), ['input', 'expiresAt']],
      ];
      for (const [answer, path] of refusals) {
        expect(answer).toMatchObject({ __typename: 'InvalidInput', path });
      }
      expect(await balance()).toEqual(['10', '0', '10']);
    });

    test('the same key is one reservation, also when it was fulfilled since', async () => {
      const idempotencyKey = crypto.randomUUID();
      const first = await reserve([at('SHELF', '4')], { idempotencyKey });
      const again = await reserve([at('SHELF', '4')], { idempotencyKey });
      expect(again).toEqual({ ...first, replayed: true });

      await fulfil(first.reservation.id);
      expect(await reserve([at('SHELF', '4')], { idempotencyKey })).toMatchObject({
        replayed: true,
        reservation: { id: first.reservation.id, state: 'FULFILLED' },
        levels: [{ onHand: '6', reserved: '0' }],
      });
      expect(await reserve([at('SHELF', '5')], { idempotencyKey })).toMatchObject({
        __typename: 'IdempotencyMismatch',
      });
      expect(await issue('4', { idempotencyKey })).toMatchObject({
        __typename: 'IdempotencyMismatch',
      });
    });

    test('20 with the same key at once make one reservation', async () => {
      const idempotencyKey = crypto.randomUUID();
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => reserve([at('SHELF', '1')], { idempotencyKey })),
      );

      expect(new Set(answers.map(({ reservation }) => reservation.id)).size).toBe(1);
      expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
      expect(await balance()).toEqual(['10', '1', '9']);
    });

    test('30 clients reserve and issue the last 10 units: exactly 10 succeed', async () => {
      const answers = await Promise.all(
        Array.from({ length: 30 }, (_, index) =>
          index % 2 === 0 ? reserve([at('SHELF', '1')]) : issue('1'),
        ),
      );

      const done = answers.filter(({ __typename }) => __typename.endsWith('Success'));
      const held = done.filter(({ reservation }) => reservation);
      const rest = 10 - (done.length - held.length);
      expect(done).toHaveLength(10);
      expect(await balance()).toEqual([String(rest), String(held.length), '0']);
    });

    test('of an item with lots it holds the first to expire, and says which', async () => {
      const own = await newItem({ tracking: 'LOT' });
      const receive = (code: string, expiresOn: string) =>
        move(server, 'stockReceive', {
          to: { code: 'SHELF' },
          lines: [{ item: { sku: own }, quantity: '3', lot: { code, expiresOn } }],
        });
      await receive('LATE', '2998-01-01');
      await receive('SOON', '2997-01-01');

      const answer = await reserve([at('SHELF', '4', own)]);
      expect(answer.reservation.lines).toMatchObject([
        { lot: { code: 'SOON' }, quantity: '3' },
        { lot: { code: 'LATE' }, quantity: '1' },
      ]);

      // The hold keeps its lots, whatever others ask for.
      const taken = await move(server, 'stockIssue', {
        from: { code: 'SHELF' },
        lines: [{ item: { sku: own }, quantity: '2' }],
      });
      expect(taken.levels).toMatchObject([{ onHand: '1', reserved: '1', available: '0' }]);
      expect(await reserve([{ ...at('SHELF', '1', own), lot: 'SOON' }])).toMatchObject({
        __typename: 'InsufficientStock',
      });
      const gone = await fulfil(answer.reservation.id);
      expect(gone.levels).toMatchObject([{ onHand: '0' }, { onHand: '0' }]);
    });
  });

  describe('reservationFulfil', () => {
    test('issues all that is held', async () => {
      const reservation = await reserved('4');

      const answer = await fulfil(reservation, { reference: 'PARCEL-1' });

      expect(answer).toMatchObject({
        __typename: 'ReservationFulfilSuccess',
        replayed: false,
        movement: { kind: 'ISSUE', reference: 'PARCEL-1' },
        reservation: { state: 'FULFILLED', lines: [{ quantity: '4', fulfilled: '4' }] },
        levels: [{ onHand: '6', reserved: '0', available: '6' }],
      });
      expect(await levels(server, sku)).toEqual({ SUPPLIER: '-10', SHELF: '6', CUSTOMER: '4' });
      expect(await newestEntries(2)).toMatchObject([
        { action: 'reservation.fulfil', changes: { state: { from: 'ACTIVE', to: 'FULFILLED' } } },
        { action: 'stock.issue' },
      ]);
    });

    test('in parts, until nothing is left', async () => {
      const { reservation } = await reserve([at('SHELF', '4'), at('SHELF', '2')]);
      const part = (quantity: string) =>
        fulfil(reservation.id, { lines: [{ item: { sku }, quantity }] });

      expect(await part('5')).toMatchObject({
        reservation: { state: 'ACTIVE', lines: [{ fulfilled: '4' }, { fulfilled: '1' }] },
        levels: [{ onHand: '5', reserved: '1', available: '4' }],
      });
      expect(await part('2')).toMatchObject({
        __typename: 'InvalidInput',
        message: 'The reservation holds 1 of it.',
        path: ['input', 'lines', '0', 'quantity'],
      });
      expect(await part('1')).toMatchObject({
        reservation: { state: 'FULFILLED', resolvedAt: expect.any(String) },
        levels: [{ onHand: '4', reserved: '0' }],
      });
      expect(await part('1')).toMatchObject({
        __typename: 'InvalidState',
        message: 'The reservation is fulfilled already.',
        path: ['input', 'reservation'],
      });
    });

    test('names what it takes by item, location and lot', async () => {
      await stock(server, sku, 'BENCH', '5');
      const { reservation } = await reserve([at('SHELF', '2'), at('BENCH', '2')]);
      const fromBench = { item: { sku }, location: { code: 'BENCH' }, quantity: '2' };

      expect(await fulfil(reservation.id, { lines: [fromBench] })).toMatchObject({
        reservation: { state: 'ACTIVE', lines: [{ fulfilled: '0' }, { fulfilled: '2' }] },
      });
      expect(await fulfil(reservation.id, { lines: [fromBench] })).toMatchObject({
        __typename: 'InvalidInput',
        message: 'The reservation holds 0 of it.',
      });
      expect(await levels(server, sku)).toMatchObject({ SHELF: '10', BENCH: '3', CUSTOMER: '2' });
    });

    test('brings it to another place if told so, but not to where it is', async () => {
      const reservation = await reserved('4');

      expect(await fulfil(reservation, { to: { code: 'SHELF' } })).toMatchObject({
        ...{ __typename: 'InvalidInput', path: ['input', 'to'] },
      });
      await fulfil(reservation, { to: { code: 'SCRAP' } });
      expect(await levels(server, sku)).toEqual({ SUPPLIER: '-10', SHELF: '6', SCRAP: '4' });
    });

    test('the same key fulfils once', async () => {
      const reservation = await reserved('4');
      const facts = {
        idempotencyKey: crypto.randomUUID(),
        lines: [{ item: { sku }, quantity: '1' }],
      };

      const first = await fulfil(reservation, facts);
      const answers = await Promise.all(
        Array.from({ length: 5 }, () => fulfil(reservation, facts)),
      );

      for (const answer of answers) expect(answer).toEqual({ ...first, replayed: true });
      expect(await balance()).toEqual(['9', '3', '6']);
    });

    test('two at once, each for all of it: one has it', async () => {
      const reservation = await reserved('4');

      const answers = await Promise.all([fulfil(reservation), fulfil(reservation)]);

      expect(answers.map(({ __typename }) => __typename).toSorted()).toEqual([
        'InvalidState',
        'ReservationFulfilSuccess',
      ]);
      expect(await balance()).toEqual(['6', '0', '6']);
    });

    test('a reversal of it gives the stock back, not the hold', async () => {
      const reservation = await reserved('4');
      const { movement } = await fulfil(reservation);

      const undone = await move(server, 'movementReverse', { movement: movement.id });

      expect(undone).toMatchObject({ levels: [{ onHand: '10', reserved: '0', available: '10' }] });
      expect(await stateOf(reservation)).toMatchObject({
        state: 'FULFILLED',
        lines: [{ quantity: '4', fulfilled: '4' }],
      });
    });

    test('refuses a receipt to be undone while its stock is held', async () => {
      const own = await newItem({});
      const { movement } = await move(server, 'stockReceive', {
        to: { code: 'SHELF' },
        lines: [{ item: { sku: own }, quantity: '5' }],
      });
      await reserve([at('SHELF', '2', own)]);

      expect(await move(server, 'movementReverse', { movement: movement.id })).toMatchObject({
        __typename: 'InsufficientStock',
        shortages: [{ requested: '5', available: '3' }],
      });
    });
  });

  describe('reservationRelease and reservationExtend', () => {
    test('a release makes what is left available again', async () => {
      const reservation = await reserved('4');
      await fulfil(reservation, { lines: [{ item: { sku }, quantity: '1' }] });
      const idempotencyKey = crypto.randomUUID();

      const answer = await release(reservation, { idempotencyKey });

      expect(answer).toMatchObject({
        __typename: 'ReservationReleaseSuccess',
        replayed: false,
        reservation: { state: 'RELEASED', lines: [{ quantity: '4', fulfilled: '1' }] },
        levels: [{ onHand: '9', reserved: '0', available: '9' }],
      });
      expect(await release(reservation, { idempotencyKey })).toEqual({ ...answer, replayed: true });
      expect(await newestEntries(1)).toMatchObject([
        { action: 'reservation.release', changes: { state: { from: 'ACTIVE', to: 'RELEASED' } } },
      ]);
    });

    test('what is resolved is resolved', async () => {
      const reservation = await reserved('4');
      await release(reservation);
      const refusal = {
        __typename: 'InvalidState',
        message: 'The reservation is released already.',
        path: ['input', 'reservation'],
      };

      expect(await release(reservation)).toMatchObject(refusal);
      expect(await fulfil(reservation)).toMatchObject(refusal);
      expect(
        await move(server, 'reservationExtend', { reservation, expiresAt: inHours(1) }),
      ).toMatchObject(refusal);
      expect(await balance()).toEqual(['10', '0', '10']);
    });

    test.each(['reservationRelease', 'reservationFulfil', 'reservationExtend'] as const)(
      '%s refuses what is no reservation',
      async (name) => {
        const facts = name === 'reservationExtend' ? { expiresAt: inHours(1) } : {};
        const other = await server.run('query ($sku: String!) { item(by: { sku: $sku }) { id } }', {
          sku,
        });
        for (const reservation of ['no id', other.item.id]) {
          expect(await move(server, name, { reservation, ...facts })).toMatchObject({
            ...{ __typename: 'NotFound', path: ['input', 'reservation'] },
          });
        }
      },
    );

    test('an extension lasts longer, and no less long', async () => {
      const reservation = await reserved('4', { expiresAt: inHours(1) });
      const extend = (expiresAt: string, facts: object = {}) =>
        move(server, 'reservationExtend', { reservation, expiresAt, ...facts });
      const [sooner, later] = [inHours(0.5), inHours(2)];
      const facts = { idempotencyKey: crypto.randomUUID() };

      const answer = await extend(later, facts);
      expect(answer).toMatchObject({ reservation: { state: 'ACTIVE', expiresAt: later } });
      expect(await extend(later, facts)).toEqual({ ...answer, replayed: true });
      expect(await extend(sooner)).toMatchObject({
        ...{ __typename: 'InvalidInput', path: ['input', 'expiresAt'] },
      });
      expect(await newestEntries(1)).toMatchObject([
        { action: 'reservation.extend', changes: { expiresAt: { to: later } } },
      ]);
    });

    test('what never expires is not extended', async () => {
      const reservation = await reserved('4');

      expect(
        await move(server, 'reservationExtend', { reservation, expiresAt: inHours(1) }),
      ).toMatchObject({ __typename: 'InvalidState', path: ['input', 'reservation'] });
    });
  });

  describe('a reservation that is due', () => {
    const due = async (quantity: string): Promise<string> => {
      const reservation = await reserved(quantity, { expiresAt: inHours(1) });
      await runOut(reservation);
      return reservation;
    };

    test('counts as reserved until somebody locks its levels, who resolves it first', async () => {
      const reservation = await due('8');
      expect(await balance()).toEqual(['10', '8', '2']);

      expect(await issue('9')).toMatchObject({
        levels: [{ onHand: '1', reserved: '0', available: '1' }],
      });

      expect(await stateOf(reservation)).toMatchObject({
        state: 'EXPIRED',
        resolvedAt: expect.any(String),
        lines: [{ quantity: '8', fulfilled: '0' }],
      });
      expect(await newestEntries(2)).toMatchObject([
        {
          action: 'reservation.expire',
          actor: null,
          changes: { state: { from: 'ACTIVE', to: 'EXPIRED' } },
        },
        { action: 'stock.issue' },
      ]);
    });

    test('is resolved on all its levels at once', async () => {
      const other = await newItem({});
      await stock(server, other, 'BENCH', '5');
      const { reservation } = await reserve([at('SHELF', '8'), at('BENCH', '5', other)], {
        expiresAt: inHours(1),
      });
      await runOut(reservation.id);

      await issue('1');

      const { item } = await server.run(
        'query ($sku: String!) { item(by: { sku: $sku }) { reserved available } }',
        { sku: other },
      );
      expect(item).toEqual({ reserved: '0', available: '5' });
      expect(await balance()).toEqual(['9', '0', '9']);
    });

    test('gives its stock to the next reservation', async () => {
      await due('8');

      expect(await reserve([at('SHELF', '10')])).toMatchObject({
        levels: [{ onHand: '10', reserved: '10', available: '0' }],
      });
    });

    test('gives its lots to whoever names none', async () => {
      const own = await newItem({ tracking: 'LOT' });
      await move(server, 'stockReceive', {
        to: { code: 'SHELF' },
        lines: [{ item: { sku: own }, quantity: '3', lot: { code: 'A' } }],
      });
      const { reservation } = await reserve([at('SHELF', '3', own)], { expiresAt: inHours(1) });
      await runOut(reservation.id);

      expect(
        await move(server, 'stockIssue', {
          from: { code: 'SHELF' },
          lines: [{ item: { sku: own }, quantity: '3' }],
        }),
      ).toMatchObject({ levels: [{ onHand: '0', reserved: '0' }] });
    });

    test('stays due when the call that met it is refused', async () => {
      const reservation = await due('8');

      expect(await issue('11')).toMatchObject({
        __typename: 'InsufficientStock',
        shortages: [{ requested: '11', available: '10' }],
      });

      expect(await stateOf(reservation)).toMatchObject({ state: 'ACTIVE', resolvedAt: null });
      expect(await balance()).toEqual(['10', '8', '2']);
    });

    test.each(['reservationFulfil', 'reservationRelease', 'reservationExtend'] as const)(
      'is too late for %s',
      async (name) => {
        const reservation = await due('8');
        const facts = name === 'reservationExtend' ? { expiresAt: inHours(1) } : {};

        expect(await move(server, name, { reservation, ...facts })).toMatchObject({
          __typename: 'InvalidState',
          message: 'The reservation is expired already.',
        });
      },
    );

    test('is resolved by the sweeper, in every organization, and others are not', async () => {
      const reservation = await due('8');
      const later = await reserved('1', { expiresAt: inHours(1) });
      const never = await reserved('1');

      expect(await sweepReservations(server.orm)).toBeGreaterThanOrEqual(1);

      expect(await stateOf(reservation)).toMatchObject({ state: 'EXPIRED' });
      expect(await stateOf(later)).toMatchObject({ state: 'ACTIVE' });
      expect(await stateOf(never)).toMatchObject({ state: 'ACTIVE' });
      expect(await balance()).toEqual(['10', '2', '8']);
      expect(await sweepReservations(server.orm)).toBe(0);
    });

    test('ten sweepers and ten writers at once resolve each once', async () => {
      for (let index = 0; index < 5; index += 1) await due('2');

      const answers = await Promise.all(
        Array.from({ length: 10 }, async () => {
          await sweepReservations(server.orm);
          return issue('1');
        }),
      );

      expect(answers.map(({ __typename }) => __typename)).toEqual(
        Array.from({ length: 10 }, () => 'StockIssueSuccess'),
      );
      expect(await balance()).toEqual(['0', '0', '0']);
    });
  });

  describe('a count below what is reserved', () => {
    const count = (counted: string, facts: object = {}) =>
      move(server, 'stockCount', {
        location: { code: 'SHELF' },
        lines: [{ item: { sku }, counted }],
        onReserved: 'RELEASE_NEWEST',
        ...facts,
      });

    test('releases the newest reservations, as many as must be', async () => {
      const [first, second, third] = [
        await reserved('2'),
        await reserved('3'),
        await reserved('4'),
      ];

      const answer = await count('4');

      expect(answer).toMatchObject({
        __typename: 'StockCountSuccess',
        levels: [{ onHand: '4', reserved: '2', available: '2' }],
      });
      expect(await stateOf(first)).toMatchObject({ state: 'ACTIVE' });
      expect(await stateOf(second)).toMatchObject({ state: 'RELEASED' });
      expect(await stateOf(third)).toMatchObject({ state: 'RELEASED' });
      expect(await newestEntries(3)).toMatchObject([
        { action: 'reservation.release', actor: {} },
        { action: 'reservation.release', actor: {} },
        { action: 'stock.count' },
      ]);
    });

    test('releases a reservation whole, also what it holds elsewhere', async () => {
      await stock(server, sku, 'BENCH', '5');
      const { reservation } = await reserve([at('SHELF', '2'), at('BENCH', '5')]);

      await count('0');

      expect(await stateOf(reservation.id)).toMatchObject({ state: 'RELEASED' });
      expect(await balance()).toEqual(['5', '0', '5']);
    });

    test('with room for all it releases none', async () => {
      const reservation = await reserved('4');

      await count('4');

      expect(await stateOf(reservation)).toMatchObject({ state: 'ACTIVE' });
      expect(await balance()).toEqual(['4', '4', '0']);
    });

    test('of a whole location releases what holds the unlisted too', async () => {
      const reservation = await reserve([at('SHELF', '2')]);
      const own = await newItem({});
      await createLocation(server, `PLACE-${own}`);
      await stock(server, own, `PLACE-${own}`, '5');
      const held = await reserve([at(`PLACE-${own}`, '5', own)]);

      const answer = await move(server, 'stockCount', {
        ...{ location: { code: `PLACE-${own}` }, lines: [] },
        ...{ unlisted: 'ZERO', onReserved: 'RELEASE_NEWEST' },
      });

      expect(answer).toMatchObject({ levels: [{ onHand: '0', reserved: '0' }] });
      expect(await stateOf(held.reservation.id)).toMatchObject({ state: 'RELEASED' });
      expect(await stateOf(reservation.reservation.id)).toMatchObject({ state: 'ACTIVE' });
    });

    test('against reservations made at the same moment is exact', async () => {
      const answers = await Promise.all([
        ...Array.from({ length: 8 }, () => reserve([at('SHELF', '1')])),
        count('3'),
        ...Array.from({ length: 8 }, () => reserve([at('SHELF', '1')])),
      ]);

      const counted = answers[8];
      expect(counted.__typename).toBe('StockCountSuccess');
      const [onHand, held, available] = (await balance()).map(Number);
      expect([onHand, Number(held) + Number(available)]).toEqual([3, 3]);
    });
  });

  describe('read', () => {
    test('of an item: each once, newest first, paged and counted', async () => {
      const ids: string[] = [];
      for (const quantity of ['1', '2', '3']) {
        const { reservation } = await reserve([at('SHELF', quantity), at('SHELF', '1')]);
        ids.unshift(reservation.id);
      }
      const page = async (paging: string) => {
        const { item } = await server.run(
          `query ($sku: String!) {
            item(by: { sku: $sku }) {
              reservations(${paging}) { totalCount nodes { id } pageInfo { hasNextPage endCursor } }
            }
          }`,
          { sku },
        );
        return item.reservations;
      };

      const first = await page('first: 2');
      expect(first).toMatchObject({
        totalCount: 3,
        nodes: ids.slice(0, 2).map((id) => ({ id })),
        pageInfo: { hasNextPage: true },
      });
      const { endCursor } = first.pageInfo;
      expect(await page(`first: 2, after: ${JSON.stringify(endCursor)}`)).toMatchObject({
        nodes: [{ id: ids[2] }],
        pageInfo: { hasNextPage: false },
      });
    });

    test('available at a place counts what is held below it', async () => {
      await stock(server, sku, 'BOX', '5');
      await reserve([at('BOX', '2')]);

      const { item } = await server.run(
        `query ($sku: String!) {
          item(by: { sku: $sku }) {
            reserved(at: { code: "SHELF" })
            available(at: { code: "SHELF" })
            elsewhere: reserved(at: { code: "ROOM" })
          }
        }`,
        { sku },
      );
      expect(item).toEqual({ reserved: '2', available: '13', elsewhere: '0' });
    });

    test('nobody sees the reservations of another organization', async () => {
      const reservation = await reserved('1');
      const authorization = `Bearer ${await server.otherOrganization()}`;

      const { data } = await server.ask(
        `query ($id: ID!) { node(id: $id) { id } reservations { totalCount } }`,
        { id: reservation },
        { authorization },
      );

      expect(data).toEqual({ node: null, reservations: { totalCount: 0 } });
    });
  });

  test('the number of statements does not depend on the number of lines', async () => {
    const counts: number[] = [];
    for (const size of [1, 100]) {
      const own = await newItem({});
      await stock(server, own, 'ROOM', '1000');
      const document = `mutation ($input: StockReserveInput!) {
        stockReserve(input: $input) { ... on StockReserveSuccess { replayed } }
      }`;
      const lines = Array.from({ length: size }, () => at('ROOM', '1', own));
      const input = { idempotencyKey: crypto.randomUUID(), reference: 'X', lines };
      const { extensions, data } = await server.ask(document, { input });
      expect(data.stockReserve).toEqual({ replayed: false });
      counts.push(extensions.trace.count);
    }
    expect(counts).toEqual([9, 9]);
  });
});
