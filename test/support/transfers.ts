import { setTimeout as pause } from 'node:timers/promises';
import { createItem, createLocation, stock, stockDocument } from './factories.ts';
import { inFlight } from './load.ts';
import type { Client } from './server.ts';

/** How many transfers are under way at once. */
const CLIENTS = 12;

/** A transfer that has no answer is sent again, so often at most, after a pause in milliseconds. */
const MOST_TRIES = 40;
const PAUSE_MS = 50;

/** What became of one transfer of a unit. */
export interface Transfer {
  readonly key: string;
  /** Its place in the journal, as it was acknowledged. */
  readonly seq: number;
  /** How often it was sent; more than once when an answer did not come, or said to come back. */
  readonly tries: number;
  /** Whether it was done by a try whose answer did not come. */
  readonly replayed: boolean;
}

/** Makes an item, and two places with so many units at the first of them. */
export async function prepareTransfers(client: Client, units: number): Promise<void> {
  await createItem(client, 'WHEEL');
  await createLocation(client, 'LEFT');
  await createLocation(client, 'RIGHT');
  await stock(client, 'WHEEL', 'LEFT', String(units));
}

/**
 * Moves single units, several at a time, as careful clients do: whoever gets no answer, or is told to come
 * back, sends the same again with the same key.
 * @param clientOf says through whom each is sent, by its number and how often it was sent before.
 * @param onAnswer is told after each answer how many there are by then.
 */
export function transferUnits(
  count: number,
  clientOf: (number: number, tries: number) => Client,
  onAnswer: (answered: number) => void,
): Promise<Transfer[]> {
  let answered = 0;
  const numbers = Array.from({ length: count }, (_, number) => number);
  return inFlight(CLIENTS, numbers, async (number) => {
    const transfer = await insist(`transfer ${number}`, (tries) => clientOf(number, tries));
    answered += 1;
    onAnswer(answered);
    return transfer;
  });
}

async function insist(key: string, clientFor: (tries: number) => Client): Promise<Transfer> {
  const input = {
    ...{ idempotencyKey: key, reference: key },
    ...{ from: { code: 'LEFT' }, to: { code: 'RIGHT' } },
    lines: [{ item: { sku: 'WHEEL' }, quantity: '1' }],
  };
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const answer = await clientFor(tries)
      .ask(stockDocument('stockTransfer'), { input })
      // Nobody was there, or went away before the answer.
      .catch(() => null);
    if (answer && answer.errors.length === 0) {
      const { movement, replayed } = answer.data.stockTransfer;
      return { key, seq: movement.seq, tries: tries + 1, replayed };
    }
    const code = answer?.errors[0]?.extensions.code ?? 'UNAVAILABLE';
    if (code !== 'UNAVAILABLE') throw new Error(`${key}: ${JSON.stringify(answer?.errors)}`);
    await pause(PAUSE_MS);
  }
  throw new Error(`${key} got no answer in ${MOST_TRIES} tries`);
}
