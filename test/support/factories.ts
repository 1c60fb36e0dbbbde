import type { TestServer } from './server.ts';

/** The id of a new item; its name is its SKU. */
export async function createItem(
  server: TestServer,
  sku: string,
  facts: {
    decimals?: number;
    category?: string;
    tags?: string[];
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
  server: TestServer,
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
  server: TestServer,
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

export async function createTag(server: TestServer, name: string): Promise<string> {
  const { tagCreate } = await server.run(
    `mutation ($input: TagCreateInput!) {
      tagCreate(input: $input) { ... on TagCreateSuccess { tag { id } } }
    }`,
    { input: { name } },
  );
  return tagCreate.tag.id;
}

/** What every stock mutation's answer is read with. */
const STOCK_ANSWER = `
  __typename
  ... on StockSuccess {
    replayed
    movement { id seq kind reference note }
    levels { onHand reserved available item { sku } location { code } }
  }
  ... on Error { code message path }
  ... on InsufficientStock {
    shortages { lines item { sku } location { code } requested available }
  }`;

export type StockMutation =
  | 'stockReceive'
  | 'stockIssue'
  | 'stockTransfer'
  | 'stockAdjust'
  | 'stockCount'
  | 'movementReverse';

/** The document of a stock mutation, asking for everything that its answer says. */
export function stockDocument(name: StockMutation): string {
  const title = `${name[0]?.toUpperCase()}${name.slice(1)}`;
  const own = {
    stockCount: '... on CountConflict { conflicts { line item { sku } expected onHand } }',
    movementReverse: '... on AlreadyReversed { reversal { id } }',
  };
  const refusals = own[name as keyof typeof own] ?? '';
  return `mutation ($input: ${title}Input!) { ${name}(input: $input) { ${STOCK_ANSWER} ${refusals} } }`;
}

/** Sends a stock mutation, and gives its answer; the key is new unless said. */
// biome-ignore lint/suspicious/noExplicitAny: tests read whatever they asked for
export async function move(server: TestServer, name: StockMutation, input: object): Promise<any> {
  const variables = { input: { idempotencyKey: crypto.randomUUID(), ...input } };
  return (await server.run(stockDocument(name), variables))[name];
}

/** An item with stock at a location, both named by their texts. */
export async function stock(
  server: TestServer,
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
export async function levels(server: TestServer, sku: string): Promise<Record<string, string>> {
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
