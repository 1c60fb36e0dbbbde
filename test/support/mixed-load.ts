import { setTimeout as pause } from 'node:timers/promises';
import { createItem, createLocation, stock, stockDocument } from './factories.ts';
import { type Client, clientOf } from './server.ts';
import type { Serving } from './serving.ts';

/** How many clients there are, and how long each rests between two requests, in milliseconds. */
const CLIENTS = 4;
const REST_MS = 40;

/** After so many milliseconds a client goes away that does not wait for its answer. */
const GONE_MS = 3;

const READ = `query ($search: String) {
  items(first: 20, search: $search) {
    totalCount
    nodes { sku onHand available tags { nodes { name } } stockLevels { nodes { onHand location { code } } } }
  }
  movements(last: 20) { nodes { seq kind lines { nodes { quantity item { sku } } } } }
}`;
const SNAPSHOT = `query @snapshot {
  stockSummary(groupBy: [LOCATION]) { count }
  movementSummary(groupBy: [DAY, KIND]) { count }
}`;
const JOURNAL = '{ journal(after: 3, first: 50) { headSeq entries { seq action changes } } }';

/** How often each kind of request was answered, by its status. */
export type Answers = Record<string, number>;

/**
 * Keeps a server busy in every way that clients do, at a modest rate: pages, searches, summaries in a
 * snapshot, receipts, reservations and refusals, requests that are wrong, keys of nobody, and clients that
 * go away before their answer.
 * @returns what was answered, once the signal ended it.
 */
export async function keepBusy(
  { client, address }: Serving,
  key: string,
  until: AbortSignal,
): Promise<Answers> {
  const answers: Answers = {};
  await prepare(client);
  const kinds = kindsOf(client, address, key);
  const work = async (number: number) => {
    for (let turn = number; !until.aborted; turn += 1) {
      const [name, send] = kinds[turn % kinds.length] as (typeof kinds)[number];
      const told = `${name} ${await send(`${number} ${turn}`)}`;
      answers[told] = (answers[told] ?? 0) + 1;
      await pause(REST_MS);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, number) => work(number * 3)));
  return answers;
}

async function prepare(client: Client): Promise<void> {
  for (const code of ['LEFT', 'RIGHT']) await createLocation(client, code);
  for (let number = 0; number < 30; number += 1) {
    await createItem(client, `ITEM-${number}`);
    await stock(client, `ITEM-${number}`, 'LEFT', '1000000');
  }
}

type Kind = readonly [name: string, send: (unique: string) => Promise<number | string>];

function kindsOf(client: Client, address: string, key: string): Kind[] {
  const line = { item: { sku: 'ITEM-7' }, quantity: '1' };
  const move = async (name: Parameters<typeof stockDocument>[0], input: object) => {
    const { status, data } = await client.ask(stockDocument(name), { input });
    return `${status} ${data?.[name]?.__typename}`;
  };
  const post = (body: string, headers: Record<string, string> = {}, signal?: AbortSignal) =>
    fetch(address, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        ...headers,
      },
      body,
      signal: signal ?? null,
    });
  const status = async (answer: Promise<Response>) => {
    const { status: told, ...rest } = await answer.then(async (response) => ({
      status: response.status,
      text: await response.text(),
    }));
    return rest.text === '' ? `${told} empty` : told;
  };
  const nobody = clientOf((request) => fetch(address, request), `qm_${'x'.repeat(43)}`);
  const gone = (document: string) =>
    post(JSON.stringify({ query: document }), {}, AbortSignal.timeout(GONE_MS)).then(
      async (response) => `answered ${(await response.text().catch(() => '')).length > 0}`,
      () => 'gone',
    );
  return [
    ['read', async () => (await client.ask(READ)).status],
    [
      'transfer',
      (idempotencyKey) =>
        move('stockTransfer', { idempotencyKey, ...LEFT_TO_RIGHT, lines: [line] }),
    ],
    ['search', async (unique) => (await client.ask(READ, { search: `item ${unique}` })).status],
    ['wrong', () => status(post(JSON.stringify({ query: '{ items { nothing } }' })))],
    [
      'reserve',
      (idempotencyKey) =>
        move('stockReserve', {
          ...{ idempotencyKey, reference: 'SOAK' },
          expiresAt: new Date(Date.now() + 2000).toISOString(),
          lines: [{ ...line, location: { code: 'LEFT' } }],
        }),
    ],
    ['snapshot', async () => (await client.ask(SNAPSHOT)).status],
    ['gone', () => gone(READ)],
    [
      'issue of too much',
      (idempotencyKey) =>
        move('stockIssue', {
          ...{ idempotencyKey, from: { code: 'RIGHT' } },
          lines: [{ ...line, quantity: '999999999' }],
        }),
    ],
    ['no JSON', () => status(post('{'))],
    ['journal', async () => (await client.ask(JOURNAL)).status],
    ['nobody', async () => (await nobody.ask('{ __typename }')).status],
    ['gone from a summary', () => gone(SNAPSHOT)],
    ['too much', () => status(post('x'.repeat(1_000_100)))],
  ];
}

const LEFT_TO_RIGHT = { from: { code: 'LEFT' }, to: { code: 'RIGHT' } };
