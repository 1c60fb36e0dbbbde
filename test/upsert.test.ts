import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DATABASES } from './support/databases.ts';
import {
  createCategory,
  createItem,
  createLocation,
  createTag,
  move,
} from './support/factories.ts';
import { areWaiting, holdWriters } from './support/holding.ts';
import { keyOf, recorded, subjectOf } from './support/journal.ts';
import { tally } from './support/load.ts';
import { startServer, type TestServer } from './support/server.ts';
import { until } from './support/until.ts';

const ITEM = `item {
  id sku name description unit decimals tracking attributes reorderPoint version barcodes
  category { name parent { name parent { name } } } tags { nodes { name } }
}`;
const ERROR = 'error { __typename code message path }';

const UPSERT = `mutation ($input: ItemsUpsertInput!) {
  itemsUpsert(input: $input) {
    __typename
    ... on Error { code message path }
    ... on RowsRefused { rows { index ${ERROR} } }
    ... on ItemsUpsertSuccess { results { index action ${ITEM} ${ERROR} } }
  }
}`;

const EVERYTHING = `{
  items(first: 100) { totalCount nodes { sku name version updatedAt barcodes } }
  categories(first: 100) { nodes { name } }
  tags(first: 100) { nodes { name } }
  journal { headSeq }
}`;

describe.each(DATABASES)('itemsUpsert on %s', (database) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer(database);
  });

  afterAll(() => server.stop());

  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever they asked for
  async function upsert(items: readonly object[], onError?: string): Promise<any> {
    const input = { items, ...(onError && { onError }) };
    return (await server.run(UPSERT, { input })).itemsUpsert;
  }

  const actionsOf = ({ results }: { results: { action: string }[] }) =>
    results.map(({ action }) => action);

  test('creates what is missing, with its categories and tags, and records each thing once', async () => {
    // biome-ignore lint/suspicious/noExplicitAny: tests read whatever they asked for
    let answer: any;
    const row = {
      ...{ sku: 'NEW-1', name: 'New one', description: 'Long', unit: 'm', decimals: 2 },
      ...{ tracking: 'LOT', attributes: { a: [1] }, reorderPoint: '1.5' },
      ...{ category: ['Tools', 'Hand', 'Saws'], tags: ['sharp', 'Old'], barcodes: ['99', '11'] },
    };

    const entries = await recorded(server, async () => {
      answer = await upsert([
        row,
        { sku: 'NEW-2', name: 'New two', category: ['tools', 'HAND'], tags: ['SHARP'] },
      ]);
    });

    const [first, second] = answer.results;
    expect(first).toEqual({
      ...{ index: 0, action: 'CREATED', error: null },
      item: {
        ...{ ...row, id: expect.any(String), version: 1, barcodes: ['11', '99'] },
        category: { name: 'Saws', parent: { name: 'Hand', parent: { name: 'Tools' } } },
        tags: { nodes: [{ name: 'Old' }, { name: 'sharp' }] },
      },
    });
    expect(second.item).toMatchObject({
      ...{ sku: 'NEW-2', unit: 'pcs', decimals: 0, tracking: 'NONE', attributes: {} },
      ...{ description: null, reorderPoint: null, barcodes: [] },
      category: { name: 'Hand', parent: { name: 'Tools', parent: null } },
      tags: { nodes: [{ name: 'sharp' }] },
    });
    expect(entries.map(({ action }) => action)).toEqual([
      ...['category.create', 'category.create', 'category.create'],
      ...['tag.create', 'tag.create', 'item.create', 'item.create'],
    ]);
    expect(entries[5]).toEqual({
      action: 'item.create',
      subject: subjectOf(first.item.id),
      changes: {
        ...{ sku: 'NEW-1', name: 'New one', description: 'Long', unit: 'm', decimals: 2 },
        ...{ tracking: 'LOT', attributes: { a: [1] }, reorderPoint: 150 },
        category: expect.any(Number),
        tags: [expect.any(Number), expect.any(Number)],
        barcodes: ['11', '99'],
      },
    });
  });

  test('changes only what is given, and tells what did not change', async () => {
    const category = await createCategory(server, 'Paints');
    const tag = await createTag(server, 'wet');
    const other = await createTag(server, 'dry');
    const id = await createItem(server, 'Paint', { decimals: 3, category, tags: [tag] });
    await upsert([{ sku: 'PAINT', barcodes: ['p1', 'p2'], description: 'Thick' }]);
    await upsert([{ sku: 'OTHER-PAINT', name: 'Other', barcodes: ['p3'] }]);

    // biome-ignore lint/suspicious/noExplicitAny: tests read whatever they asked for
    let answer: any;
    const entries = await recorded(server, async () => {
      answer = await upsert([
        {
          ...{ sku: 'paint', name: 'Paint, white', description: null, decimals: 3 },
          ...{ tags: ['DRY'], barcodes: ['P2', 'p4'], category: null },
        },
        { sku: 'other-paint', name: 'Other', barcodes: ['p3'], tags: [], attributes: {} },
      ]);
    });

    expect(actionsOf(answer)).toEqual(['UPDATED', 'UNCHANGED']);
    expect(answer.results[0].item).toMatchObject({
      ...{ id, sku: 'Paint', name: 'Paint, white', description: null, version: 3 },
      ...{ category: null, tags: { nodes: [{ name: 'dry' }] }, barcodes: ['P2', 'p4'] },
    });
    expect(answer.results[1].item).toMatchObject({ version: 1 });
    expect(entries).toEqual([
      {
        action: 'item.update',
        subject: subjectOf(id),
        changes: {
          name: { from: 'Paint', to: 'Paint, white' },
          description: { from: 'Thick', to: null },
          category: { from: keyOf(category), to: null },
          tags: { from: [keyOf(tag)], to: [keyOf(other)] },
          barcodes: { from: ['p1', 'p2'], to: ['P2', 'p4'] },
        },
      },
    ]);
    const again = await recorded(server, () =>
      upsert([{ sku: 'PAINT', name: 'Paint, white', barcodes: ['p4', 'P2'] }]),
    );
    expect(again).toEqual([]);
  });

  /** Rows of which each but the first and the last cannot be, and why. */
  const MIXED: [row: object, typename: string | null, path: string[], message: string][] = [
    [{ sku: 'GOOD-1', name: 'Good', category: ['Good'] }, null, [], ''],
    [{ sku: 'NO-NAME', category: ['Bad'] }, 'InvalidInput', ['name'], 'A new item needs a name.'],
    [{ sku: ' ', name: 'x' }, 'InvalidInput', ['sku'], 'sku must not be blank.'],
    [
      { sku: 'good-1', name: 'Twice', tags: ['bad'] },
      'InvalidInput',
      ['sku'],
      'The SKU is there twice.',
    ],
    [{ sku: 'FIXED', decimals: 2 }, 'InvalidInput', ['decimals'], 'decimals is fixed: it is 1.'],
    [{ sku: 'FIXED', tracking: 'LOT' }, 'InvalidInput', ['sku'], 'The SKU is there twice.'],
    [
      { sku: 'TAKES', name: 'x', barcodes: ['free', 'FIX'] },
      'AlreadyExists',
      ['barcodes', '1'],
      'Another item has the barcode FIX already.',
    ],
    [
      { sku: 'DOUBLE', name: 'x', barcodes: ['d', ' D '] },
      'InvalidInput',
      ['barcodes', '1'],
      'barcodes[1] is there twice.',
    ],
    [
      { sku: 'POINT', name: 'x', reorderPoint: '-1' },
      'InvalidInput',
      ['reorderPoint'],
      'reorderPoint must not be negative.',
    ],
    [
      { sku: 'SERIAL', name: 'x', tracking: 'SERIAL', decimals: 1 },
      'InvalidInput',
      ['decimals'],
      'An item with serial numbers is counted in whole units.',
    ],
    [
      { sku: 'PATH', name: 'x', category: ['a', ' '] },
      'InvalidInput',
      ['category', '1'],
      'category[1] must not be blank.',
    ],
    [{ sku: 'GOOD-2', name: 'Good', barcodes: ['free'], tags: ['good'] }, null, [], ''],
  ];

  const errorsOf = () =>
    MIXED.flatMap(([, __typename, path, message], index) =>
      __typename
        ? [
            {
              index,
              error: {
                ...{ __typename, message, code: expect.any(String) },
                path: ['input', 'items', String(index), ...path],
              },
            },
          ]
        : [],
    );

  test('all or nothing: refuses with every row that cannot be, and does nothing', async () => {
    await createItem(server, 'FIXED', { decimals: 1 });
    await upsert([{ sku: 'FIXED', barcodes: ['fix'] }]);
    const before = await server.run(EVERYTHING);

    const answer = await upsert(MIXED.map(([row]) => row));

    expect(answer).toEqual({
      ...{ __typename: 'RowsRefused', code: 'INVALID_INPUT', path: ['input', 'items'] },
      message: '10 of the rows cannot be; nothing was done.',
      rows: errorsOf(),
    });
    expect(await server.run(EVERYTHING)).toEqual(before);
  });

  test('skip: does the others, and makes nothing that only failed rows name', async () => {
    const answer = await upsert(
      MIXED.map(([row]) => row),
      'SKIP',
    );

    expect(answer.results.map(({ index }: { index: number }) => index)).toEqual([...MIXED.keys()]);
    expect(tally(actionsOf(answer))).toEqual({ CREATED: 2, FAILED: 10 });
    type Result = { index: number; error: unknown; item: unknown };
    const failed = (answer.results as Result[]).filter(({ error }) => error);
    expect(failed.map(({ index, error }) => ({ index, error }))).toEqual(errorsOf());
    expect(failed.every(({ item }) => item === null)).toBe(true);
    const { categories, tags } = await server.run(EVERYTHING);
    const names = [...categories.nodes, ...tags.nodes].map(({ name }: { name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(['Good', 'good']));
    expect(names).not.toContain('Bad');
    expect(names).not.toContain('bad');
  });

  test('a row takes the barcode that one before it gives up, not one after it', async () => {
    await upsert([
      { sku: 'GIVER', name: 'x', barcodes: ['gift'] },
      { sku: 'TAKER', name: 'x' },
    ]);

    const early = await upsert(
      [
        { sku: 'TAKER', barcodes: ['gift'] },
        { sku: 'GIVER', barcodes: [] },
      ],
      'SKIP',
    );
    await upsert([{ sku: 'GIVER', barcodes: ['gift'] }]);
    const late = await upsert([
      { sku: 'GIVER', barcodes: ['other'] },
      { sku: 'TAKER', barcodes: ['GIFT'] },
    ]);

    expect(actionsOf(early)).toEqual(['FAILED', 'UPDATED']);
    expect(actionsOf(late)).toEqual(['UPDATED', 'UPDATED']);
    expect(late.results[1].item.barcodes).toEqual(['GIFT']);
  });

  test.each([
    ['none', 0],
    ['too many', 1001],
  ])('refuses %s rows', async (_what, count) => {
    const rows = Array.from({ length: count }, (_, index) => ({ sku: `N-${index}`, name: 'x' }));

    expect(await upsert(rows)).toMatchObject({
      __typename: 'InvalidInput',
      message: `A call takes 1 to 1000 rows, got ${count}.`,
      path: ['input', 'items'],
    });
  });

  test('500 rows cost as many statements as 10, new or not', async () => {
    const rowsOf = (size: number, name: string) =>
      Array.from({ length: size }, (_, index) => ({
        ...{ sku: `BULK-${size}-${index}`, name, attributes: { index } },
        category: [`Bulk ${size}`, `Part ${index % 7} ${name}`],
        tags: [`bulk ${size} ${index % 5} ${name}`, `all ${name} ${size}`],
        barcodes: [`${size}-${index}-${name}`],
      }));
    const countsOf = async (size: number) => {
      const counts: number[] = [];
      for (const name of ['first', 'second']) {
        const input = { items: rowsOf(size, name) };
        const { data, extensions } = await server.ask(UPSERT, { input });
        const action = name === 'first' ? 'CREATED' : 'UPDATED';
        expect(tally(actionsOf(data.itemsUpsert))).toEqual({ [action]: size });
        counts.push(extensions.trace.count);
      }
      return counts;
    };

    const few = await countsOf(10);
    const many = await countsOf(500);

    expect(many).toEqual(few);
  });

  test('lists that come at once, in opposite orders, all succeed', async () => {
    const rows = Array.from({ length: 20 }, (_, index) => ({
      ...{ sku: `AT-ONCE-${index}`, name: 'x', barcodes: [`at ${index}`] },
      ...{ category: ['At once', `Part ${index}`], tags: [`once ${index}`] },
    }));

    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, turn) =>
        upsert((turn % 2 ? rows : rows.toReversed()).map((row) => ({ ...row, unit: `u${turn}` }))),
      ),
    );

    expect(tally(answers.map(({ __typename }) => __typename))).toEqual({ ItemsUpsertSuccess: 12 });
    const actions = tally(answers.flatMap(actionsOf));
    expect(actions).toEqual({ CREATED: 20, UPDATED: 220 });
  });
});

describe.each(DATABASES)('barcodes on %s', (database) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer(database);
    await createLocation(server, 'SHELF');
  });

  afterAll(() => server.stop());

  const CHANGED = '__typename ... on Error { message path }';
  const create = async (input: object) =>
    (
      await server.run(
        `mutation ($input: ItemCreateInput!) {
          itemCreate(input: $input) {
            ${CHANGED} ... on ItemCreateSuccess { item { sku barcodes version } }
          }
        }`,
        { input },
      )
    ).itemCreate;
  const update = async (input: object) =>
    (
      await server.run(
        `mutation ($input: ItemUpdateInput!) {
          itemUpdate(input: $input) {
            ${CHANGED} ... on ItemUpdateSuccess { item { id sku barcodes version } }
          }
        }`,
        { input },
      )
    ).itemUpdate;

  test('name their item in a look-up, an update, and every stock line', async () => {
    const created = await create({ sku: 'SCAN', name: 'Scan', barcodes: ['4006', 'Ä-1'] });
    const found = await server.run('{ item(by: { barcode: " ä-1 " }) { sku barcodes } }');
    const none = await server.run('{ item(by: { barcode: "4007" }) { sku } }');
    const item = { barcode: '4006' };
    const at = { code: 'SHELF' };

    const answers = [
      await move(server, 'stockReceive', { to: at, lines: [{ item, quantity: '9' }] }),
      await move(server, 'stockIssue', { from: at, lines: [{ item, quantity: '1' }] }),
      await move(server, 'stockCount', { location: at, lines: [{ item, counted: '7' }] }),
      await move(server, 'stockReserve', {
        reference: 'r',
        lines: [{ item: { barcode: 'ä-1' }, location: at, quantity: '2' }],
      }),
    ];

    expect(created.item).toEqual({ sku: 'SCAN', barcodes: ['4006', 'Ä-1'], version: 1 });
    expect(found).toEqual({ item: { sku: 'SCAN', barcodes: ['4006', 'Ä-1'] } });
    expect(none).toEqual({ item: null });
    expect(answers.map(({ levels }) => levels[0])).toMatchObject([
      { onHand: '9', item: { sku: 'SCAN' } },
      { onHand: '8' },
      { onHand: '7' },
      { onHand: '7', reserved: '2', available: '5' },
    ]);
    const missing = await move(server, 'stockReceive', {
      to: at,
      lines: [{ item: { barcode: 'nothing' }, quantity: '1' }],
    });
    expect(missing).toMatchObject({
      ...{ __typename: 'NotFound', path: ['input', 'lines', '0', 'item'] },
    });
  });

  test('another barcode of the same item is another input for an idempotency key', async () => {
    await create({ sku: 'KEYED', name: 'x', barcodes: ['k1', 'k2'] });
    const receipt = (barcode: string) => ({
      ...{ idempotencyKey: 'one key', to: { code: 'SHELF' } },
      lines: [{ item: { barcode }, quantity: '1' }],
    });

    const first = await move(server, 'stockReceive', receipt('k1'));
    const again = await move(server, 'stockReceive', receipt('k1'));
    const other = await move(server, 'stockReceive', receipt('k2'));

    expect([first.replayed, again.replayed]).toEqual([false, true]);
    expect(other.__typename).toBe('IdempotencyMismatch');
  });

  test('replace each other, and are refused where they are twice or taken', async () => {
    await create({ sku: 'B1', name: 'x', barcodes: ['one', 'two'] });
    await create({ sku: 'B2', name: 'x', barcodes: ['three'] });

    const replaced = await update({ item: { barcode: 'ONE' }, barcodes: ['Two', 'four'] });
    const same = await update({ item: { sku: 'B1' }, ifVersion: 2, barcodes: ['four', 'Two'] });
    const twice = await update({ item: { sku: 'B1' }, barcodes: ['five', 'six', 'FIVE'] });
    const taken = await update({ item: { sku: 'B1' }, barcodes: ['five', 'Three'] });
    const takenNew = await create({ sku: 'B3', name: 'x', barcodes: ['FOUR'] });

    expect(replaced.item).toMatchObject({ barcodes: ['four', 'Two'], version: 2 });
    expect(same.item).toMatchObject({ barcodes: ['four', 'Two'], version: 2 });
    expect(twice).toEqual({
      ...{ __typename: 'InvalidInput', message: 'barcodes[2] is there twice.' },
      path: ['input', 'barcodes', '2'],
    });
    expect(taken).toEqual({
      ...{ __typename: 'AlreadyExists', path: ['input', 'barcodes', '1'] },
      message: 'Another item has the barcode Three already.',
    });
    expect(takenNew).toMatchObject({ __typename: 'AlreadyExists' });
    const { b1, b3 } = await server.run(
      '{ b1: item(by: { sku: "B1" }) { barcodes } b3: item(by: { sku: "B3" }) { sku } }',
    );
    expect({ b1, b3 }).toEqual({ b1: { barcodes: ['four', 'Two'] }, b3: null });
  });

  test('of two items that take one at once, one gets it', async () => {
    for (const sku of ['T1', 'T2', 'T3', 'T4']) await create({ sku, name: 'x' });

    // The first has taken it and waits for its commit, while the others find that nobody has it.
    const release = await holdWriters(server);
    const updates = ['T1', 'T2', 'T3', 'T4'].map((sku) =>
      update({ item: { sku }, barcodes: ['prize'] }),
    );
    if (database === 'postgresql') await until('all of them wait', () => areWaiting(server, 4));
    await release();
    const answers = await Promise.all(updates);

    expect(tally(answers.map(({ __typename }) => __typename))).toEqual({
      ItemUpdateSuccess: 1,
      AlreadyExists: 3,
    });
  });

  test('are read for all items of a page at once', async () => {
    const { extensions } = await server.ask('{ items(first: 50) { nodes { sku barcodes } } }');

    expect(extensions.trace.count).toBe(2);
  });
});
