import type { Graph } from './graph-fixture.ts';
import type { Arguments } from './schema-walk.ts';

/** Where to say what a new field or mutation is asked with. */
export const FACTS = 'test/support/graph-facts.ts';

/**
 * What fields are given that cannot be asked without, and what mutations are sent, by the rows of the
 * fixture. A field or a mutation that is missing here fails the proof: one line each.
 */
export const argumentsOf = (graph: Graph): Arguments => ({
  values: {
    ...Object.fromEntries(
      SENT.map(({ mutation }) => [`Mutation.${mutation}(input:)`, () => '$input']),
    ),
    'Query.item(by:)': () => `{ id: "${graph.items[0]}" }`,
    'Query.location(by:)': () => `{ id: "${graph.locations[0]}" }`,
    'Query.category(id:)': () => `"${graph.categories[0]}"`,
    'Query.movement(id:)': () => `"${graph.counts[0]}"`,
    'Query.node(id:)': () => `"${graph.items[0]}"`,
    'Query.nodes(ids:)': (rows) => JSON.stringify(graph.items.slice(0, rows)),
    'Query.journal(after:)': () => String(graph.beforeItems),
    'Query.stockSummary(groupBy:)': () => '[ITEM, CATEGORY, LOCATION, LOT]',
    'Query.movementSummary(groupBy:)': () => '[ITEM, LOCATION]',
  },
  variants: {
    'Item.onHand': [`(at: { id: "${graph.elsewhere}" })`, `(asOf: { seq: ${graph.lastSeq} })`],
    'Item.reserved': [`(at: { id: "${graph.elsewhere}" })`],
    'Item.available': [`(at: { id: "${graph.elsewhere}" })`],
  },
});

/** Something to send to a mutation. */
interface Sent {
  readonly mutation: string;
  /** The type that it is to answer; that of its success unless said. */
  readonly answers?: string;
  /** The input with a number of lines. Nothing of it comes to stay. */
  readonly input: (graph: Graph, rows: number) => object;
}

export const SENT: readonly Sent[] = [
  { mutation: 'tagCreate', input: () => ({ name: 'new' }) },
  { mutation: 'membershipCreate', input: () => ({ name: 'new', role: 'CLERK' }) },
  {
    mutation: 'membershipUpdate',
    input: ({ members: [, membership] }) => ({ membership, name: 'renamed' }),
  },
  { mutation: 'membershipRemove', input: ({ members: [, membership] }) => ({ membership }) },
  { mutation: 'apiKeyCreate', input: ({ members: [, membership] }) => ({ membership, name: 'k' }) },
  { mutation: 'apiKeyRevoke', input: ({ apiKey }) => ({ apiKey }) },
  { mutation: 'categoryCreate', input: ({ categories: [parent] }) => ({ name: 'new', parent }) },
  { mutation: 'tagUpdate', input: ({ tags: [tag] }) => ({ tag, name: 'renamed' }) },
  { mutation: 'tagDelete', input: ({ spare: { tag } }) => ({ tag }) },
  {
    mutation: 'categoryUpdate',
    input: ({ spare }) => ({ category: spare.grandparent, name: 'renamed' }),
  },
  {
    mutation: 'categoryDelete',
    input: ({ spare }, rows) => ({ category: spare.categories[rows], items: { none: true } }),
  },
  {
    mutation: 'locationUpdate',
    input: (graph) => ({ location: place(graph), name: 'renamed' }),
  },
  { mutation: 'locationArchive', input: ({ elsewhere: id }) => ({ location: { id } }) },
  {
    mutation: 'locationRestore',
    input: ({ spare }) => ({ location: { id: spare.archivedLocation } }),
  },
  { mutation: 'itemArchive', input: ({ spare }) => ({ item: { id: spare.item } }) },
  { mutation: 'itemRestore', input: ({ spare }) => ({ item: { id: spare.archivedItem } }) },
  {
    mutation: 'itemsUpsert',
    input: (_graph, rows) => ({ onError: 'SKIP', items: [...upserts(rows), ...nameless(rows)] }),
  },
  {
    mutation: 'itemsUpsert',
    answers: 'RowsRefused',
    input: (_graph, rows) => ({ items: nameless(rows) }),
  },
  {
    mutation: 'locationCreate',
    input: (graph) => ({ ...NEW, parent: { id: graph.locations[0] } }),
  },
  { mutation: 'itemCreate', input: (graph, rows) => ({ sku: 'new', ...described(graph, rows) }) },
  {
    mutation: 'itemUpdate',
    input: (graph, rows) => ({ item: { id: graph.items[0] }, ...described(graph, rows) }),
  },
  {
    mutation: 'itemUpdate',
    answers: 'VersionConflict',
    input: ({ items: [id] }) => ({ item: { id }, ifVersion: 99 }),
  },
  {
    mutation: 'stockReceive',
    input: (graph, rows) => ({
      ...once(),
      to: place(graph),
      lines: lines(graph, rows, { quantity: '1' }, (code) => ({ code })),
    }),
  },
  {
    mutation: 'stockIssue',
    input: (graph, rows) => ({
      ...once(),
      from: place(graph),
      lines: lines(graph, rows, { quantity: '1' }),
    }),
  },
  {
    mutation: 'stockIssue',
    answers: 'InsufficientStock',
    input: (graph, rows) => ({
      ...once(),
      from: place(graph),
      lines: lines(graph, rows, { quantity: '999' }),
    }),
  },
  {
    mutation: 'stockIssue',
    answers: 'LotExpired',
    input: (graph) => ({
      ...once(),
      from: place(graph),
      lines: [{ item: { id: graph.expired }, quantity: '12' }],
    }),
  },
  {
    mutation: 'stockTransfer',
    input: (graph, rows) => ({
      ...once(),
      from: place(graph),
      to: { id: graph.locations[1] },
      lines: lines(graph, rows, { quantity: '1' }),
    }),
  },
  {
    mutation: 'stockAdjust',
    input: (graph, rows) => ({
      ...once(),
      location: place(graph),
      reason: 'FOUND',
      lines: lines(graph, rows, { delta: '1' }),
    }),
  },
  {
    mutation: 'stockCount',
    input: (graph, rows) => ({
      ...once(),
      location: place(graph),
      lines: lines(graph, rows, { counted: '30' }),
    }),
  },
  {
    mutation: 'stockCount',
    answers: 'CountConflict',
    input: (graph, rows) => ({
      ...once(),
      location: place(graph),
      lines: lines(graph, rows, { counted: '30', expected: '1' }),
    }),
  },
  {
    mutation: 'movementReverse',
    input: (graph, rows) => ({ ...once(), movement: graph.receipts[rows] }),
  },
  {
    mutation: 'movementReverse',
    answers: 'AlreadyReversed',
    input: (graph) => ({ ...once(), movement: graph.reversed }),
  },
  {
    mutation: 'stockReserve',
    input: (graph, rows) => ({
      ...once(),
      reference: 'new',
      lines: lines(graph, rows, { quantity: '1', location: place(graph) }),
    }),
  },
  {
    mutation: 'reservationExtend',
    input: (graph, rows) => ({
      ...once(),
      reservation: graph.reservations[rows],
      expiresAt: '2999-01-01T00:00:00Z',
    }),
  },
  {
    mutation: 'reservationFulfil',
    input: (graph, rows) => ({ ...once(), reservation: graph.reservations[rows] }),
  },
  {
    mutation: 'reservationRelease',
    input: (graph, rows) => ({ ...once(), reservation: graph.reservations[rows] }),
  },
];

/** Rows that change the items that lists begin with, each in a category of its own. */
const upserts = (rows: number) =>
  Array.from({ length: rows }, (_, index) => {
    const name = String(index + 1).padStart(2, '0');
    const category = [`Z-${name}`, `Y-${name}`, name];
    const told = { tags: [`tag ${index}`], barcodes: [`code ${index}`] };
    return { sku: name, name: `renamed ${index}`, category, ...told };
  });

/** Rows of new items that lack what an item must have. */
const nameless = (rows: number) =>
  Array.from({ length: rows }, (_, index) => ({ sku: `nameless ${index}` }));

const NEW = { code: 'new', name: 'new' };

const once = () => ({ idempotencyKey: crypto.randomUUID() });

const place = ({ locations: [id] }: Graph) => ({ id });

const described = ({ categories: [category], tags }: Graph, rows: number) => ({
  ...{ name: 'new', category, tags: tags.slice(0, rows) },
});

/** Lines of as many items, each of the lot that lies at `place`. */
const lines = (
  { items, lot }: Graph,
  rows: number,
  line: object,
  lotOf: (code: string) => unknown = (code) => code,
) => items.slice(0, rows).map((id) => ({ item: { id }, lot: lotOf(lot), ...line }));
