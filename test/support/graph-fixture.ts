import { createCategory, createItem, createLocation, createTag, move } from './factories.ts';
import { FEW, MANY } from './statement-proof.ts';
import { tamper } from './tampering.ts';
import type { TestServer } from './server.ts';

/** Rows of every type, as many behind every edge as the proof asks for. */
export interface Graph {
  /** Ids of the rows that lists begin with; the first has many rows behind each edge, the others a few. */
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
  /** The code of the lot of each item that lies at the first location. */
  readonly lot: string;
  /** The journal's head before the items came, and at the end. */
  readonly beforeItems: number;
  readonly lastSeq: number;
}

const many = Array.from({ length: MANY.first }, (_, index) => index);
const two = (index: number) => String(index + 1).padStart(2, '0');

/**
 * Fills an empty organization. Rows that a list begins with are of one shape, and what their edges
 * lead to is never among them: what a request has read already, it reads for nothing.
 */
export async function fillGraph(server: TestServer): Promise<Graph> {
  const categories = await tree((name, parent) => createCategory(server, name, parent));
  const locations = await tree((code, parent) =>
    createLocation(server, code, parent === undefined ? {} : { parent: { id: parent } }),
  );
  const elsewhere = await createLocation(server, 'elsewhere');
  const tags = [];
  for (const index of many) tags.push(await createTag(server, `tag ${two(index)}`));
  const beforeItems = await headOf(server);
  const items = [];
  for (const index of many) {
    const category = categories[index] as string;
    items.push(await createItem(server, two(index), { category, tags, tracking: 'LOT' }));
  }
  for (const [index, category] of categories.entries()) {
    for (const below of many.slice(0, index === 0 ? MANY.first : MANY.further)) {
      await createItem(server, `X-${two(index)}-${two(below)}`, { category });
    }
  }
  const ledger = await fillLedger(server, items, locations);
  return {
    ...{ items, categories, locations, elsewhere, tags, beforeItems, lot: lotAt(0) },
    ...ledger,
    lastSeq: await headOf(server),
  };
}

/**
 * Many rows that lists begin with, each with two above it and some below it, and those with some.
 * @returns the ids of the rows in the middle.
 */
async function tree(create: (name: string, parent?: string) => Promise<string>) {
  const middle = [];
  for (const index of many) {
    const top = await create(`Z-${two(index)}`);
    const id = await create(two(index), await create(`Y-${two(index)}`, top));
    middle.push(id);
    for (const below of many.slice(0, index === 0 ? MANY.first : MANY.further)) {
      await create(`X-${two(index)}-${two(below)}`, id);
    }
  }
  return middle;
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
