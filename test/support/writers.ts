import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import {
  createItem,
  createLocation,
  levels,
  type StockMutation,
  stock,
  stockDocument,
} from './factories.ts';
import type { Client } from './server.ts';

/** How many writers work at once. */
const WRITERS = 10;

/** How long, in milliseconds, a writer waits after a failure, as a well-behaved client does. */
const PAUSE_AFTER_FAILURE_MS = 50;

const SKUS = ['WHEEL', 'CHAIN', 'BRAKE'] as const;
const CODES = ['LEFT', 'RIGHT'] as const;
/** Little enough that some issues find too little. */
const OPENING = 30;

type Writing = Extract<StockMutation, 'stockReceive' | 'stockIssue' | 'stockTransfer'>;

interface Line {
  readonly sku: string;
  readonly from: string;
  readonly to: string;
  readonly quantity: number;
}

/** A stock mutation that was sent, and what its sender knows of it. */
interface Sent {
  readonly key: string;
  readonly name: Writing;
  readonly lines: readonly Line[];
  /** `open`: there was no answer, or it was that the server failed. It may have been done or not. */
  outcome: 'open' | 'done' | 'refused';
  /** The movement's place in the journal, once it is known. */
  seq?: number;
}

/** A movement as the ledger tells it. */
interface Booked {
  readonly seq: number;
  readonly reference: string;
  readonly lines: { readonly nodes: readonly BookedLine[] };
}

interface BookedLine {
  readonly quantity: string;
  readonly item: { readonly sku: string };
  readonly from: { readonly code: string };
  readonly to: { readonly code: string };
}

/** What a failure looked like from outside. */
interface Failure {
  readonly message: string;
  /** Null when there was no answer at all. */
  readonly code: string | null;
}

/**
 * Writers who move stock without a rest, and keep books of what they sent and what they were told, so
 * that the ledger can be held to it whatever happened to the server meanwhile.
 */
export class Writers {
  readonly failures: Failure[] = [];
  /** When the last answer came that was none of a failure, on the clock of `performance.now`. */
  lastAnswerAt = 0;
  readonly #random: () => number;
  readonly #alone: boolean;
  #slowestMs = 0;
  readonly #sent = new Map<string, Sent>();
  readonly #booked = new Map<string, Booked>();
  #cursor: string | null = null;
  #working: Promise<unknown> = Promise.resolve();
  #stopped = true;

  /** When they are not alone, others may make movements of which their books know nothing. */
  constructor(random: () => number, { alone = true } = {}) {
    this.#random = random;
    this.#alone = alone;
  }

  /** Makes what the writers move. */
  async prepare(client: Client): Promise<void> {
    for (const code of CODES) await createLocation(client, code);
    for (const sku of SKUS) {
      await createItem(client, sku);
      for (const code of CODES) await stock(client, sku, code, String(OPENING));
    }
    // What was there before is none of theirs.
    await this.#readLedger(client);
  }

  /** How many mutations were answered, whatever the answer. */
  get answered(): number {
    return this.#count('done') + this.#count('refused');
  }

  /** The last place in the journal that was acknowledged; 0 before there is any. */
  get acknowledgedSeq(): number {
    return Math.max(0, ...[...this.#sent.values()].map(({ seq }) => seq ?? 0));
  }

  /** Lets the writers work until `stop`; each ends at once when the server cannot be reached. */
  start(client: Client): void {
    this.#stopped = false;
    this.#working = Promise.all(Array.from({ length: WRITERS }, () => this.#write(client)));
  }

  /** Waits until every writer has the answer, or the failure, of what it last sent. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#working;
  }

  async #write(client: Client): Promise<void> {
    while (!this.#stopped) {
      const sent = this.#next();
      this.#sent.set(sent.key, sent);
      const answer = await this.#send(client, sent);
      if (answer === 'gone') return;
      // Without a socket between them, client and server would never let the process do anything else.
      await (answer === 'failed' ? pause(PAUSE_AFTER_FAILURE_MS) : turn());
    }
  }

  #next(): Sent {
    const name = this.#pick(['stockReceive', 'stockIssue', 'stockTransfer'] as const);
    const from = this.#pick(CODES);
    const other = from === 'LEFT' ? 'RIGHT' : 'LEFT';
    const ends = {
      stockReceive: { from: 'SUPPLIER', to: from },
      stockIssue: { from, to: 'CUSTOMER' },
      stockTransfer: { from, to: other },
    };
    const lines = Array.from({ length: this.#upTo(3) }, () => ({
      sku: this.#pick(SKUS),
      ...ends[name],
      quantity: this.#upTo(9),
    }));
    return { key: crypto.randomUUID(), name, lines, outcome: 'open' };
  }

  #upTo(most: number): number {
    return 1 + Math.floor(this.#random() * most);
  }

  #pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.#random() * list.length)] as T;
  }

  /** Sends a mutation, and books what comes of it. */
  async #send(
    client: Client,
    sent: Sent,
  ): Promise<'gone' | 'failed' | { replayed: boolean } | null> {
    const from = performance.now();
    try {
      const { data, errors } = await client.ask(stockDocument(sent.name), variablesOf(sent));
      const [error] = errors;
      if (error) return this.#failed(error.message, error.extensions.code);
      const answer = data[sent.name];
      this.lastAnswerAt = performance.now();
      this.#slowestMs = Math.max(this.#slowestMs, this.lastAnswerAt - from);
      sent.outcome = answer.__typename === 'InsufficientStock' ? 'refused' : 'done';
      if (sent.outcome === 'refused') return null;
      sent.seq = answer.movement.seq;
      return { replayed: answer.replayed };
    } catch (error) {
      this.#failed(String((error as Error).cause ?? error), null);
      return 'gone';
    }
  }

  #failed(message: string, code: string | null): 'failed' {
    this.failures.push({ message, code });
    return 'failed';
  }

  /** What is wrong with the ledger by the writers' books: every line says what is not as it should be. */
  async differences(client: Client): Promise<string[]> {
    const wrong = await this.#readLedger(client);
    for (const { key, outcome, seq } of this.#sent.values()) {
      const booked = this.#booked.get(key);
      if (outcome === 'done' && booked?.seq !== seq) {
        wrong.push(`${key} was acknowledged as ${seq}, and is there as ${booked?.seq}`);
      }
      if (outcome === 'refused' && booked) wrong.push(`${key} was refused, and is there`);
    }
    return wrong;
  }

  /** Reads the movements that came since it last did; tells of those that nobody sent, or not so. */
  async #readLedger(client: Client): Promise<string[]> {
    const wrong: string[] = [];
    for (let more = true; more; ) {
      const { movements } = await client.run(MOVEMENTS, { after: this.#cursor });
      wrong.push(...(movements.nodes as Booked[]).flatMap((booked) => this.#book(booked)));
      this.#cursor = movements.pageInfo.endCursor ?? this.#cursor;
      more = movements.pageInfo.hasNextPage;
    }
    return wrong;
  }

  /** Books a movement, and tells what is wrong with it. */
  #book(booked: Booked): string[] {
    const { reference, seq } = booked;
    const sent = this.#sent.get(reference);
    if (!sent) return this.#alone ? [`${reference}, ${seq}, was sent by nobody`] : [];
    const again = this.#booked.has(reference);
    this.#booked.set(reference, booked);
    if (again) return [`${reference} is there again as ${seq}`];
    return isSame(sent, booked) ? [] : [`${reference} is not as it was sent`];
  }

  /**
   * Sends everything again that has no answer, and as many of what was acknowledged last: what is
   * there must come back as replayed, and all else is done now or refused.
   */
  async resend(client: Client): Promise<{ open: number; there: number; wrong: string[] }> {
    const all = [...this.#sent.values()];
    const open = all.filter(({ outcome }) => outcome === 'open');
    const done = all.filter(({ outcome }) => outcome === 'done').slice(-WRITERS);
    const wrong: string[] = [];
    for (const sent of [...open, ...done]) {
      const there = this.#booked.has(sent.key);
      const answer = await this.#send(client, sent);
      const told = answer && typeof answer === 'object' ? answer.replayed : answer;
      const right = there ? told === true : told === false || told === null;
      if (!right)
        wrong.push(`${sent.key} is ${there ? '' : 'not '}there, and was answered ${told}`);
    }
    const there = open.filter(({ key }) => this.#booked.has(key)).length;
    return { open: open.length, there, wrong };
  }

  /** The levels of each item, as everything that was done adds up. */
  get levels(): Record<string, Record<string, string>> {
    const done = [...this.#sent.values()].filter(({ outcome }) => outcome === 'done');
    const lines = done.flatMap((sent) => sent.lines);
    return Object.fromEntries(
      SKUS.map((sku) => [sku, levelsOf(lines.filter((each) => each.sku === sku))]),
    );
  }

  /** The levels of each item, as the server says. */
  async levelsThere(client: Client): Promise<Record<string, Record<string, string>>> {
    const there = SKUS.map(async (sku) => [sku, await levels(client, sku)] as const);
    return Object.fromEntries(await Promise.all(there));
  }

  /** The books in figures. */
  get figures(): string {
    const unanswered = this.failures.filter(({ code }) => code === null).length;
    return (
      `${this.#count('done')} done, ${this.#count('refused')} refused, ` +
      `${this.failures.length - unanswered} answered with a failure, ${unanswered} not answered, ` +
      `the slowest after ${Math.round(this.#slowestMs)} ms`
    );
  }

  #count(outcome: Sent['outcome']): number {
    return [...this.#sent.values()].filter((sent) => sent.outcome === outcome).length;
  }
}

const MOVEMENTS = `query ($after: String) {
  movements(first: 100, after: $after) {
    nodes {
      seq reference
      lines(first: 10) { nodes { quantity item { sku } from { code } to { code } } }
    }
    pageInfo { hasNextPage endCursor }
  }
}`;

function variablesOf({ key, name, lines }: Sent): object {
  const [first] = lines;
  return {
    input: {
      idempotencyKey: key,
      reference: key,
      ...(name !== 'stockReceive' && { from: { code: first?.from } }),
      ...(name !== 'stockIssue' && { to: { code: first?.to } }),
      lines: lines.map(({ sku, quantity }) => ({ item: { sku }, quantity: String(quantity) })),
    },
  };
}

const isSame = (sent: Sent, { lines }: Booked): boolean =>
  JSON.stringify(sent.lines) ===
  JSON.stringify(
    lines.nodes.map(({ quantity, item, from, to }) => ({
      sku: item.sku,
      from: from.code,
      to: to.code,
      quantity: Number(quantity),
    })),
  );

function levelsOf(lines: readonly Line[]): Record<string, string> {
  const sums = new Map<string, number>([['SUPPLIER', -OPENING * CODES.length]]);
  for (const code of CODES) sums.set(code, OPENING);
  const add = (code: string, quantity: number) => sums.set(code, (sums.get(code) ?? 0) + quantity);
  for (const { from, to, quantity } of lines) {
    add(from, -quantity);
    add(to, quantity);
  }
  return Object.fromEntries([...sums].map(([code, sum]) => [code, String(sum)]));
}
