import { randomUUID } from 'node:crypto';
import { Quartermaster } from './client.ts';
import {
  CreateItemDocument,
  CreateLocationDocument,
  IssueDocument,
  type IssueMutation,
  ItemsDocument,
  JournalDocument,
  ReceiveDocument,
} from './operations.ts';

const { QUARTERMASTER_URL = 'http://127.0.0.1:4000/graphql', KEY = '' } = process.env;
const quartermaster = new Quartermaster(QUARTERMASTER_URL, KEY);

const SHELF = { code: 'SHOP-1' };
const ITEMS = [
  { sku: 'MUG-BLUE', name: 'Mug, blue' },
  { sku: 'MUG-RED', name: 'Mug, red' },
  { sku: 'TEA-100', name: 'Tea', unit: 'kg', decimals: 3 },
];

/** Makes the shelf and the items, unless they are there from another run. */
async function setUp(): Promise<void> {
  const { locationCreate } = await quartermaster.ask(CreateLocationDocument, {
    input: { ...SHELF, name: 'Shelf 1 of the shop' },
  });
  say(locationCreate?.__typename);
  for (const input of ITEMS) {
    const { itemCreate } = await quartermaster.ask(CreateItemDocument, { input });
    say(`${input.sku} ${itemCreate?.__typename}`);
  }
}

/** Takes a delivery in. The key is of the delivery: whoever sends it again counts nothing twice. */
async function receive(idempotencyKey: string): Promise<void> {
  const { stockReceive } = await quartermaster.ask(ReceiveDocument, {
    input: {
      idempotencyKey,
      to: SHELF,
      lines: [
        { item: { sku: 'MUG-BLUE' }, quantity: '40' },
        { item: { sku: 'TEA-100' }, quantity: '12.5' },
      ],
    },
  });
  if (stockReceive?.__typename !== 'StockReceiveSuccess') throw new Error(stockReceive?.message);
  const onHand = stockReceive.levels.map((level) => level.onHand).join(' and ');
  say(`${stockReceive.replayed ? 'received before' : 'received'}, on hand: ${onHand}`);
}

/** Sells mugs, and says what came of it. */
async function sell(quantity: string, idempotencyKey: string): Promise<void> {
  const { stockIssue } = await quartermaster.ask(IssueDocument, {
    input: { idempotencyKey, from: SHELF, lines: [{ item: { sku: 'MUG-BLUE' }, quantity }] },
  });
  if (stockIssue) say(told(stockIssue));
}

/** Every answer that there can be: the compiler says when the schema gets one more. */
function told(answer: NonNullable<IssueMutation['stockIssue']>): string {
  switch (answer.__typename) {
    case 'StockIssueSuccess': {
      const available = answer.levels.map((level) => level.available).join(' and ');
      return `${answer.replayed ? 'sold before' : 'sold'}, available: ${available}`;
    }
    case 'InsufficientStock':
      return answer.shortages
        .map(
          ({ item, requested, available }) =>
            `${item.sku}: ${requested} asked, ${available} available`,
        )
        .join('; ');
    case 'IdempotencyMismatch':
      return `this key sold something else: ${answer.message}`;
    case 'InvalidInput':
    case 'InvalidState':
    case 'LotExpired':
    case 'NotFound':
      return `${answer.path?.join('.') ?? 'the sale'}: ${answer.message}`;
    default:
      return unknownAnswer(answer);
  }
}

/** For an answer of a newer server than the types are of. */
function unknownAnswer(answer: never): string {
  return `not sold: ${JSON.stringify(answer)}`;
}

/** All items, page by page. */
async function* allItems() {
  let after: string | null = null;
  for (;;) {
    const { items }: Awaited<ReturnType<typeof pageOfItems>> = await pageOfItems(after);
    yield* items.nodes;
    if (!items.pageInfo.hasNextPage) return;
    after = items.pageInfo.endCursor;
  }
}

const pageOfItems = (after: string | null) => quartermaster.ask(ItemsDocument, { first: 2, after });

/** Reads what changed since a place in the journal, and gives the place to go on from. */
async function follow(after: number): Promise<number> {
  let last = after;
  for (;;) {
    const { journal } = await quartermaster.ask(JournalDocument, { after: last, first: 5 });
    for (const { seq, action } of journal.entries) {
      say(`${seq} ${action}`);
      last = seq;
    }
    if (!journal.hasMore) return last;
  }
}

function say(text: string | undefined): void {
  process.stdout.write(`${text}\n`);
}

await setUp();
const delivery = randomUUID();
await receive(delivery);
await receive(delivery);
const order = randomUUID();
await sell('15', order);
await sell('15', order);
await sell('16', order);
await sell('26', randomUUID());
for await (const { sku, available } of allItems()) say(`${sku}: ${available}`);
const seen = await follow(0);
await sell('1', randomUUID());
await follow(seen);
