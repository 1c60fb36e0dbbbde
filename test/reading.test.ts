import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DATABASES } from './support/databases.ts';
import {
  createCategory,
  createItem,
  createLocation,
  createTag,
  move,
} from './support/factories.ts';
import { startServer, type TestServer } from './support/server.ts';

const ITEMS = 100;
const sku = (index: number) => `SKU-${String(index).padStart(3, '0')}`;

interface Line {
  readonly id: string;
  readonly from: { readonly code: string };
  readonly to: { readonly code: string };
}

describe.each(DATABASES)('reading on %s', (database) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer(database);
    const tags = [];
    for (const name of ['Blue', 'Heavy', 'New']) tags.push(await createTag(server, name));
    const root = await createCategory(server, 'Everything');
    const categories = [];
    for (let index = 0; index < 10; index += 1) {
      categories.push(await createCategory(server, `Category ${index}`, root));
    }
    const shelves = ['A', 'B', 'C'];
    for (const code of shelves) await createLocation(server, code);
    for (let index = 0; index < ITEMS; index += 1) {
      await createItem(server, sku(index), {
        category: categories[index % 10] as string,
        tags: tags.slice(0, 1 + (index % 3)),
        // Names tie ten by ten, so that only the id tells them apart.
        name: `Name ${Math.floor(index / 10)}`,
        decimals: index % 3,
      });
    }
    const lines = Array.from({ length: ITEMS }, (_, index) => ({
      item: { sku: sku(index) },
      quantity: String(index + 1),
    }));
    for (const code of shelves) await move(server, 'stockReceive', { to: { code }, lines });
  });

  afterAll(() => server.stop());

  const FULL = `query ($first: Int!) {
    items(first: $first) {
      totalCount
      nodes {
        sku
        onHand
        category { name parent { name } }
        tags(first: 2) { totalCount nodes { name } }
        stockLevels(first: 4) { nodes { onHand available lot { code } location { code } } }
        movementLines(first: 1) { nodes { quantity movement { seq actor { name } } } }
      }
    }
  }`;

  test('as many statements for 2 items as for 100', async () => {
    const few = await server.ask(FULL, { first: 2 });
    const many = await server.ask(FULL, { first: 100 });

    expect(few.errors).toEqual([]);
    expect(many.data.items.nodes).toHaveLength(100);
    // Items with all that is one row for each, their count and their sums; SQLite reads each of the three
    // lists of theirs by a statement, PostgreSQL along with the items.
    const statements = database === 'sqlite' ? 6 : 3;
    expect(few.extensions.trace.count).toBe(statements);
    expect(many.extensions.trace.count).toBe(statements);
    expect(many.extensions.trace.statements).toHaveLength(statements);
    const batched = many.extensions.trace.statements.filter(({ batch }) => batch === 100);
    expect(batched).toHaveLength(database === 'sqlite' ? 4 : 1);
    for (const each of batched) {
      expect(each).toMatchObject({ rows: expect.any(Number), ms: expect.any(Number) });
    }
  });

  test('the rows of many parents are those that each parent has', async () => {
    const { data } = await server.ask(FULL, { first: 100 });

    expect(data.items.totalCount).toBe(ITEMS);
    expect(data.items.nodes[41]).toEqual({
      sku: 'SKU-041',
      onHand: '126',
      category: { name: 'Category 1', parent: { name: 'Everything' } },
      tags: { totalCount: 3, nodes: [{ name: 'Blue' }, { name: 'Heavy' }] },
      stockLevels: {
        nodes: [
          { onHand: '-126', available: '-126', lot: null, location: { code: 'SUPPLIER' } },
          { onHand: '42', available: '42', lot: null, location: { code: 'A' } },
          { onHand: '42', available: '42', lot: null, location: { code: 'B' } },
          { onHand: '42', available: '42', lot: null, location: { code: 'C' } },
        ],
      },
      movementLines: {
        nodes: [
          { quantity: '42', movement: { seq: expect.any(Number), actor: { name: 'Owner' } } },
        ],
      },
    });
  });

  test('a line is listed at both of its ends, once at each, from whichever end one reads', async () => {
    await move(server, 'stockTransfer', {
      ...{ from: { code: 'A' }, to: { code: 'B' } },
      lines: [{ item: { sku: sku(7) }, quantity: '1' }],
    });
    const line = 'nodes { id from { code } to { code } }';
    const { movementLines, locations, last } = await server.run(
      `{
        movementLines(first: 100, where: { item: { is: { sku: { eq: "${sku(7)}" } } } }) { ${line} }
        locations(first: 20) { nodes {
          code
          movementLines(first: 50, where: { item: { is: { sku: { eq: "${sku(7)}" } } } }) { totalCount ${line} }
        } }
        last: locations(first: 20) { nodes {
          movementLines(last: 2, where: { item: { is: { sku: { eq: "${sku(7)}" } } } }) { nodes { id } }
        } }
      }`,
    );

    for (const [index, { code, movementLines: own }] of locations.nodes.entries()) {
      const expected = movementLines.nodes
        .filter((each: Line) => each.from.code === code || each.to.code === code)
        .toReversed();
      expect([code, own.totalCount, own.nodes]).toEqual([code, expected.length, expected]);
      expect(last.nodes[index].movementLines.nodes).toEqual(
        expected.slice(-2).map(({ id }: Line) => ({ id })),
      );
    }
    const counts = Object.fromEntries(
      locations.nodes.map((each: { code: string; movementLines: { totalCount: number } }) => [
        each.code,
        each.movementLines.totalCount,
      ]),
    );
    expect(counts).toMatchObject({ SUPPLIER: 3, A: 2, B: 2, C: 1, CUSTOMER: 0 });
  });

  test('totalCount costs a statement only where it is selected', async () => {
    const without = await server.ask('{ items { nodes { sku } } }');
    const withCount = await server.ask('{ items { totalCount nodes { sku } } }');

    expect(without.extensions.trace.count).toBe(1);
    expect(withCount.extensions.trace.count).toBe(2);
  });

  test('two aliases of one edge with different pages do not mix', async () => {
    const { items } = await server.run(`{
      items(first: 2, orderBy: { field: SKU, direction: DESC }) {
        nodes {
          one: tags(first: 1) { nodes { name } pageInfo { hasNextPage } }
          last: tags(last: 1) { nodes { name } pageInfo { hasNextPage hasPreviousPage } }
        }
      }
    }`);

    expect(items.nodes).toEqual([
      {
        one: { nodes: [{ name: 'Blue' }], pageInfo: { hasNextPage: false } },
        last: {
          nodes: [{ name: 'Blue' }],
          pageInfo: { hasNextPage: false, hasPreviousPage: false },
        },
      },
      {
        one: { nodes: [{ name: 'Blue' }], pageInfo: { hasNextPage: true } },
        last: { nodes: [{ name: 'New' }], pageInfo: { hasNextPage: false, hasPreviousPage: true } },
      },
    ]);
  });

  const PAGE = `query ($first: Int, $after: String, $last: Int, $before: String, $orderBy: ItemOrder) {
    items(first: $first, after: $after, last: $last, before: $before, orderBy: $orderBy) {
      edges { cursor node { sku } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }`;

  type Page = {
    edges: { cursor: string; node: { sku: string } }[];
    pageInfo: {
      hasNextPage: boolean;
      hasPreviousPage: boolean;
      startCursor: string;
      endCursor: string;
    };
  };

  /** All SKUs, page by page from the front. */
  async function walkForwards(orderBy: object): Promise<string[]> {
    const skus: string[] = [];
    let after: string | null = null;
    for (;;) {
      const { items }: { items: Page } = await server.run(PAGE, { first: 7, after, orderBy });
      skus.push(...items.edges.map(({ node }) => node.sku));
      expect(items.pageInfo.hasPreviousPage).toBe(after !== null);
      if (!items.pageInfo.hasNextPage) return skus;
      after = items.pageInfo.endCursor;
    }
  }

  /** All SKUs, page by page from the back. */
  async function walkBackwards(orderBy: object): Promise<string[]> {
    const skus: string[] = [];
    let before: string | null = null;
    for (;;) {
      const { items }: { items: Page } = await server.run(PAGE, { last: 7, before, orderBy });
      skus.unshift(...items.edges.map(({ node }) => node.sku));
      expect(items.pageInfo.hasNextPage).toBe(before !== null);
      if (!items.pageInfo.hasPreviousPage) return skus;
      before = items.pageInfo.startCursor;
    }
  }

  test.each([
    ['SKU', 'ASC'],
    ['SKU', 'DESC'],
    ['NAME', 'ASC'],
    ['NAME', 'DESC'],
    ['CREATED_AT', 'ASC'],
    ['CREATED_AT', 'DESC'],
  ])('pages by %s %s have every row once, forwards as backwards', async (field, direction) => {
    const forwards = await walkForwards({ field, direction });
    const backwards = await walkBackwards({ field, direction });

    expect(forwards).toHaveLength(ITEMS);
    expect(forwards.toSorted()).toEqual(Array.from({ length: ITEMS }, (_, index) => sku(index)));
    expect(backwards).toEqual(forwards);
    // All orderings rise with the number of the item; ties are broken by id, which does so too.
    expect(forwards[0]).toBe(direction === 'ASC' ? sku(0) : sku(ITEMS - 1));
  });

  test('a page between two cursors knows what lies around it', async () => {
    const { items }: { items: Page } = await server.run(PAGE, { first: 5 });
    const [a, , , , e] = items.edges.map(({ cursor }) => cursor);

    const { items: between } = await server.run(PAGE, { first: 10, after: a, before: e });

    expect(between.edges.map((edge: Page['edges'][0]) => edge.node.sku)).toEqual([
      'SKU-001',
      'SKU-002',
      'SKU-003',
    ]);
    expect(between.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
  });

  test.each([
    ['a page of none', 'items(first: 0)', /`first` must be from 1 to 100, got 0/],
    ['a page of less than none', 'items(last: -1)', /`last` must be from 1 to 100, got -1/],
    ['too large a page', 'items(first: 101)', /`first` must be from 1 to 100, got 101/],
    ['both ends', 'items(first: 1, last: 1)', /not both/],
    ['a malformed cursor', 'items(after: "%%%")', /`after` is not a cursor of this list/],
    ['a cursor of JSON', 'items(before: "WzEsMiwzXQ")', /`before` is not a cursor of this list/],
  ])('%s is a bad request', async (_what, field, message) => {
    const { errors } = await server.ask(`{ ${field} { nodes { sku } } }`);

    expect(errors).toHaveLength(1);
    expect(errors[0]?.message).toMatch(message);
    expect(errors[0]).toMatchObject({ path: ['items'], extensions: { code: 'BAD_REQUEST' } });
  });

  test('a cursor that was tampered with is refused', async () => {
    const { items } = await server.run(PAGE, { first: 1 });
    const [binding, , id] = JSON.parse(
      Buffer.from(items.pageInfo.endCursor, 'base64url').toString(),
    );

    for (const value of ['a\0b', '\ud800', 7, null]) {
      const cursor = Buffer.from(JSON.stringify([binding, value, id])).toString('base64url');
      const { errors } = await server.ask(PAGE, { first: 1, after: cursor });
      expect(errors[0]).toMatchObject({ extensions: { code: 'BAD_REQUEST' } });
    }
  });

  test('a cursor of a time that was tampered with is refused', async () => {
    const orderBy = { field: 'CREATED_AT', direction: 'ASC' };
    const { items } = await server.run(PAGE, { first: 1, orderBy });
    const [binding, , id] = JSON.parse(
      Buffer.from(items.pageInfo.endCursor, 'base64url').toString(),
    );

    for (const value of [1.5, -1, 8.64e15, '2026']) {
      const after = Buffer.from(JSON.stringify([binding, value, id])).toString('base64url');
      const { errors } = await server.ask(PAGE, { first: 1, after, orderBy });
      expect(errors[0]).toMatchObject({ extensions: { code: 'BAD_REQUEST' } });
    }
  });

  test('a cursor of another list, ordering or direction is refused', async () => {
    const { items } = await server.run(PAGE, { first: 1 });
    const cursor = items.pageInfo.endCursor;
    const others = [
      'locations(after: $cursor) { nodes { id } }',
      'items(after: $cursor, orderBy: { field: NAME }) { nodes { id } }',
      'items(after: $cursor, orderBy: { field: SKU, direction: DESC }) { nodes { id } }',
    ];

    for (const other of others) {
      const { errors } = await server.ask(`query ($cursor: String!) { ${other} }`, { cursor });
      expect(errors[0]).toMatchObject({ extensions: { code: 'BAD_REQUEST' } });
    }
  });

  test('a row is found by id, SKU or code, whatever their case', async () => {
    const { item } = await server.run('{ item(by: { sku: " sku-007 " }) { id sku } }');
    const found = await server.run(
      `query ($id: ID!) {
        item(by: { id: $id }) { sku }
        node(id: $id) { __typename id ... on Item { sku } }
        location(by: { code: "a" }) { code }
      }`,
      { id: item.id },
    );

    expect(found).toEqual({
      item: { sku: 'SKU-007' },
      node: { __typename: 'Item', id: item.id, sku: 'SKU-007' },
      location: { code: 'A' },
    });
  });

  test('what does not exist is null, and so is what is malformed or of another type', async () => {
    const { location } = await server.run('{ location(by: { code: "A" }) { id } }');
    const missing = Buffer.from('Item:999999').toString('base64url');
    const huge = Buffer.from('Item:99999999999999999999').toString('base64url');

    const found = await server.run(
      `query ($location: ID!, $missing: ID!, $huge: ID!, $nul: String!, $half: String!) {
        a: item(by: { id: $location }) { sku }
        b: item(by: { id: $missing }) { sku }
        c: item(by: { id: "not an id" }) { sku }
        d: node(id: $huge) { id }
        e: node(id: "") { id }
        f: item(by: { sku: "nobody" }) { sku }
        g: category(id: $location) { name }
        h: movement(id: $missing) { seq }
        i: item(by: { sku: $nul }) { sku }
        j: location(by: { code: $half }) { code }
      }`,
      { location: location.id, missing, huge, nul: 'a\0b', half: '\ud800' },
    );

    expect(Object.values(found)).toEqual(Array.from({ length: 10 }, () => null));
  });

  test('nodes come in the order of their ids, with two types in two statements', async () => {
    const { item, location } = await server.run(
      '{ item(by: { sku: "SKU-001" }) { id } location(by: { code: "B" }) { id } }',
    );
    const { data, extensions } = await server.ask(
      'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Item { sku } ... on Location { code } } }',
      { ids: [location.id, 'nothing', item.id, location.id] },
    );

    expect(data.nodes).toEqual([{ code: 'B' }, null, { sku: 'SKU-001' }, { code: 'B' }]);
    expect(extensions.trace.count).toBe(2);
  });

  test('too many ids are a bad request', async () => {
    const { errors } = await server.ask('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', {
      ids: Array.from({ length: 101 }, () => 'x'),
    });

    expect(errors[0]).toMatchObject({ extensions: { code: 'BAD_REQUEST' } });
  });

  test('another organization sees none of it: its ids are as good as missing', async () => {
    const key = await server.otherOrganization();
    const { item, movements } = await server.run(
      '{ item(by: { sku: "SKU-001" }) { id } movements(first: 1) { nodes { id } } }',
    );
    const [movement] = movements.nodes;

    const { data } = await server.ask(
      `query ($item: ID!, $movement: ID!) {
        items { totalCount nodes { sku } }
        movementLines { totalCount nodes { id } }
        item(by: { id: $item }) { sku }
        bySku: item(by: { sku: "SKU-001" }) { sku }
        nodes(ids: [$item, $movement]) { id }
        movement(id: $movement) { seq }
        locations { nodes { code } }
      }`,
      { item: item.id, movement: movement.id },
      { authorization: `Bearer ${key}` },
    );

    expect(data).toEqual({
      items: { totalCount: 0, nodes: [] },
      movementLines: { totalCount: 0, nodes: [] },
      item: null,
      bySku: null,
      nodes: [null, null],
      movement: null,
      locations: {
        nodes: ['ADJUSTMENT', 'CUSTOMER', 'SCRAP', 'SUPPLIER'].map((code) => ({ code })),
      },
    });
  });

  test('the trace is there when asked for, and only then', async () => {
    const without = await server.ask(
      '{ items(first: 1) { nodes { sku } } }',
      {},
      { 'x-trace': '' },
    );

    expect(Object.keys(without.extensions)).toEqual(['cost']);
  });
});
