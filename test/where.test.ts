import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { whereFields } from '../src/graphql/where.ts';
import { DATABASES } from './support/databases.ts';
import {
  createCategory,
  createItem,
  createLocation,
  createTag,
  move,
  stock,
} from './support/factories.ts';
import { startServer, type TestServer } from './support/server.ts';

describe.each(DATABASES)('filters on %s', (database) => {
  let server: TestServer;
  const ids = { bikes: '', parts: '', food: '', red: '', bolt: '' };

  beforeAll(async () => {
    server = await startServer(database);
    ids.bikes = await createCategory(server, 'Bikes');
    ids.parts = await createCategory(server, 'Parts', ids.bikes);
    ids.food = await createCategory(server, 'Food');
    ids.red = await createTag(server, 'Red');
    const blue = await createTag(server, 'Blue');
    const both = [ids.red, blue];
    const bolt = { name: 'Écrou 100%', category: ids.parts, tags: [ids.red] };
    ids.bolt = await createItem(server, 'BOLT', bolt);
    await createItem(server, 'BOLT_2', { name: '100_percent', category: ids.parts, tags: both });
    await createItem(server, 'ROPE', { name: 'Rope', category: ids.bikes, decimals: 3 });
    await createItem(server, 'MILK', { name: 'Milk', category: ids.food, tracking: 'LOT' });
    await createItem(server, 'Straße', { name: 'ＷＩＤＥ' });
    await createLocation(server, 'HALL');
    await createLocation(server, 'SHELF', { parent: { code: 'HALL' } });
    await createLocation(server, 'VAN', { kind: 'TRANSIT' });
    await stock(server, 'BOLT', 'SHELF', '5');
    await stock(server, 'BOLT_2', 'VAN', '12');
    await stock(server, 'ROPE', 'HALL', '1.5');
    const milk = [
      { item: { sku: 'MILK' }, quantity: '4', lot: { code: 'M1', expiresOn: '2999-01-31' } },
    ];
    await move(server, 'stockReceive', { to: { code: 'SHELF' }, reference: 'PO-1', lines: milk });
    const held = [{ item: { sku: 'BOLT' }, location: { code: 'SHELF' }, quantity: '4' }];
    await move(server, 'stockReserve', { reference: 'ORDER-7', lines: held });
    await server.run(
      `mutation { itemUpdate(input: { item: { sku: "BOLT" }, reorderPoint: "2" }) { __typename }
        rope: itemUpdate(input: { item: { sku: "ROPE" }, reorderPoint: "1.5" }) { __typename } }`,
    );
  });

  afterAll(() => server.stop());

  const ALL = ['BOLT', 'BOLT_2', 'MILK', 'ROPE', 'Straße'];

  async function skus(where: object): Promise<string[]> {
    const { items } = await server.run(
      `query ($where: ItemWhere) { items(where: $where) { totalCount nodes { sku } } }`,
      { where },
    );
    expect(items.totalCount).toBe(items.nodes.length);
    return items.nodes.map(({ sku }: { sku: string }) => sku);
  }

  test.each<[what: string, where: () => object, found: string[]]>([
    ['nothing said', () => ({}), ALL],
    ['a SKU in other letters', () => ({ sku: { eq: 'bolt' } }), ['BOLT']],
    ['ß as ss', () => ({ sku: { eq: 'STRASSE' } }), ['Straße']],
    ['wide letters', () => ({ name: { eq: 'wide' } }), ['Straße']],
    ['an accent written in two parts', () => ({ name: { startsWith: 'E\u0301C' } }), ['BOLT']],
    ['all but one', () => ({ sku: { ne: 'Rope' } }), ['BOLT', 'BOLT_2', 'MILK', 'Straße']],
    ['some of them', () => ({ sku: { in: ['rope', 'NOBODY', 'milk'] } }), ['MILK', 'ROPE']],
    ['an empty list', () => ({ sku: { in: [] } }), []],
    ['a range', () => ({ sku: { gte: 'bolt_2', lt: 'rope' } }), ['BOLT_2', 'MILK']],
    ['a prefix', () => ({ sku: { startsWith: 'bolt' } }), ['BOLT', 'BOLT_2']],
    ['no wildcard in a prefix', () => ({ sku: { startsWith: 'b_lt' } }), []],
    ['a percent sign is one', () => ({ name: { startsWith: '100%' } }), []],
    ['an underscore is one', () => ({ name: { startsWith: '100_' } }), ['BOLT_2']],
    ['what looks like SQL', () => ({ sku: { eq: "' or 1=1 --" } }), []],
    ['an id', () => ({ id: { eq: ids.bolt } }), ['BOLT']],
    ['an id of another type', () => ({ id: { eq: ids.red } }), []],
    ['what is no id', () => ({ id: { in: ['%%%', ids.bolt] } }), ['BOLT']],
    ['an enum', () => ({ tracking: { eq: 'LOT' } }), ['MILK']],
    ['any but an enum', () => ({ tracking: { ne: 'LOT' } }), ['BOLT', 'BOLT_2', 'ROPE', 'Straße']],
    [
      'with a category',
      () => ({ category: { isNull: false } }),
      ['BOLT', 'BOLT_2', 'MILK', 'ROPE'],
    ],
    ['without a category', () => ({ category: { isNull: true } }), ['Straße']],
    ['right in a category', () => ({ category: { is: { id: { eq: ids.bikes } } } }), ['ROPE']],
    ['below a category', () => ({ categoryUnder: ids.bikes }), ['BOLT', 'BOLT_2', 'ROPE']],
    [
      'in a category whose parent has a name',
      () => ({ category: { is: { parent: { is: { name: { eq: 'bikes' } } } } } }),
      ['BOLT', 'BOLT_2'],
    ],
    ['with a tag', () => ({ tags: { some: { name: { eq: 'blue' } } } }), ['BOLT_2']],
    ['with any tag', () => ({ tags: { some: {} } }), ['BOLT', 'BOLT_2']],
    [
      'without a tag',
      () => ({ tags: { none: { name: { eq: 'Blue' } } } }),
      ['BOLT', 'MILK', 'ROPE', 'Straße'],
    ],
    ['not out of use', () => ({ archived: false }), ALL],
    ['out of use', () => ({ archived: true }), []],
    ['made before', () => ({ createdAt: { lt: '2020-01-01T00:00:00Z' } }), []],
    ['made since', () => ({ createdAt: { gte: '2020-01-01T00:00:00+02:00' } }), ALL],
    ['available less than', () => ({ available: { lt: '1.5' } }), ['BOLT', 'Straße']],
    ['available exactly', () => ({ available: { eq: '1.50' } }), ['ROPE']],
    [
      'available any but',
      () => ({ available: { ne: '1.5' } }),
      ['BOLT', 'BOLT_2', 'MILK', 'Straße'],
    ],
    ['available from', () => ({ available: { gte: '1.5' } }), ['BOLT_2', 'MILK', 'ROPE']],
    [
      'more than a fraction of a unit',
      () => ({ available: { gt: '0.9999999' } }),
      ['BOLT', 'BOLT_2', 'MILK', 'ROPE'],
    ],
    [
      'at most a fraction below a unit',
      () => ({ available: { lte: '1.4999' } }),
      ['BOLT', 'Straße'],
    ],
    ['on hand beyond all bounds', () => ({ onHand: { lt: '99999999999999999999999' } }), ALL],
    ['on hand below all bounds', () => ({ onHand: { lte: '-99999999999999999999999' } }), []],
    ['held', () => ({ reserved: { gt: '0' } }), ['BOLT']],
    ['below the reorder point', () => ({ belowReorderPoint: true }), ['BOLT']],
    ['not below it', () => ({ belowReorderPoint: false }), ['BOLT_2', 'MILK', 'ROPE', 'Straße']],
    [
      'with stock below a place',
      () => ({ stockLevels: { some: { locationUnder: { code: 'hall' }, onHand: { gt: '0' } } } }),
      ['BOLT', 'MILK', 'ROPE'],
    ],
    [
      'with a lot that expires late',
      () => ({ lots: { some: { expiresOn: { gt: '2998-12-31' } } } }),
      ['MILK'],
    ],
    [
      'moved by a reference',
      () => ({ movementLines: { some: { movement: { is: { reference: { eq: 'PO-1' } } } } } }),
      ['MILK'],
    ],
    [
      'reserved by somebody',
      () => ({ reservations: { some: { state: { eq: 'ACTIVE' } } } }),
      ['BOLT'],
    ],
    ['both', () => ({ sku: { startsWith: 'b' }, name: { startsWith: '1' } }), ['BOLT_2']],
    [
      'and',
      () => ({ and: [{ sku: { gt: 'bolt' } }, { sku: { lt: 'rope' } }] }),
      ['BOLT_2', 'MILK'],
    ],
    ['or', () => ({ or: [{ sku: { eq: 'milk' } }, { name: { eq: 'rope' } }] }), ['MILK', 'ROPE']],
    ['or of nothing', () => ({ or: [] }), []],
    ['and of nothing', () => ({ and: [] }), ALL],
    [
      'or beside another',
      () => ({ tracking: { eq: 'NONE' }, or: [{ sku: { eq: 'milk' } }, { sku: { eq: 'rope' } }] }),
      ['ROPE'],
    ],
  ])('%s; and not: all the others', async (_what, where, found) => {
    expect(await skus(where())).toEqual(found);
    expect(await skus({ not: where() })).toEqual(ALL.filter((sku) => !found.includes(sku)));
  });

  test('lists of a parent are filtered, ordered and counted each for itself, in one statement each at most', async () => {
    const { data, extensions } = await server.ask(`{
      categories(first: 5, where: { name: { in: ["Parts", "Bikes"] } }) {
        nodes {
          name
          some: items(where: { name: { startsWith: "1" } }) { totalCount nodes { sku } }
          down: items(orderBy: { field: SKU, direction: DESC }, first: 1) { totalCount nodes { sku } }
          items(first: 5) { nodes { sku tags(first: 5, where: { name: { ne: "red" } }) { totalCount nodes { name } } } }
        }
      }
    }`);

    const rope = { sku: 'ROPE', tags: { totalCount: 0, nodes: [] } };
    expect(data.categories.nodes).toEqual([
      {
        name: 'Bikes',
        some: { totalCount: 0, nodes: [] },
        down: { totalCount: 1, nodes: [{ sku: 'ROPE' }] },
        items: { nodes: [rope] },
      },
      {
        name: 'Parts',
        some: { totalCount: 1, nodes: [{ sku: 'BOLT_2' }] },
        down: { totalCount: 2, nodes: [{ sku: 'BOLT_2' }] },
        items: {
          nodes: [
            { sku: 'BOLT', tags: { totalCount: 0, nodes: [] } },
            { sku: 'BOLT_2', tags: { totalCount: 1, nodes: [{ name: 'Blue' }] } },
          ],
        },
      },
    ]);
    expect(extensions.trace.count).toBe(database === 'sqlite' ? 5 : 1);
  });

  test('pages of a filtered list have its rows once, and say truly whether it goes on', async () => {
    const PAGE = `query ($after: String, $before: String, $first: Int, $last: Int) {
      items(where: { sku: { ne: "MILK" } }, after: $after, before: $before, first: $first, last: $last) {
        totalCount nodes { sku } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
    }`;
    const page = async (variables: object) => (await server.run(PAGE, variables)).items;

    const first = await page({ first: 2 });
    const rest = await page({ first: 2, after: first.pageInfo.endCursor });
    const back = await page({ last: 2, before: rest.pageInfo.startCursor });

    const sku = ({ nodes }: { nodes: { sku: string }[] }) => nodes.map((node) => node.sku);
    expect([sku(first), sku(rest), sku(back)]).toEqual([
      ['BOLT', 'BOLT_2'],
      ['ROPE', 'Straße'],
      ['BOLT', 'BOLT_2'],
    ]);
    expect(first.totalCount).toBe(4);
    expect([first.pageInfo, rest.pageInfo, back.pageInfo]).toMatchObject([
      { hasNextPage: true, hasPreviousPage: false },
      { hasNextPage: false, hasPreviousPage: true },
      { hasNextPage: true, hasPreviousPage: false },
    ]);
  });

  test.each([
    ['locations', 'LocationWhere', { under: { code: 'hall' } }, ['HALL', 'SHELF'], 'code'],
    ['locations', 'LocationWhere', { kind: { eq: 'TRANSIT' } }, ['VAN'], 'code'],
    ['locations', 'LocationWhere', { parent: { is: { code: { eq: 'hall' } } } }, ['SHELF'], 'code'],
    ['tags', 'TagWhere', { items: { some: { sku: { eq: 'bolt_2' } } } }, ['Blue', 'Red'], 'name'],
    ['categories', 'CategoryWhere', { items: { none: {} } }, [], 'name'],
    ['categories', 'CategoryWhere', { parent: { isNull: true } }, ['Bikes', 'Food'], 'name'],
    ['movements', 'MovementWhere', { reference: { startsWith: 'PO' } }, ['PO-1'], 'reference'],
    ['movements', 'MovementWhere', { reference: { startsWith: 'po' } }, [], 'reference'],
    ['reservations', 'ReservationWhere', { expiresAt: { isNull: true } }, ['ORDER-7'], 'reference'],
    [
      'reservations',
      'ReservationWhere',
      { lines: { some: { item: { is: { sku: { eq: 'bolt' } } } } } },
      ['ORDER-7'],
      'reference',
    ],
    [
      'stockLevels',
      'StockLevelWhere',
      { locationUnder: { code: 'HALL' }, available: { lte: '1.5' } },
      ['1', '1.5'],
      'available',
    ],
    [
      'stockLevels',
      'StockLevelWhere',
      { lot: { is: { code: { eq: 'm1' } } } },
      ['4', '-4'],
      'onHand',
    ],
    [
      'movementLines',
      'MovementLineWhere',
      { to: { is: { kind: { eq: 'TRANSIT' } } }, quantity: { gt: '11.5' } },
      ['12'],
      'quantity',
    ],
    ['movementLines', 'MovementLineWhere', { locationUnder: { code: 'VAN' } }, ['12'], 'quantity'],
  ])('%s of a %s %j', async (list, type, where, found, field) => {
    const answer = await server.run(
      `query ($where: ${type}) { ${list}(where: $where) { nodes { ${field} } } }`,
      { where },
    );

    const values = answer[list].nodes.map((node: Record<string, string>) => node[field]);
    expect(values.toSorted()).toEqual([...found].toSorted());
  });

  test('the journal, by what was done, to what and by whom', async () => {
    const { journal } = await server.run(
      `query ($id: ID!) { journal(where: { subject: $id, action: { startsWith: "item." } }) {
        entries { action actor { id } } hasMore } }`,
      { id: ids.bolt },
    );
    expect(journal.entries.map(({ action }: { action: string }) => action)).toEqual([
      'item.create',
      'item.update',
    ]);
    const { nobody } = await server.run(
      '{ nobody: journal(where: { actor: "x" }) { entries { seq } } }',
    );
    expect(nobody.entries).toEqual([]);
  });

  test.each([
    ['a null', { sku: { eq: null } }, '`where.sku.eq` must not be null'],
    ['a null for a field', { or: [{ sku: null }] }, '`where.or.0.sku` must not be null'],
    ['NUL', { sku: { eq: 'a\0' } }, '`where.sku.eq` must be Unicode text without NUL'],
    ['half a character', { sku: { startsWith: '\ud800' } }, '`where.sku.startsWith` must be'],
    [
      'too many values',
      { sku: { in: Array.from({ length: 501 }, () => 'x') } },
      '`where.sku.in` takes at most 500 values, got 501.',
    ],
    [
      'too many conditions',
      { or: Array.from({ length: 51 }, () => ({ sku: { eq: 'x' } })) },
      '`where` takes at most 50 conditions.',
    ],
    [
      'too deep a nest',
      { not: { not: { not: { not: { not: { not: {} } } } } } },
      '`where.not.not.not.not.not.not` is deeper than 6 levels.',
    ],
  ])('%s is a bad request that says where, and nothing is read', async (_what, where, message) => {
    const { errors, extensions } = await server.ask(
      'query ($where: ItemWhere) { items(where: $where) { nodes { sku } } }',
      { where },
    );

    expect(errors).toMatchObject([{ extensions: { code: 'BAD_REQUEST' } }]);
    expect(errors[0]?.message).toContain(message);
    expect(extensions.trace.count).toBe(0);
  });

  test('rows of another organization are in no list, whatever is asked', async () => {
    const authorization = `Bearer ${await server.otherOrganization()}`;
    const { data } = await server.ask(
      `query ($id: ID!, $under: ID!) {
        items(where: { or: [{ id: { eq: $id } }, { categoryUnder: $under }, { not: { sku: { eq: "x" } } }] }) {
          totalCount nodes { sku }
        }
      }`,
      { id: ids.bolt, under: ids.bikes },
      { authorization },
    );

    expect(data.items).toEqual({ totalCount: 0, nodes: [] });
  });

  test('more distinct filters than are kept are answered all the same', async () => {
    for (let index = 0; index < 1100; index += 1) {
      const { items } = await server.run(
        `query ($where: ItemWhere) { items(where: $where) { totalCount } }`,
        { where: { or: choices(index) } },
      );
      expect(items.totalCount).toBe(0);
    }
  });

  test('a field is carried by an index, or says that it is computed', () => {
    const unindexed = whereFields().flatMap(([entity, fields]) => {
      const meta = server.orm.getMetadata().get(entity);
      const carried = [...meta.indexes, ...meta.uniques].flatMap(({ properties }) => {
        const [first, second] = [properties].flat();
        return [String(first), ...(first === 'organization' ? [String(second)] : [])];
      });
      return [...fields]
        .filter(([, { indexed }]) => indexed && !['id', ...carried].includes(indexed))
        .map(([name]) => `${entity.name}Where.${name}`);
    });

    expect(whereFields().length).toBeGreaterThan(8);
    expect(unindexed).toEqual([]);
  });
});

/** A list of conditions that nothing fulfils, of a shape of its own for each number. */
function choices(number: number): object[] {
  const shapes = [
    { sku: { eq: 'x' } },
    { sku: { in: ['x'] } },
    { name: { eq: 'x' } },
    { name: { startsWith: 'x' } },
  ];
  return Array.from({ length: 6 }, (_, place) => shapes[Math.floor(number / 4 ** place) % 4] ?? {});
}
