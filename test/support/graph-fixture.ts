import { createItem, move } from './factories.ts';
import type { TestServer } from './server.ts';
import { FEW, MANY } from './statement-proof.ts';
import { tamper } from './tampering.ts';

/** Rows of every type, as many behind every edge as the proof asks for. */
export interface Graph {
  /** Ids of the rows that lists begin with; the first has many rows behind each edge, the others a few. */
  readonly members: readonly string[];
  /** A key that nobody needs. */
  readonly apiKey: string;
  readonly items: readonly string[];
  readonly categories: readonly string[];
  readonly locations: readonly string[];
  readonly tags: readonly string[];
  /** A location that no edge leads to. */
  readonly elsewhere: string;
  /** Movements in which everything was counted. */
  readonly counts: readonly string[];
  /** By how many lines they have: a receipt that nothing depends on, and a reservation. */
  readonly receipts: Readonly<Record<number, string>>;
  readonly reservations: Readonly<Record<number, string>>;
  readonly reversed: string;
  /** An item of which all that is left at the first location has expired. */
  readonly expired: string;
  /** Rows that can go, each without any that hold it back, and some that are out of use. */
  readonly spare: Spare;
  /** The code of the lot of each item that lies at the first location. */
  readonly lot: string;
  /** The journal's head before the items came, and at the end. */
  readonly beforeItems: number;
  readonly lastSeq: number;
}

/** Ids of rows that nothing holds back. */
interface Spare {
  readonly item: string;
  readonly archivedItem: string;
  readonly archivedLocation: string;
  readonly tag: string;
  /** A category with two levels below it, of two each, and items in all of them. */
  readonly grandparent: string;
  /** By how many items are in them. */
  readonly categories: Readonly<Record<number, string>>;
}

/** How many rows are below each of those that lists begin with, but for the first of them. */
const A_FEW = 3;

const many = Array.from({ length: MANY.first }, (_, index) => index);
const two = (index: number) => String(index + 1).padStart(2, '0');

/**
 * Fills an empty organization. Rows that a list begins with are of one shape, and what their edges
 * lead to is never among them: what a request has read already, it reads for nothing.
 */
export async function fillGraph(server: TestServer): Promise<Graph> {
  const create: Create = (type, inputs) => createAll(server, type, inputs);
  const categories = await tree((rows) =>
    create(
      'category',
      rows.map(({ name, parent }) => ({ name, parent })),
    ),
  );
  const locations = await tree((rows) =>
    create(
      'location',
      rows.map(({ name, parent }) => ({ code: name, name, parent: parent && { id: parent } })),
    ),
  );
  const [elsewhere] = await create('location', [{ code: 'elsewhere', name: 'elsewhere' }]);
  const tags = await create(
    'tag',
    many.map((index) => ({ name: two(index) })),
  );
  const beforeItems = await headOf(server);
  const items = await create(
    'item',
    many.map((index) => ({
      ...{ sku: two(index), name: two(index), tracking: 'LOT' },
      ...{ category: categories[index], tags },
    })),
  );
  await create(
    'item',
    below(categories).map(({ name, parent }) => ({ sku: name, name, category: parent })),
  );
  const ledger = await fillLedger(server, items, locations);
  const spare = await fillSpare(server, create);
  const members = await fillMembers(server, create);
  return {
    ...members,
    spare,
    ...{ items, categories, locations, elsewhere: elsewhere as string, tags, beforeItems },
    ...ledger,
    lot: lotAt(0),
    lastSeq: await headOf(server),
  };
}

/** Rows that lists come to last, so that they are in none of the pages that are read. */
async function fillSpare(server: TestServer, create: Create): Promise<Spare> {
  const [item, archivedItem] = await create('item', [
    { sku: 'X-spare', name: 'X-spare' },
    { sku: 'X-archived', name: 'X-archived' },
  ]);
  const [archivedLocation] = await create('location', [{ code: 'X-archived', name: 'X-archived' }]);
  const [tag] = await create('tag', [{ name: 'X-spare' }]);
  const top = await create('category', [{ name: 'X-top' }]);
  const pairs = (parents: readonly string[]) =>
    parents.flatMap((parent) => ['a', 'b'].map((name) => ({ name: `X-${name}`, parent })));
  const middle = await create('category', pairs(top));
  const bottom = await create('category', pairs(middle));
  const inPairs = pairs([...top, ...middle, ...bottom]).map(({ parent }, index) => ({
    ...{ sku: `X-pair-${two(index)}`, name: 'X-pair', category: parent },
  }));
  await create('item', inPairs);
  const categories: Record<number, string> = {};
  for (const { first } of [FEW, MANY]) {
    const [category] = await create('category', [{ name: `X-spare-${first}` }]);
    categories[first] = category as string;
    const inside = many.slice(0, first).map((index) => ({ sku: `X-in-${first}-${two(index)}` }));
    await create(
      'item',
      inside.map(({ sku }) => ({ sku, name: sku, category })),
    );
  }
  await server.run(
    `mutation ($item: ID!, $location: ID!) {
      itemArchive(input: { item: { id: $item } }) { __typename }
      locationArchive(input: { location: { id: $location } }) { __typename }
    }`,
    { item: archivedItem, location: archivedLocation },
  );
  return {
    ...{ item: item as string, archivedItem: archivedItem as string, categories },
    ...{ archivedLocation: archivedLocation as string, tag: tag as string },
    grandparent: top[0] as string,
  };
}

/** Members with keys: one of each first, so that keys that follow one another are of several members. */
async function fillMembers(server: TestServer, create: Create) {
  const { memberships } = await server.run('{ memberships(first: 1) { nodes { id } } }');
  const others = await create(
    'membership',
    many.map((index) => ({ name: two(index), role: 'MANAGER' })),
  );
  const members = [memberships.nodes[0].id, ...others];
  const keyOf = (membership: string) => ({ membership, name: 'key' });
  await create('apiKey', others.map(keyOf));
  await create(
    'apiKey',
    many.map(() => keyOf(members[0])),
  );
  const keys = await create('apiKey', [...others, ...others].map(keyOf));
  return { members, apiKey: keys.at(-1) as string };
}

type Created = 'category' | 'location' | 'item' | 'tag' | 'membership' | 'apiKey';
type Create = (type: Created, inputs: readonly object[]) => Promise<string[]>;

/** How many rows one request makes. */
const AT_ONCE = 15;

/** Makes rows of a type, and gives their ids. */
async function createAll(server: TestServer, type: Created, inputs: readonly object[]) {
  const title = `${type[0]?.toUpperCase()}${type.slice(1)}`;
  const ids: string[] = [];
  for (let start = 0; start < inputs.length; start += AT_ONCE) {
    const some = inputs.slice(start, start + AT_ONCE);
    const variables = some.map((_, index) => `$i${index}: ${title}CreateInput!`).join(', ');
    const fields = some.map(
      (_, index) => `r${index}: ${type}Create(input: $i${index}) {
        ... on ${title}CreateSuccess { ${type} { id } } ... on Error { message path }
      }`,
    );
    const answer = await server.run(
      `mutation (${variables}) @atomic { ${fields.join(' ')} }`,
      Object.fromEntries(some.map((input, index) => [`i${index}`, input])),
    );
    for (const index of some.keys()) ids.push(answer[`r${index}`][type].id);
  }
  return ids;
}

interface Named {
  readonly name: string;
  readonly parent?: string;
}

/**
 * Many rows that lists begin with, each with two above it, and with rows below it.
 * @returns the ids of the rows in the middle.
 */
async function tree(create: (rows: readonly Named[]) => Promise<string[]>) {
  const tops = await create(many.map((index) => ({ name: `Z-${two(index)}` })));
  const uppers = await create(tops.map((parent, index) => ({ name: `Y-${two(index)}`, parent })));
  const middle = await create(uppers.map((parent, index) => ({ name: two(index), parent })));
  await create(below(middle));
  return middle;
}

/** Rows for each of some parents: many for the first, a few for the others. */
function below(parents: readonly string[]): Named[] {
  return parents.flatMap((parent, index) =>
    many
      .slice(0, index === 0 ? MANY.first : A_FEW)
      .map((each) => ({ name: `X-${two(index)}-${two(each)}`, parent })),
  );
}

async function headOf(server: TestServer): Promise<number> {
  return (await server.run('{ journal { headSeq } }')).journal.headSeq;
}

/** The lot of which every item has some at one location. */
const lotAt = (location: number) => `B-${two(location)}`;

/**
 * Receipts that are undone much later, stock everywhere, reservations of it; and in turn counts of
 * everything and reversals, so that whichever movement comes first, both are near.
 */
async function fillLedger(
  server: TestServer,
  items: readonly string[],
  locations: readonly string[],
) {
  const at = (index: number) => ({ id: locations[index] as string });
  const send = async (...[name, input]: [Parameters<typeof move>[1], object]) => {
    const answer = await move(server, name, input);
    const done = answer.movement ?? answer.reservation;
    if (!done) throw new Error(`${name}: ${JSON.stringify(answer)}`);
    return done.id as string;
  };
  const receive = (location: number, code: string, of: readonly string[]) =>
    send('stockReceive', {
      to: at(location),
      lines: of.map((id) => ({ item: { id }, quantity: '50', lot: { code } })),
    });
  const undone: string[] = [];
  for (const index of many) {
    const some = [0, 1, 2].map((each) => items[(index + each) % items.length] as string);
    undone.push(await receive(index, `M-${two(index)}`, some));
  }
  for (const index of many) await receive(index, lotAt(index), items);
  const receipts: Record<number, string> = {};
  const reservations: Record<number, string> = {};
  for (const index of many) reservations[MANY.first] = await reserve(index, items);
  for (const { first } of [FEW, MANY]) {
    receipts[first] = await receive(0, `N-${first}`, items.slice(0, first));
  }
  reservations[FEW.first] = await reserve(0, items.slice(0, FEW.first));
  const counts = [];
  for (const index of many) {
    const lines = items.map((id) => ({ item: { id }, counted: '49', lot: lotAt(index) }));
    counts.push(await send('stockCount', { location: at(index), lines }));
    await send('movementReverse', { movement: undone[index] });
  }
  const expired = await createItem(server, 'X-expired', { tracking: 'LOT' });
  const lines = many.map((index) => ({
    ...{ item: { id: expired }, quantity: '1', lot: { code: `old-${two(index)}` } },
  }));
  await send('stockReceive', { to: at(0), lines });
  await tamper(server, [
    // Nobody can receive what has expired already.
    "update lots set expires_on = '2020-01-01' where code like 'old-%'",
    // Only a ledger that is wrong has differences to show.
    'update stock_levels set on_hand = on_hand + 1 where on_hand > 0',
  ]);
  return { counts, receipts, reservations, reversed: undone[0] as string, expired };

  function reserve(location: number, of: readonly string[]): Promise<string> {
    const lines = of.map((id) => ({
      ...{ item: { id }, location: at(location), lot: lotAt(location), quantity: '1' },
    }));
    const expiresAt = '2998-01-01T00:00:00Z';
    return send('stockReserve', { reference: `job ${location}`, lines, expiresAt });
  }
}
