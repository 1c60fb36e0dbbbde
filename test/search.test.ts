import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DATABASES } from './support/databases.ts';
import { createItem } from './support/factories.ts';
import { startServer, type TestServer } from './support/server.ts';

describe.each(DATABASES)('search on %s', (database) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer(database);
    await createItem(server, 'BOLT-8', { name: 'Bolt, zinc' });
    await createItem(server, 'BOLT-80', { name: 'Long bolt' });
    await createItem(server, 'NUT', { name: 'Nut for BOLT-8' });
    await createItem(server, 'ÉCROU', { name: 'Écrou à tête' });
    await createItem(server, 'CABLE', { name: 'Cable' });
    await update('CABLE', {
      description: 'Steel, 3 m long. Zinc plated!',
      attributes: { maker: 'Ünal', sizes: [{ length: 3000 }], open: true, none: null },
    });
    await update('NUT', { barcodes: ['4006381333931', 'long'] });
  });

  afterAll(() => server.stop());

  const update = (sku: string, change: object) =>
    server.run(
      `mutation ($input: ItemUpdateInput!) {
        itemUpdate(input: $input) { ... on ItemUpdateSuccess { item { id } } ... on Error { message } }
      }`,
      { input: { item: { sku }, ...change } },
    );

  async function find(search: string, rest = ''): Promise<string[]> {
    const { items } = await server.run(
      `query ($search: String) { items(search: $search ${rest}) { totalCount nodes { sku } } }`,
      { search },
    );
    const skus = items.nodes.map(({ sku }: { sku: string }) => sku);
    expect(items.totalCount).toBe(skus.length);
    return skus;
  }

  test.each([
    ['the very SKU first, then longer ones, then words', 'bolt-8', ['BOLT-8', 'BOLT-80', 'NUT']],
    ['a SKU that is begun', 'bolt', ['BOLT-8', 'BOLT-80', 'NUT']],
    ['a barcode', '4006381333931', ['NUT']],
    ['half a barcode', '40063', []],
    ['a barcode before words', 'LONG', ['NUT', 'BOLT-80', 'CABLE']],
    ['a word of the description, in other letters', 'ZINC', ['BOLT-8', 'CABLE']],
    ['all of the words, in any order, each begun', 'zin bo', ['BOLT-8']],
    ['a word that nothing has', 'zinc brass', []],
    ['an accent, whichever way it is written', 'e\u0301cr', ['ÉCROU']],
    ['no other letter for one with an accent', 'ecr', []],
    ['a value of an attribute', 'ünal', ['CABLE']],
    ['a number deep in the attributes', '3000', ['CABLE']],
    ['not the name of an attribute', 'maker', []],
    ['signs between words', 'bolt, (zinc)', ['BOLT-8']],
    ['a wildcard as nothing', 'b%', ['BOLT-8', 'BOLT-80', 'NUT']],
    ['nothing but signs', '%_*', []],
    ['what looks like SQL', "' or 1=1 --", []],
    ['a blank as all', '  ', ['BOLT-8', 'BOLT-80', 'CABLE', 'NUT', 'ÉCROU']],
  ])('%s', async (_what, search, found) => {
    expect(await find(search)).toEqual(found);
  });

  test('with an order that is asked for, and a filter', async () => {
    expect(await find('bolt', 'orderBy: { field: SKU, direction: DESC }')).toEqual([
      'NUT',
      'BOLT-80',
      'BOLT-8',
    ]);
    expect(await find('bolt', 'where: { sku: { ne: "bolt-8" } }')).toEqual(['BOLT-80', 'NUT']);
    expect(
      await find('bolt', 'where: { sku: { ne: "nut" } }, orderBy: { field: NAME, direction: ASC }'),
    ).toEqual(['BOLT-8', 'BOLT-80']);
  });

  test('pages of it, forwards and backwards, with cursors that fit nothing else', async () => {
    const PAGE = `query ($after: String, $before: String, $first: Int, $last: Int) {
      items(search: "bolt", first: $first, after: $after, last: $last, before: $before) {
        nodes { sku } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
    }`;
    const page = async (variables: object) => (await server.run(PAGE, variables)).items;

    const first = await page({ first: 2 });
    const rest = await page({ first: 2, after: first.pageInfo.endCursor });
    const back = await page({ last: 2, before: rest.pageInfo.startCursor });

    expect(first).toMatchObject({
      nodes: [{ sku: 'BOLT-8' }, { sku: 'BOLT-80' }],
      pageInfo: { hasNextPage: true, hasPreviousPage: false },
    });
    expect(rest).toMatchObject({
      nodes: [{ sku: 'NUT' }],
      pageInfo: { hasNextPage: false, hasPreviousPage: true },
    });
    expect(back.nodes).toEqual(first.nodes);
    const { endCursor } = first.pageInfo;
    const further = (search: string) =>
      server.ask(
        'query ($after: String, $search: String) { items(after: $after, search: $search) { nodes { sku } } }',
        { after: endCursor, search },
      );
    for (const other of ['', 'bol', 'bolt nut']) {
      expect((await further(other)).errors).toMatchObject([
        { extensions: { code: 'BAD_REQUEST' } },
      ]);
    }
    expect((await further(' BOLT')).data).toEqual({ items: { nodes: [{ sku: 'NUT' }] } });
  });

  test('is up to date with every change, and with every way to make an item', async () => {
    await createItem(server, 'FLEET', { name: 'Before' });
    expect(await find('before')).toEqual(['FLEET']);
    await update('FLEET', { name: 'After' });
    expect([await find('before'), await find('after')]).toEqual([[], ['FLEET']]);
    await update('FLEET', { sku: 'SWIFT' });
    expect([await find('fleet'), await find('swift')]).toEqual([[], ['SWIFT']]);
    const upsert = (rows: object[]) =>
      server.run(
        `mutation ($input: ItemsUpsertInput!) {
          itemsUpsert(input: $input) { __typename ... on Error { message } }
        }`,
        { input: { items: rows } },
      );
    await upsert([
      { sku: 'SWIFT', name: 'Listed' },
      { sku: 'OTHER', name: 'Listed too' },
    ]);
    expect([await find('listed'), await find('after')]).toEqual([['OTHER', 'SWIFT'], []]);
  });

  test.each([
    ['too long', 'x'.repeat(201), 'takes at most 200 characters, got 201'],
    ['NUL', 'a\0', 'must be Unicode text without NUL'],
    ['half a character', '\ud800', 'must be Unicode text without NUL'],
  ])('%s is a bad request, and nothing is read', async (_what, search, message) => {
    const { errors, extensions } = await server.ask(
      'query ($search: String) { items(search: $search) { nodes { sku } } }',
      { search },
    );

    expect(errors).toMatchObject([{ extensions: { code: 'BAD_REQUEST' } }]);
    expect(errors[0]?.message).toContain(message);
    expect(extensions.trace.count).toBe(0);
  });

  test('finds nothing of another organization', async () => {
    const authorization = `Bearer ${await server.otherOrganization()}`;
    for (const search of ['bolt-8', 'bolt', 'zinc', '4006381333931']) {
      const { data } = await server.ask(
        'query ($search: String) { items(search: $search) { totalCount nodes { sku } } }',
        { search },
        { authorization },
      );
      expect(data.items).toEqual({ totalCount: 0, nodes: [] });
    }
  });

  test('items that were there before the words are found by them', async () => {
    const { orm } = server;
    await orm.migrator.down({ migrations: ['Migration20261126000001'] });
    await orm.em.fork().getConnection().execute('delete from item_words');
    expect(await find('zinc')).toEqual([]);

    await orm.migrator.up();

    expect(await find('zinc')).toEqual(['BOLT-8', 'CABLE']);
  });
});
