import type { Client } from './server.ts';

/** The id of a new item; its name is its SKU. */
export async function createItem(
  server: Client,
  sku: string,
  facts: {
    decimals?: number;
    category?: string;
    tags?: string[];
    barcodes?: string[];
    name?: string;
    tracking?: string;
  } = {},
): Promise<string> {
  const { itemCreate } = await server.run(
    `mutation ($input: ItemCreateInput!) {
      itemCreate(input: $input) { ... on ItemCreateSuccess { item { id } } ... on Error { message } }
    }`,
    { input: { sku, name: sku, ...facts } },
  );
  return itemCreate.item.id;
}

/** The id of a new location; its name is its code. */
export async function createLocation(
  server: Client,
  code: string,
  facts: { kind?: string; parent?: object } = {},
): Promise<string> {
  const { locationCreate } = await server.run(
    `mutation ($input: LocationCreateInput!) {
      locationCreate(input: $input) { ... on LocationCreateSuccess { location { id } } }
    }`,
    { input: { code, name: code, ...facts } },
  );
  return locationCreate.location.id;
}

export async function createCategory(
  server: Client,
  name: string,
  parent?: string,
): Promise<string> {
  const { categoryCreate } = await server.run(
    `mutation ($input: CategoryCreateInput!) {
      categoryCreate(input: $input) { ... on CategoryCreateSuccess { category { id } } }
    }`,
    { input: { name, parent } },
  );
  return categoryCreate.category.id;
}

export async function createTag(server: Client, name: string): Promise<string> {
  const { tagCreate } = await server.run(
    `mutation ($input: TagCreateInput!) {
      tagCreate(input: $input) { ... on TagCreateSuccess { tag { id } } }
    }`,
    { input: { name } },
  );
  return tagCreate.tag.id;
}

const LEVELS = 'levels { onHand reserved available item { sku } location { code } }';

const MOVED = `... on StockSuccess { replayed movement { id seq kind reference note } ${LEVELS} }`;

const RESERVED = `... on ReservationSuccess {
  replayed
  reservation {
    id reference state expiresAt resolvedAt
    lines { item { sku } location { code } lot { code } quantity fulfilled }
  }
  ${LEVELS}
}`;

const REFUSED = '... on Error { code message path }';

const SHORT = `... on InsufficientStock {
  shortages { lines item { sku } location { code } requested available }
}`;

/** What each mutation of stock is asked besides its refusals. */
const ANSWERS = {
  stockReceive: [MOVED, SHORT],
  stockIssue: [MOVED, SHORT],
  stockTransfer: [MOVED, SHORT],
  stockAdjust: [MOVED, SHORT],
  stockCount: [
    ...[MOVED, SHORT],
    '... on CountConflict { conflicts { line item { sku } expected onHand } }',
  ],
  movementReverse: [MOVED, SHORT, '... on AlreadyReversed { reversal { id } }'],
  stockReserve: [RESERVED, SHORT],
  reservationFulfil: [MOVED, RESERVED, SHORT],
  reservationExtend: [RESERVED],
  reservationRelease: [RESERVED],
};

export type StockMutation = keyof typeof ANSWERS;

/** The document of a stock mutation, asking for everything that its answer says. */
export function stockDocument(name: StockMutation): string {
  const title = `${name[0]?.toUpperCase()}${name.slice(1)}`;
  const fields = ['__typename', ...ANSWERS[name], REFUSED].join(' ');
  return `mutation ($input: ${title}Input!) { ${name}(input: $input) { ${fields} } }`;
}

/** Sends a stock mutation, and gives its answer; the key is new unless said. */
// biome-ignore lint/suspicious/noExplicitAny: tests read whatever they asked for
export async function move(server: Client, name: StockMutation, input: object): Promise<any> {
  const variables = { input: { idempotencyKey: crypto.randomUUID(), ...input } };
  return (await server.run(stockDocument(name), variables))[name];
}

/** An item with stock at a location, both named by their texts. */
export async function stock(
  server: Client,
  sku: string,
  code: string,
  quantity: string,
): Promise<void> {
  const answer = await move(server, 'stockReceive', {
    to: { code },
    lines: [{ item: { sku }, quantity }],
  });
  if (answer.__typename !== 'StockReceiveSuccess') throw new Error(JSON.stringify(answer));
}

/** What is on hand of an item, by the codes of all locations, the outside worlds included. */
export async function levels(server: Client, sku: string): Promise<Record<string, string>> {
  const { item } = await server.run(
    `query ($sku: String!) {
      item(by: { sku: $sku }) { stockLevels(first: 100) { nodes { onHand location { code } } } }
    }`,
    { sku },
  );
  type Node = { onHand: string; location: { code: string } };
  const nodes: Node[] = item.stockLevels.nodes;
  return Object.fromEntries(nodes.map(({ onHand, location }) => [location.code, onHand]));
}
