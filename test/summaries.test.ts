import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fillWithDemo } from '../src/cli/fill-with-demo.ts';
import { DATABASES } from './support/databases.ts';
import { createCategory, createItem, createLocation, move } from './support/factories.ts';
import { type Client, clientOf, startServer, type TestServer } from './support/server.ts';

/** Rows as lines of text: the values of some fields in their order, `-` for null. */
async function rows(client: Client, field: string, fields: string): Promise<string[]> {
  const { rows: found } = await client.run(`{ rows: ${field} { ${fields} } }`);
  const values = (value: unknown): unknown[] =>
    value !== null && typeof value === 'object' ? Object.values(value).flatMap(values) : [value];
  return found.map((row: object) =>
    values(row)
      .map((value) => value ?? '-')
      .join(' '),
  );
}

/** The arguments of `movementSummary`. */
const grouped = (groupBy: string, timeZone?: string): string =>
  `movementSummary(groupBy: [${groupBy}]${timeZone ? `, timeZone: "${timeZone}"` : ''})`;

describe.each(DATABASES)('summaries on %s', (database) => {
  let server: TestServer;

  const stock = (groupBy: string, fields: string) =>
    rows(server, `stockSummary(groupBy: [${groupBy}])`, fields);
  const moved = (groupBy: string, fields: string, timeZone?: string) =>
    rows(server, grouped(groupBy, timeZone), fields);

  beforeAll(async () => {
    server = await startServer(database);
    await createLocation(server, 'NORTH');
    await createLocation(server, 'SOUTH');
    await createLocation(server, 'TRUCK', { kind: 'TRANSIT' });
    const metal = await createCategory(server, 'Metal');
    const liquid = await createCategory(server, 'Liquid');
    await createItem(server, 'BOLT', { category: metal });
    await createItem(server, 'NUT', { category: metal });
    await createItem(server, 'OIL', { decimals: 3, category: liquid });
    await createItem(server, 'GLUE', { tracking: 'LOT' });
    await post(server);
  });

  afterAll(() => server.stop());

  test('stock by item: in real places, in the decimals of each', async () => {
    const fields = 'item { sku } onHand reserved available levels items itemsInStock';

    expect(await stock('ITEM', fields)).toEqual([
      'BOLT 88 9 79 2 1 1',
      'GLUE 6 0 6 3 1 1',
      'NUT 0 0 0 1 1 0',
      'OIL 1.749 0 1.749 1 1 1',
    ]);
  });

  test('stock by location and item: rows are ordered by the groups in their order', async () => {
    expect(await stock('LOCATION, ITEM', 'location { code } item { sku } onHand')).toEqual([
      'NORTH BOLT 70',
      'NORTH NUT 0',
      'NORTH OIL 1.749',
      'SOUTH BOLT 18',
      'SOUTH GLUE 0',
      'TRUCK GLUE 6',
    ]);
  });

  test('only what a filter finds is added up', async () => {
    const stockOf = (where: string, groupBy: string, fields: string) =>
      rows(server, `stockSummary(where: ${where}, groupBy: [${groupBy}])`, fields);
    const movedOf = (where: string, groupBy: string, fields: string) =>
      rows(server, `movementSummary(where: ${where}, groupBy: [${groupBy}])`, fields);

    const bolt = '{ item: { is: { sku: { eq: "bolt" } } } }';
    expect(await stockOf(bolt, 'LOCATION, ITEM', 'location { code } onHand levels')).toEqual([
      'NORTH 70 1',
      'SOUTH 18 1',
    ]);
    const south = '{ location: { is: { code: { eq: "SOUTH" } } }, onHand: { gt: "0" } }';
    expect(await stockOf(south, 'ITEM', 'item { sku } onHand')).toEqual(['BOLT 18']);
    const all = await moved('ITEM, KIND', 'item { sku } kind moved lines');
    expect(await movedOf(bolt, 'ITEM, KIND', 'item { sku } kind moved lines')).toEqual(
      all.filter((row) => row.startsWith('BOLT ')),
    );
    expect(await movedOf('{ quantity: { gt: "1000000" } }', 'KIND', 'kind lines')).toEqual([]);
  });

  test('stock without its item is counted, and no unit is mixed with another', async () => {
    const fields = 'item { sku } onHand reserved available levels items itemsInStock';

    expect(await stock('CATEGORY', `category { name } ${fields}`)).toEqual([
      'Liquid - - - - 1 1 1',
      'Metal - - - - 3 2 1',
      '- - - - - 3 1 1',
    ]);
    expect(await stock('LOCATION', `location { code } ${fields}`)).toEqual([
      'NORTH - - - - 3 3 2',
      'SOUTH - - - - 3 2 1',
      'TRUCK - - - - 1 1 1',
    ]);
  });

  test('stock by lot: what has none is a group', async () => {
    expect(await stock('LOT, ITEM', 'lot { code } item { sku } onHand levels')).toEqual([
      'G-1 GLUE 0 1',
      'G-2 GLUE 6 2',
      '- BOLT 88 2',
      '- NUT 0 1',
      '- OIL 1.749 1',
    ]);
  });

  const FLOW = 'quantityIn quantityOut net moved lines movements items';

  test('movements by item: in and out of the real places, and what moved within them', async () => {
    expect(await moved('ITEM', `item { sku } ${FLOW}`)).toEqual([
      'BOLT 100 12 88 142 3 3 1',
      'GLUE 15 9 6 24 5 3 1',
      'NUT 7 7 0 14 2 2 1',
      'OIL 2.75 1.001 1.749 3.751 3 2 1',
    ]);
  });

  test('movements by location: each line is out of one and into the other', async () => {
    const byBoth = await moved('ITEM, LOCATION', `item { sku } location { code } ${FLOW}`);
    expect(byBoth.slice(0, 4)).toEqual([
      'BOLT CUSTOMER 12 0 12 12 1 1 1',
      'BOLT NORTH 100 30 70 130 2 2 1',
      'BOLT SOUTH 30 12 18 42 2 2 1',
      'BOLT SUPPLIER 0 100 -100 100 1 1 1',
    ]);
    expect(await moved('LOCATION', `location { code } item { sku } ${FLOW}`)).toEqual([
      'CUSTOMER - - - - - 3 3 3',
      'NORTH - - - - - 7 4 3',
      'SOUTH - - - - - 6 4 2',
      'SUPPLIER - - - - - 9 4 4',
      'TRUCK - - - - - 1 1 1',
    ]);
  });

  test('movements by kind', async () => {
    expect(await moved('KIND', 'kind lines movements items day month')).toEqual([
      'ISSUE 3 3 3 - -',
      'RECEIPT 7 3 4 - -',
      'REVERSAL 2 1 1 - -',
      'TRANSFER 1 1 1 - -',
    ]);
  });

  test('movements by day and by month, of UTC unless said', async () => {
    const days = ['2026-03-28 4', '2026-03-29 3', '2026-10-24 1', '2026-10-25 4', '2026-10-31 1'];
    expect(await moved('DAY', 'day lines')).toEqual(days);
    expect(await moved('DAY', 'day lines', 'UTC')).toEqual(days);
    expect(await moved('MONTH', 'month lines')).toEqual(['2026-03-01 7', '2026-10-01 6']);
  });

  test('movements by day and by month of a zone, around both changes of its clock', async () => {
    // Of 29 March 00:30 and 01:30 with the offset of winter; of the day after 00:30 and 01:30 with that
    // of summer. Of 25 October 00:30 with that of summer, 23:30 with that of winter.
    const days = ['2026-03-29 5', '2026-03-30 2', '2026-10-25 3', '2026-10-26 2', '2026-11-01 1'];
    expect(await moved('DAY', 'day lines', 'Europe/Berlin')).toEqual(days);
    expect(await moved('DAY', 'day lines', 'europe/BERLIN')).toEqual(days);
    expect(await moved('MONTH', 'month lines', 'Europe/Berlin')).toEqual([
      '2026-03-01 7',
      '2026-10-01 5',
      '2026-11-01 1',
    ]);
    expect(await moved('DAY', 'day lines', 'America/St_Johns')).toEqual([
      '2026-03-28 5',
      '2026-03-29 2',
      '2026-10-24 1',
      '2026-10-25 4',
      '2026-10-31 1',
    ]);
  });

  test('movements of an item by days', async () => {
    const found = await moved('ITEM, DAY', `item { sku } day ${FLOW}`, 'Europe/Berlin');

    expect(found.slice(0, 2)).toEqual([
      'BOLT 2026-03-29 100 0 100 130 2 2 1',
      'BOLT 2026-03-30 0 12 -12 12 1 1 1',
    ]);
  });

  test.each([
    ['stockSummary(groupBy: [ITEM]) { onHand }', 1],
    [
      `stockSummary(groupBy: [ITEM, CATEGORY, LOCATION, LOT]) {
        item { sku } category { name } location { code } lot { code }
      }`,
      5,
    ],
    ['movementSummary(groupBy: [ITEM, KIND, DAY]) { net }', 1],
    ['movementSummary(groupBy: [ITEM, LOCATION]) { item { sku } location { code } }', 3],
    // One is for the span of the movements: as far as that, the zone has to be known.
    ['movementSummary(groupBy: [DAY], timeZone: "Asia/Kathmandu") { lines }', 2],
  ])('%s takes %i statements', async (field, statements) => {
    const { errors, extensions } = await server.ask(`{ ${field} }`);

    expect(errors).toEqual([]);
    expect(extensions.trace.count).toBe(statements);
  });

  test('another organization sees nothing of it', async () => {
    const key = await server.otherOrganization();
    const other = clientOf((request) => server.app.fetch('http://test/graphql', request), key);

    expect(await rows(other, 'stockSummary(groupBy: [ITEM])', 'levels')).toEqual([]);
    expect(await rows(other, grouped('ITEM, KIND, DAY', 'Europe/Berlin'), 'lines')).toEqual([]);
    expect(await rows(other, grouped('LOCATION'), 'lines')).toEqual([]);
  });

  const NO_ZONE =
    '`timeZone` is not the name of a time zone: expected one of the IANA, such as "Europe/Berlin".';

  test.each([
    ['stockSummary(groupBy: [])', '`groupBy` must name at least one group.'],
    ['stockSummary(groupBy: [LOT, ITEM, LOT])', '`groupBy` names LOT more than once.'],
    ['movementSummary(groupBy: [])', '`groupBy` must name at least one group.'],
    ['movementSummary(groupBy: [DAY, DAY])', '`groupBy` names DAY more than once.'],
    [grouped('DAY', 'Middle/Earth'), NO_ZONE],
    [grouped('DAY', '+02:00'), NO_ZONE],
    [grouped('DAY', 'UTC\\u0000'), NO_ZONE],
    ['movementSummary(groupBy: [ITEM], timeZone: "")', NO_ZONE],
  ])('%s is refused', async (field, message) => {
    const { data, errors } = await server.ask(`{ ${field} { items } }`);

    expect(data).toBeNull();
    expect(errors).toMatchObject([{ message, extensions: { code: 'BAD_REQUEST' } }]);
  });
});

/** Movements around midnight of several zones, and a reservation. */
async function post(server: TestServer): Promise<void> {
  const [NORTH, SOUTH, TRUCK] = ['NORTH', 'SOUTH', 'TRUCK'].map((code) => ({ code }));
  const of = (sku: string, quantity: string, lot?: unknown) => ({
    ...{ item: { sku }, quantity },
    ...(lot ? { lot } : {}),
  });
  const expiresOn = '2099-01-01';
  const history = [
    [
      'stockReceive 2026-03-28T23:30:00Z',
      {
        to: NORTH,
        lines: [of('BOLT', '100'), of('OIL', '2.5'), of('OIL', '0.25'), of('NUT', '7')],
      },
    ],
    ['stockTransfer 2026-03-29T00:30:00Z', { from: NORTH, to: SOUTH, lines: [of('BOLT', '30')] }],
    ['stockIssue 2026-03-29T22:30:00Z', { from: SOUTH, lines: [of('BOLT', '12')] }],
    ['stockIssue 2026-03-29T23:30:00Z', { from: NORTH, lines: [of('OIL', '1.001')] }],
    ['stockIssue 2026-10-24T22:30:00Z', { from: NORTH, lines: [of('NUT', '7')] }],
    [
      'stockReceive 2026-10-31T23:30:00Z',
      { to: TRUCK, lines: [of('GLUE', '6', { code: 'G-2', expiresOn })] },
    ],
    [
      'stockReceive 2026-10-25T22:30:00Z',
      {
        to: SOUTH,
        lines: [of('GLUE', '4', { code: 'G-1', expiresOn }), of('GLUE', '5', { code: 'g-2' })],
      },
    ],
  ] as const;
  let movement: string | undefined;
  for (const [what, input] of history) {
    const [name, occurredAt] = what.split(' ') as ['stockReceive', string];
    const answer = await move(server, name, { occurredAt, ...input });
    movement = answer.movement.id;
  }
  const undone = await move(server, 'movementReverse', {
    movement,
    occurredAt: '2026-10-25T23:30:00Z',
  });
  expect(undone.__typename).toBe('MovementReverseSuccess');
  const lines = [{ item: { sku: 'BOLT' }, location: NORTH, quantity: '9' }];
  const held = await move(server, 'stockReserve', { reference: 'order', lines });
  expect(held.__typename).toBe('StockReserveSuccess');
}

describe.each(DATABASES)('summaries of the sample on %s', (database) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer(database);
    await fillWithDemo(server.orm.em, server.owner, new Date('2026-04-02T12:00:00Z'));
  });

  afterAll(() => server.stop());

  test('stock adds up to what the levels say', async () => {
    const sums = new Map<string, { onHand: bigint; reserved: bigint; levels: number }>();
    const levels = await all(
      server,
      'stockLevels',
      'onHand reserved item { sku } location { code kind }',
    );
    for (const { onHand, reserved, item, location } of levels) {
      if (location.kind !== 'STORAGE' && location.kind !== 'TRANSIT') continue;
      const name = `${item.sku} ${location.code}`;
      const sum = sums.get(name) ?? { onHand: 0n, reserved: 0n, levels: 0 };
      sum.onHand += millionths(onHand);
      sum.reserved += millionths(reserved);
      sum.levels += 1;
      sums.set(name, sum);
    }

    const { stockSummary } = await server.run(`{
      stockSummary(groupBy: [ITEM, LOCATION]) {
        item { sku } location { code } onHand reserved levels
      }
    }`);

    const found = new Map();
    for (const { item, location, onHand, reserved, levels: count } of stockSummary) {
      const sum = { onHand: millionths(onHand), reserved: millionths(reserved), levels: count };
      found.set(`${item.sku} ${location.code}`, sum);
    }
    expect(sums.size).toBeGreaterThan(25);
    expect(found).toEqual(sums);
  });

  test.each(['UTC', 'Europe/Berlin', 'America/New_York', 'Pacific/Kiritimati'])(
    'movements of each day in %s add up to what the lines say',
    async (timeZone) => {
      const calendar = new Intl.DateTimeFormat('sv', { timeZone, dateStyle: 'short' });
      const sums = new Map<string, { into: bigint; out: bigint; lines: number }>();
      const fields = 'quantity item { sku } from { code } to { code } movement { kind occurredAt }';
      for (const { quantity, item, from, to, movement } of await all(
        server,
        'movementLines',
        fields,
      )) {
        const day = calendar.format(new Date(movement.occurredAt));
        for (const end of [from, to]) {
          const name = [item.sku, end.code, movement.kind, day].join(' ');
          const sum = sums.get(name) ?? { into: 0n, out: 0n, lines: 0 };
          sum[end === to ? 'into' : 'out'] += millionths(quantity);
          sum.lines += 1;
          sums.set(name, sum);
        }
      }

      const { rows: summary } = await server.run(`{
        rows: ${grouped('ITEM, LOCATION, KIND, DAY', timeZone)} {
          item { sku } location { code } kind day quantityIn quantityOut lines
        }
      }`);

      const found = new Map();
      for (const { item, location, kind, day, quantityIn, quantityOut, lines } of summary) {
        const sum = { into: millionths(quantityIn), out: millionths(quantityOut), lines };
        found.set([item.sku, location.code, kind, day].join(' '), sum);
      }
      expect(sums.size).toBeGreaterThan(100);
      expect(found).toEqual(sums);
    },
  );
});

/** A decimal number as whole millionths. */
function millionths(decimal: string): bigint {
  const [whole = '', fraction = ''] = decimal.replace('-', '').split('.');
  const size = BigInt(whole + fraction.padEnd(6, '0'));
  return decimal.startsWith('-') ? -size : size;
}

/** All rows of a list, page by page. */
// biome-ignore lint/suspicious/noExplicitAny: tests read whatever they asked for
async function all(server: TestServer, list: string, fields: string): Promise<any[]> {
  const nodes = [];
  let after = null;
  for (;;) {
    const answer = await server.run(
      `query ($after: String) {
        page: ${list}(first: 100, after: $after) {
          nodes { ${fields} } pageInfo { hasNextPage endCursor }
        }
      }`,
      { after },
    );
    nodes.push(...answer.page.nodes);
    if (!answer.page.pageInfo.hasNextPage) return nodes;
    after = answer.page.pageInfo.endCursor;
  }
}

describe.each(DATABASES)('summaries of extremes on %s', (database) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer(database);
    await createLocation(server, 'SHELF');
    await createItem(server, 'DUST', { decimals: 6 });
  });

  afterAll(() => server.stop());

  test('sums are exact beyond what a number holds, and days at either end of time', async () => {
    const moments = [
      '0001-01-01T15:00:00.000Z',
      '1899-12-31T15:00:00.000Z',
      '1900-01-01T15:00:00.000Z',
      '1969-12-31T23:59:59.999Z',
      '2000-10-10T01:30:00.000Z',
      '2100-12-31T15:00:00.000Z',
      '9999-12-31T15:00:00.000Z',
    ];
    const [shelf, supplier] = [{ code: 'SHELF' }, { code: 'SUPPLIER' }];
    const lines = [{ item: { sku: 'DUST' }, quantity: '9007199254.740991' }];
    for (const occurredAt of moments) {
      await move(server, 'stockReceive', { occurredAt, to: shelf, lines });
      await move(server, 'stockIssue', { occurredAt, from: shelf, to: supplier, lines });
    }

    const days = moments.map((moment) => moment.slice(0, 10));
    expect(await rows(server, grouped('DAY'), 'day')).toEqual(days);
    // 9 hours ahead; before 1900 and after 2100, days are those of UTC.
    expect(await rows(server, grouped('DAY', 'Asia/Tokyo'), 'day')).toEqual([
      ...['0001-01-01', '1899-12-31', '1900-01-02', '1970-01-01'],
      ...['2000-10-10', '2101-01-01', '9999-12-31'],
    ]);
    // 2 hours behind, but for a week of the year 2000, in which it was 1.
    expect(await rows(server, grouped('DAY', 'America/Noronha'), 'day')).toEqual(days);
    const fields = 'quantityIn quantityOut net moved lines';
    expect(await rows(server, grouped('ITEM'), fields)).toEqual([
      '63050394783.186937 63050394783.186937 0 126100789566.373874 14',
    ]);
  });

  test('more groups than an answer holds are a bad request', async () => {
    const { em } = server.orm;
    const execute = (sql: string) => em.fork().getConnection().execute(sql);
    const [now, no] = database === 'sqlite' ? ['0', '0'] : ['now()', 'false'];
    await execute(
      `with recursive n(i) as (select 1 union all select i + 1 from n where i < 10000)
        insert into locations (organization_id, code, code_key, name, name_key, kind, created_at, updated_at, version)
        select 1, 'L' || i, 'l' || i, 'L' || i, 'l' || i, 'STORAGE', ${now}, ${now}, 1 from n`,
    );
    const fill = (which: string) =>
      execute(
        `insert into stock_levels (organization_id, item_id, location_id, lot_key, outside, on_hand, reserved, updated_at)
          select 1, i.id, l.id, 0, ${no}, 1, 0, ${now} from locations l
            join items i on i.sku_key = 'dust' where l.code like 'L%' and l.code ${which} 'L1'`,
      );
    const ask = () => server.ask('{ stockSummary(groupBy: [LOCATION]) { levels } }');

    // The shelf has a level of its own.
    await fill('<>');
    expect((await ask()).data.stockSummary).toHaveLength(10_000);

    await fill('=');
    expect(await ask()).toMatchObject({
      data: null,
      errors: [
        {
          message:
            'There are more than 10000 groups: ask for fewer with `where`, group by less, or by months instead of days.',
          extensions: { code: 'BAD_REQUEST' },
        },
      ],
    });
  });
});
