import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { runCommand } from './support/command.ts';
import {
  createDatabase,
  DATABASES,
  inTestDirectory,
  openDatabase,
  type TestDatabase,
} from './support/databases.ts';
import { createItem, createLocation, levels, move, stock } from './support/factories.ts';
import { keepRows } from './support/keeping.ts';
import { projectMigrations } from './support/migrations.ts';
import { quartermaster } from './support/process.ts';
import { startServer, type TestServer } from './support/server.ts';
import { type Checks, tamper } from './support/tampering.ts';

const AUDIT = `{
  ledgerAudit {
    clean lines levels movements seq differenceCount
    differences { rule subjectId expected actual }
  }
}`;

const id = (type: string, key: number) => Buffer.from(`${type}:${key}`).toString('base64url');

const difference = (
  rule: string,
  subjectId: string | null,
  expected: string | null,
  actual: string | null,
) => ({ rule, subjectId, expected, actual });

/** Statements that a whole audit takes. */
const STATEMENTS = 27;

// The ledger of every test. Its ids are 1, 2, 3 … in the order in which things come to be:
// locations SUPPLIER 1, CUSTOMER 2, ADJUSTMENT 3, SCRAP 4, SHELF 5, BENCH 6; items BOLT 1, NUT 2;
// levels BOLT at SUPPLIER 1 and SHELF 2, NUT at SUPPLIER 3 and SHELF 4, BOLT at BENCH 5 and CUSTOMER 6;
// movement 1 with lines 1 and 2, movement 2 with line 3, movement 3 with line 4, at 10, 11, 12.
async function keepLedger(server: TestServer): Promise<void> {
  await createLocation(server, 'SHELF');
  await createLocation(server, 'BENCH');
  await createItem(server, 'BOLT', { decimals: 1 });
  await createItem(server, 'NUT');
  const line = (sku: string, quantity: string) => ({ item: { sku }, quantity });
  const shelf = { code: 'SHELF' };
  await move(server, 'stockReceive', {
    to: shelf,
    lines: [line('BOLT', '10.5'), line('NUT', '20')],
  });
  await move(server, 'stockTransfer', {
    from: shelf,
    to: { code: 'BENCH' },
    lines: [line('BOLT', '4')],
  });
  await move(server, 'stockIssue', { from: shelf, lines: [line('BOLT', '1')] });
}

/** How many migrations of a database were not applied. */
async function pendingOf({ address }: TestDatabase): Promise<number> {
  const orm = await openDatabase(address);
  const pending = await orm.migrator.getPending();
  await orm.close();
  return pending.length;
}

const FIGURES = { lines: 4, levels: 6, movements: 3, seq: 12 };

const STOCK_CHECK = { stock_levels_real_check: 'stock_levels' };
const QUANTITY_CHECK = { movement_lines_quantity_check: 'movement_lines' };
const ENDS_CHECK = { movement_lines_ends_check: 'movement_lines' };

type Difference = ReturnType<typeof difference>;
type Plant = [what: string, statements: string[], found: Difference[], checks?: Checks];

const setLevel = (level: number, onHand: number) =>
  `update stock_levels set on_hand = ${onHand} where id = ${level}`;
const birthday = '(select created_at from organizations where id = 1)';

const PLANTS: Plant[] = [
  [
    'a level with more than its lines',
    [setLevel(2, 60)],
    [
      difference('LEVEL_BALANCE', id('StockLevel', 2), '5.5', '6'),
      difference('ITEM_SUM', id('Item', 1), '0', '0.5'),
    ],
  ],
  [
    'a level that is gone',
    ['delete from stock_levels where id = 4'],
    [
      difference('LEVEL_MISSING', id('Item', 2), '20', null),
      difference('ITEM_SUM', id('Item', 2), '0', '-20'),
    ],
  ],
  [
    'a level of nothing that is gone, though lines lead there',
    [
      `update movement_lines set from_location_id = 6, to_location_id = 5, quantity = 40,
        from_after = 0, to_after = 105 where id = 4`,
      ...[setLevel(2, 105), setLevel(6, 0)],
      'delete from stock_levels where id = 5',
    ],
    [difference('LEVEL_MISSING', id('Item', 1), '0', null)],
  ],
  [
    'a level with stock and no lines',
    [
      `insert into stock_levels (organization_id, item_id, location_id, lot_id, lot_key, outside,
          on_hand, reserved, updated_at)
        select organization_id, 2, 6, null, 0, outside, 3, 0, updated_at
        from stock_levels where id = 4`,
    ],
    [
      difference('LEVEL_WITHOUT_LINES', id('StockLevel', 7), '0', '3'),
      difference('ITEM_SUM', id('Item', 2), '0', '3'),
    ],
  ],
  [
    'a real place that counts as an outside world',
    ['update stock_levels set outside = not outside where id = 5'],
    [difference('LEVEL_PLACE', id('StockLevel', 5), 'a real place', 'an outside world')],
  ],
  [
    'stock of an archived item',
    ['update items set archived_at = updated_at where id = 2'],
    [difference('LEVEL_ARCHIVED', id('StockLevel', 4), '0', '20')],
  ],
  [
    'stock at an archived place',
    ['update locations set archived_at = updated_at where id = 6'],
    [difference('LEVEL_ARCHIVED', id('StockLevel', 5), '0', '4')],
  ],
  [
    'a lot without its key',
    ['update stock_levels set lot_id = 9 where id = 5'],
    [difference('LEVEL_LOT', id('StockLevel', 5), '9', '0')],
  ],
  [
    'a real place below zero',
    [setLevel(2, -10)],
    [
      difference('LEVEL_BALANCE', id('StockLevel', 2), '5.5', '-1'),
      difference('ITEM_SUM', id('Item', 1), '0', '-6.5'),
      difference('LEVEL_NEGATIVE', id('StockLevel', 2), null, '-1'),
    ],
    STOCK_CHECK,
  ],
  [
    'more reserved than on hand',
    ['update stock_levels set reserved = on_hand + 1 where id = 5'],
    [
      difference('LEVEL_HOLDS', id('StockLevel', 5), '0', '4.1'),
      difference('LEVEL_RESERVED', id('StockLevel', 5), null, '4.1'),
    ],
    STOCK_CHECK,
  ],
  [
    'a line with a wrong balance where it comes from',
    ['update movement_lines set from_after = from_after + 1 where id = 3'],
    [difference('LINE_BALANCE', id('MovementLine', 3), '6.5', '6.6')],
  ],
  [
    'a line with a wrong balance where it goes',
    ['update movement_lines set to_after = to_after - 1 where id = 1'],
    [difference('LINE_BALANCE', id('MovementLine', 1), '10.5', '10.4')],
  ],
  [
    'a real place that was below zero once',
    [
      `update movement_lines set from_location_id = 6, to_location_id = 5, from_after = -40,
        to_after = 145 where id = 3`,
      `update movement_lines set from_location_id = 1, to_location_id = 6, quantity = 40,
        from_after = -145, to_after = 0 where id = 4`,
      ...[setLevel(1, -145), setLevel(2, 145), setLevel(5, 0), setLevel(6, 0)],
    ],
    [difference('LINE_NEGATIVE', id('MovementLine', 3), null, '-4')],
  ],
  [
    'a line that moves nothing',
    [
      'update movement_lines set quantity = 0, from_after = 65, to_after = 0 where id = 4',
      ...[setLevel(2, 65), setLevel(6, 0)],
    ],
    [difference('LINE_QUANTITY', id('MovementLine', 4), null, '0')],
    QUANTITY_CHECK,
  ],
  [
    'a line that leads to where it comes from',
    [
      'update movement_lines set to_location_id = 5, to_after = 65 where id = 4',
      ...[setLevel(2, 65), setLevel(6, 0)],
    ],
    [difference('LINE_ENDS', id('MovementLine', 4), null, '5')],
    ENDS_CHECK,
  ],
  [
    'a line without the key of its lot',
    ['update movement_lines set lot_key = 9 where id = 3'],
    [difference('LINE_LOT', id('MovementLine', 3), '0', '9')],
  ],
  [
    'a line whose location belongs to somebody else',
    ['update locations set organization_id = 99 where id = 6'],
    [difference('LINE_REFERENCE', id('MovementLine', 3), null, null)],
  ],
  [
    'a line with a lot of another item',
    [
      `insert into lots (id, organization_id, item_id, code, code_key, created_at)
        select 9, 1, 1, 'L', 'l', created_at from organizations where id = 1`,
      'update movement_lines set lot_id = 9, lot_key = 9 where id = 2',
      'update stock_levels set lot_id = 9, lot_key = 9 where item_id = 2',
    ],
    [difference('LINE_REFERENCE', id('MovementLine', 2), null, null)],
  ],
  [
    'a line whose movement is not there',
    ['update movement_lines set movement_id = 99 where id = 4'],
    [
      difference('LINE_REFERENCE', id('MovementLine', 4), null, null),
      difference('MOVEMENT_EMPTY', id('Movement', 3), null, null),
    ],
  ],
  [
    'a gap between the lines of a movement',
    ['update movement_lines set position = 3 where id = 2'],
    [difference('LINE_POSITION', id('Movement', 1), '1 to 2', '1 to 3')],
  ],
  [
    'lines in another order than their ids',
    [
      'update movement_lines set position = 3 where id = 1',
      'update movement_lines set position = 1 where id = 2',
      'update movement_lines set position = 2 where id = 1',
    ],
    [difference('LINE_ORDER', id('MovementLine', 1), 'more than 2', '1')],
  ],
  [
    'movements in another order than their ids',
    [
      'update movements set id = 20 where id = 2',
      'update movement_lines set movement_id = 20 where id = 3',
      'update journal_entries set subject_id = 20 where seq = 11',
    ],
    [difference('MOVEMENT_ORDER', id('Movement', 3), 'more than 20', '3')],
  ],
  [
    'a movement without lines',
    ['delete from movement_lines where id = 4', setLevel(2, 65), setLevel(6, 0)],
    [difference('MOVEMENT_EMPTY', id('Movement', 3), null, null)],
  ],
  [
    'a movement without its idempotency key',
    ['update movements set idempotency_key_id = 99 where id = 3'],
    [difference('MOVEMENT_KEY', id('Movement', 3), '99', null)],
  ],
  [
    'a movement with another number than its entry',
    ['update movements set seq = 99 where id = 3'],
    [difference('MOVEMENT_JOURNAL', id('Movement', 3), '99', null)],
  ],
  [
    'a movement with another time than its entry',
    [`update movements set recorded_at = ${birthday} where id = 3`],
    [difference('MOVEMENT_JOURNAL', id('Movement', 3), '12', null)],
  ],
  [
    'an entry of a movement that is not there',
    ['update journal_entries set subject_id = 99 where seq = 12'],
    [
      difference('MOVEMENT_JOURNAL', id('Movement', 3), '12', null),
      difference('JOURNAL_MOVEMENT', null, '99', null),
    ],
  ],
  [
    'a journal with a gap',
    ['delete from journal_entries where seq = 7'],
    [difference('JOURNAL_GAP', null, '7', '8')],
  ],
  [
    'a journal that begins late',
    ['delete from journal_entries where seq < 4'],
    [difference('JOURNAL_GAP', null, '1', '4')],
  ],
  [
    'a head ahead of the journal',
    ['update journal_heads set seq = 13'],
    [difference('JOURNAL_HEAD', null, '12', '13')],
  ],
  [
    'a journal without its head',
    ['delete from journal_heads'],
    [difference('JOURNAL_HEAD', null, '12', null)],
  ],
  [
    'a time that falls',
    [`update journal_entries set at = ${birthday} where seq = 8`],
    [
      {
        ...difference('JOURNAL_TIME', null, null, null),
        expected: expect.stringMatching(/^\d{4}-.*Z or later$/) as never,
        actual: expect.stringMatching(/^\d{4}-.*Z$/) as never,
      },
    ],
  ],
  [
    'a head that is older than the journal',
    [`update journal_heads set recorded_at = ${birthday}`],
    [
      {
        ...difference('JOURNAL_TIME', null, null, null),
        expected: expect.any(String) as never,
        actual: expect.any(String) as never,
      },
    ],
  ],
];

const verify = (url: string) => runCommand(['verify'], { DATABASE_URL: url });

describe.each(DATABASES)('the audit on %s', (database) => {
  let server: TestServer;
  let putBack: () => Promise<void>;

  beforeAll(async () => {
    server = await startServer(database);
    await keepLedger(server);
    putBack = await keepRows(server);
  });

  afterEach(() => putBack());

  afterAll(() => server.stop());

  const audit = async () => (await server.run(AUDIT)).ledgerAudit;

  test('a ledger that only the server wrote is clean', async () => {
    expect(await audit()).toEqual({
      ...{ clean: true, ...FIGURES },
      ...{ differenceCount: 0, differences: [] },
    });
  });

  const plants = PLANTS.map(
    ([what, statements, found, checks = {}]) => [what, { statements, found, checks }] as const,
  );

  test.each(plants)('finds %s', async (_what, { statements, found, checks }) => {
    await tamper(server, statements, checks);

    const { clean, differenceCount, differences } = await audit();

    expect(differences).toEqual(found);
    expect({ clean, differenceCount }).toEqual({ clean: false, differenceCount: found.length });
  });

  test('says what is wrong, and where, in words', async () => {
    await tamper(server, [setLevel(2, 60)]);

    const { ledgerAudit } = await server.run('{ ledgerAudit { differences { message } } }');

    expect(ledgerAudit.differences).toEqual([
      { message: 'BOLT at SHELF has 6 on hand, its 3 lines make 5.5' },
      { message: 'The levels of BOLT add up to 0.5' },
    ]);
  });

  /** A count that misses 2 NUT, a reversal of the issue of BOLT, and a serial number: lot 1. */
  async function keepMore(): Promise<void> {
    const nut = { item: { sku: 'NUT' }, counted: '18' };
    const bolt = { item: { sku: 'BOLT' }, counted: '5.5' };
    await move(server, 'stockCount', { location: { code: 'SHELF' }, lines: [bolt, nut] });
    await move(server, 'movementReverse', { movement: id('Movement', 3) });
    await createItem(server, 'BIKE', { tracking: 'SERIAL' });
    const bike = { item: { sku: 'BIKE' }, quantity: '1', lot: { code: 'B-1' } };
    await move(server, 'stockReceive', { to: { code: 'SHELF' }, lines: [bike] });
  }

  test('counts, reversals and serial numbers of the server are clean', async () => {
    await keepMore();

    expect(await audit()).toMatchObject({ clean: true, lines: 7, movements: 6 });
  });

  test.each([
    [
      'a count that says it missed more than its lines took',
      ['update count_lines set difference = -3 where position = 2'],
      difference('COUNT_DIFFERENCE', id('Movement', 4), '-2', '-3'),
    ],
    [
      'a count that found something without a line',
      ['update count_lines set difference = 10 where position = 1'],
      difference('COUNT_DIFFERENCE', id('Movement', 4), '0', '1'),
    ],
    [
      'a reversal of another movement than it undoes',
      ['update movements set reverses_id = 2 where id = 5'],
      difference('REVERSAL_REST', id('Movement', 5), '0', '-1'),
    ],
  ])('finds %s', async (_what, statements, found) => {
    await keepMore();
    await tamper(server, statements);

    const { differences } = await audit();

    expect(differences[0]).toEqual(found);
    expect(new Set(differences.map(({ rule }: Difference) => rule))).toEqual(new Set([found.rule]));
  });

  /** One reservation that is active, one that was fulfilled, and one that was released: 1, 2, 3. */
  async function keepReservations(): Promise<void> {
    const line = { item: { sku: 'NUT' }, location: { code: 'SHELF' }, quantity: '2' };
    for (let index = 0; index < 3; index += 1) {
      await move(server, 'stockReserve', { reference: 'ORDER', lines: [line, line] });
    }
    await move(server, 'reservationFulfil', { reservation: id('Reservation', 2) });
    await move(server, 'reservationRelease', { reservation: id('Reservation', 3) });
  }

  test('reservations of the server are clean', async () => {
    await keepReservations();

    expect(await audit()).toMatchObject({ clean: true, movements: 4 });
  });

  test.each([
    [
      'less reserved than is held',
      ['update stock_levels set reserved = 3 where id = 4'],
      [difference('LEVEL_HOLDS', id('StockLevel', 4), '4', '3')],
    ],
    [
      'a line that holds less than is left of it',
      ['update reservation_lines set held = 1 where id = 1'],
      [
        difference('LEVEL_HOLDS', id('StockLevel', 4), '3', '4'),
        difference('RESERVATION_REST', id('Reservation', 1), '2', '1'),
      ],
    ],
    [
      'a released reservation that holds something',
      [
        'update reservation_lines set held = 2 where id = 5',
        'update stock_levels set reserved = 6 where id = 4',
      ],
      [difference('RESERVATION_REST', id('Reservation', 3), '0', '2')],
    ],
    [
      'a fulfilled reservation of which something was not issued',
      ['update reservation_lines set fulfilled = 1 where id = 3'],
      [difference('RESERVATION_REST', id('Reservation', 2), '0', '0')],
    ],
    [
      'a reservation that the journal does not know',
      ["delete from journal_entries where action = 'reservation.create' and subject_id = 1"],
      [
        difference('JOURNAL_GAP', null, '13', '14'),
        difference('RESERVATION_JOURNAL', id('Reservation', 1), '1', '0'),
      ],
    ],
    [
      'a reservation that was released, says the journal, but expired, says its state',
      ["update reservations set state = 'EXPIRED' where id = 3"],
      [difference('RESERVATION_JOURNAL', id('Reservation', 3), '2', '1')],
    ],
  ])('finds %s', async (_what, statements, found) => {
    await keepReservations();
    await tamper(server, statements, { reservation_lines_rest_check: 'reservation_lines' });

    expect((await audit()).differences).toEqual(found);
  });

  test('finds a serial number in two real places', async () => {
    await keepMore();
    const twin = (after: string) => `insert into movement_lines (organization_id, movement_id,
        position, item_id, lot_id, lot_key, from_location_id, to_location_id, quantity, from_after,
        to_after)
      select organization_id, movement_id, 2, item_id, lot_id, lot_key, from_location_id, 6, 1,
        ${after}
      from movement_lines where item_id = 3`;
    await tamper(server, [
      twin('-2, 1'),
      'update stock_levels set on_hand = -2 where item_id = 3 and location_id = 1',
      `insert into stock_levels (organization_id, item_id, location_id, lot_id, lot_key, outside,
          on_hand, reserved, updated_at)
        select organization_id, item_id, 6, lot_id, lot_key, outside, 1, 0, updated_at
        from stock_levels where item_id = 3 and location_id = 5`,
    ]);

    expect((await audit()).differences).toEqual([
      difference('SERIAL_TWICE', id('Lot', 1), null, '2'),
    ]);
  });

  test('a count may have no lines', async () => {
    await tamper(server, [
      'delete from movement_lines where id = 4',
      "update movements set kind = 'COUNT' where id = 3",
      ...[setLevel(2, 65), setLevel(6, 0)],
    ]);

    expect(await audit()).toMatchObject({ clean: true, lines: 3, movements: 3 });
  });

  test('within a movement a real place may be below zero, at its end not', async () => {
    // Line 1 takes what line 2 brings.
    await tamper(server, [
      `update movement_lines set item_id = 1, from_location_id = 5, to_location_id = 6,
        quantity = 5, from_after = -5, to_after = 5 where id = 1`,
      `update movement_lines set item_id = 1, from_location_id = 1, to_location_id = 5,
        quantity = 105, from_after = -105, to_after = 100 where id = 2`,
      'update movement_lines set from_after = 60, to_after = 45 where id = 3',
      'update movement_lines set from_after = 50 where id = 4',
      ...[setLevel(2, 50), setLevel(3, 0), setLevel(4, 0), setLevel(5, 45)],
    ]);

    expect(await audit()).toMatchObject({ clean: true, differences: [] });
  });

  test('counts all differences, and names the first 1000', async () => {
    const lines = (count: number) => ({
      to: { code: 'SHELF' },
      lines: Array.from({ length: count }, () => ({ item: { sku: 'NUT' }, quantity: '1' })),
    });
    await move(server, 'stockReceive', lines(1000));
    await move(server, 'stockReceive', lines(500));
    await tamper(server, [
      'update movement_lines set from_after = from_after - 1 where id > 4',
      'delete from journal_entries where seq = 7',
    ]);

    const { differences, differenceCount } = await audit();

    expect(differenceCount).toBe(1501);
    expect(differences).toHaveLength(1000);
    // The many wrong balances do not crowd out the single gap.
    expect(differences.slice(0, 2)).toEqual([
      difference('JOURNAL_GAP', null, '7', '8'),
      difference('LINE_BALANCE', id('MovementLine', 5), '-21', '-22'),
    ]);
  });

  test('takes as many statements for 4 lines as for 1,504', async () => {
    const few = await server.ask(AUDIT);
    await move(server, 'stockReceive', {
      to: { code: 'SHELF' },
      lines: Array.from({ length: 1000 }, () => ({ item: { sku: 'NUT' }, quantity: '1' })),
    });
    const many = await server.ask(AUDIT);

    expect(many.data.ledgerAudit).toMatchObject({ clean: true, lines: 1004 });
    expect(few.extensions.trace.count).toBe(STATEMENTS);
    expect(many.extensions.trace.count).toBe(STATEMENTS);
  });

  test("is of the viewer's organization alone", async () => {
    const authorization = `Bearer ${await server.otherOrganization()}`;
    await tamper(server, [setLevel(2, 60)]);

    const { data } = await server.ask(AUDIT, {}, { authorization });

    expect(data.ledgerAudit).toEqual({
      ...{ clean: true, lines: 0, levels: 0, movements: 0, seq: 5 },
      ...{ differenceCount: 0, differences: [] },
    });
  });

  test.each(['OWNER', 'MANAGER'] as const)(
    'a member with the role %s may ask for it',
    async (role) => {
      const member = await server.member(role);

      const { ledgerAudit } = await member.run(AUDIT);

      expect(ledgerAudit.clean).toBe(true);
    },
  );

  test.each([
    ['CLERK', 'READ, STOCK'],
    ['VIEWER', 'READ'],
  ] as const)('a member with the role %s may not', async (role, permissions) => {
    const member = await server.member(role);

    const { data, errors } = await member.ask(AUDIT);

    expect(data).toBeNull();
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({
      message: `This takes the permission INSPECT; your role is ${role}, and your key may do: ${permissions}.`,
      path: ['ledgerAudit'],
      extensions: { code: 'FORBIDDEN' },
    });
  });

  test('the server answers and writes meanwhile, and the audit is of one moment', async () => {
    const lines = Array.from({ length: 1000 }, () => ({ item: { sku: 'NUT' }, quantity: '1' }));
    for (let index = 0; index < 10; index += 1) {
      await move(server, 'stockReceive', { to: { code: 'SHELF' }, lines });
    }
    const endings: string[] = [];
    const ending = (name: string) => () => void endings.push(name);

    const audits = [audit(), audit()];
    const all = Promise.all(audits).then(ending('audits'));
    // Were the audit in the way of the event loop, its answer would be there before these.
    await server.run('{ items { nodes { sku } } }').then(ending('query'));
    await stock(server, 'BOLT', 'SHELF', '1').then(ending('mutation'));
    await all;

    expect(endings).toEqual(['query', 'mutation', 'audits']);
    for (const each of await Promise.all(audits)) {
      const before = { lines: 10_004, movements: 13, seq: 22 };
      const after = { lines: 10_005, movements: 14, seq: 23 };
      expect(each).toMatchObject({ clean: true, ...(each.seq === 22 ? before : after) });
    }
    expect(await levels(server, 'BOLT')).toMatchObject({ SHELF: '6.5' });
  });

  test('is clean at any moment while others write', async () => {
    const writing = Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        move(server, index % 2 ? 'stockReceive' : 'stockTransfer', {
          ...(index % 2 ? {} : { from: { code: 'SHELF' } }),
          to: { code: index % 2 ? 'SHELF' : 'BENCH' },
          lines: [{ item: { sku: 'NUT' }, quantity: '1' }],
        }),
      ),
    );

    for (let index = 0; index < 5; index += 1) {
      expect(await audit()).toMatchObject({ clean: true, differences: [] });
    }
    await writing;

    expect(await audit()).toMatchObject({ clean: true, lines: 44, movements: 43, seq: 52 });
  });

  describe('quartermaster verify', () => {
    test('exits with 0 for ledgers without a difference', async () => {
      await server.otherOrganization();

      const { code, stdout, stderr } = await verify(server.url);

      expect(stdout.split('\n')).toEqual([
        'Test (1): no difference in 4 lines, 6 levels and 3 movements, journal at 12',
        'Test (2): no difference in 0 lines, 0 levels and 0 movements, journal at 5',
        expect.stringMatching(/^Clean: 2 organizations verified in \d+\.\d s\.$/),
        '',
      ]);
      expect(stderr).toContain(`${2 * STATEMENTS}/${2 * STATEMENTS} checks`);
      expect(code).toBe(0);
    });

    test('exits with 1 for a difference in any organization, each in one line', async () => {
      await server.otherOrganization();
      await tamper(server, [
        "update items set sku = 'BO\nLT' where id = 1",
        setLevel(2, 60),
        'update journal_heads set seq = 6 where organization_id = 2',
      ]);

      const { code, stdout } = await quartermaster(['verify'], { DATABASE_URL: server.url });

      expect(stdout.split('\n')).toEqual([
        'Test (1): LEVEL_BALANCE BO LT at SHELF has 6 on hand, its 3 lines make 5.5 (expected 5.5, found 6)',
        'Test (1): ITEM_SUM The levels of BO LT add up to 0.5 (expected 0, found 0.5)',
        'Test (1): 2 differences in 4 lines, 6 levels and 3 movements, journal at 12',
        'Test (2): JOURNAL_HEAD The journal ends at 5, its head says 6 (expected 5, found 6)',
        'Test (2): 1 difference in 0 lines, 0 levels and 0 movements, journal at 6',
        expect.stringMatching(/^Different: 2 of 2 organizations verified in \d+\.\d s\.$/),
        '',
      ]);
      expect(code).toBe(1);
    });

    test('refuses a database with pending migrations, and leaves it as it is', async () => {
      const empty = await createDatabase(database, { migrated: false });
      if (empty.address.dialect === 'sqlite') await writeFile(empty.address.file, '');
      try {
        const { code, stdout, stderr } = await verify(empty.url);

        expect(stdout).toBe('');
        expect(stderr).toMatch(/pending. Run `npx mikro-orm migration:up` first\.$/m);
        expect(code).toBe(1);
        expect(await pendingOf(empty)).toBe((await projectMigrations(database)).length);
      } finally {
        await empty.drop();
      }
    });
  });
});

describe.each(DATABASES)('the audit on %s, of a database without its triggers', (database) => {
  let server: TestServer;

  beforeEach(async () => {
    server = await startServer(database);
  });

  afterEach(() => server.stop());

  const execute = (sql: string) => server.orm.em.fork().getConnection().execute(sql);

  test('finds every trigger that is missing, switched off or changed', async () => {
    const changes = {
      sqlite: [
        'drop trigger movement_lines_no_delete',
        'drop trigger movements_no_update',
        'create trigger movements_no_update before update on movements begin select 1; end',
      ],
      postgresql: [
        'drop trigger movement_lines_append_only on movement_lines',
        'alter table movements disable trigger movements_append_only',
      ],
    };
    for (const sql of changes[database]) await execute(sql);

    const { differences, differenceCount } = (await server.run(AUDIT)).ledgerAudit;

    const triggers = {
      sqlite: ['movement_lines_no_delete', 'movements_no_update'],
      postgresql: ['movement_lines_append_only', 'movements_append_only'],
    };
    expect(differenceCount).toBe(2);
    expect(differences).toEqual(
      triggers[database].map((trigger) => difference('TRIGGER_MISSING', null, trigger, null)),
    );
  });

  test('looks for the triggers of every table that is written once', async () => {
    const tables = [
      'count_lines',
      'idempotency_keys',
      'journal_entries',
      'movement_lines',
      'movements',
    ];
    const names = (table: string) =>
      database === 'sqlite'
        ? [`${table}_no_delete`, `${table}_no_update`]
        : [`${table}_append_only`];
    const drop = (table: string, trigger: string) =>
      `drop trigger ${trigger}${database === 'sqlite' ? '' : ` on ${table}`}`;
    for (const table of tables) {
      for (const trigger of names(table)) await execute(drop(table, trigger));
    }

    const { differences } = (await server.run(AUDIT)).ledgerAudit;

    const found = differences.map(({ expected }: Difference) => expected);
    expect(found).toEqual(tables.flatMap(names));
  });

  test('quartermaster verify says so, and does not put it back', async () => {
    const on = database === 'sqlite' ? 'no_delete' : 'append_only on movements';
    await execute(`drop trigger movements_${on}`);

    const { code, stdout } = await verify(server.url);

    expect(stdout).toContain('TRIGGER_MISSING The table movements has no working trigger');
    expect(code).toBe(1);
    expect((await server.run(AUDIT)).ledgerAudit).toMatchObject({ differenceCount: 1 });
  });
});

describe('quartermaster verify', () => {
  test('explains itself', async () => {
    const { code, stdout } = await runCommand(['verify', '--help']);

    expect(stdout).toContain('Recomputes every ledger from its lines');
    expect(stdout).toContain('Exit codes: 0 no difference, 1 a difference');
    expect(code).toBe(0);
  });

  test('does not make a file that is not there', async () => {
    const file = inTestDirectory('nowhere.db');

    const { code, stderr } = await verify(`sqlite:${file}`);

    expect(stderr).toBe(`quartermaster: There is no database at ${file}.\n`);
    expect(code).toBe(1);
    expect(existsSync(file)).toBe(false);
  });

  test('says of a database without an organization that there is nothing to verify', async () => {
    const { url } = await createDatabase('sqlite');

    const { code, stderr } = await verify(url);

    expect(stderr).toBe('quartermaster: The database has no organization yet.\n');
    expect(code).toBe(1);
  });
});
