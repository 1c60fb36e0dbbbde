import { decimalsOf } from './setup/dataset-catalog.ts';
import { placeOf } from './setup/dataset-ledger.ts';
import type { Base, Size } from './setup/dataset-shape.ts';
import { REAL_PLACES } from './setup/dataset-shape.ts';
import { Random } from './setup/random.ts';

/** What is measured, by name. */
export const OPERATIONS = {
  Q1: '50 items, flat',
  Q2: '50 items with category and its parent, tags, stock levels with location',
  Q3: '25 items, each with its newest 5 movement lines and how many there are',
  Q4: 'one item with everything',
  Q5: 'a page of 50 deep in the movements, newest first',
  M1: 'a transfer of one line',
} as const;
export type OperationName = keyof typeof OPERATIONS;
export const READS = ['Q1', 'Q2', 'Q3', 'Q4', 'Q5'] as const;
export type ReadName = (typeof READS)[number];

/** Where pages begin, and which item is asked for; each request takes the next one. */
export interface Question {
  /** The page begins behind the item with this id, whose SKU follows from it. */
  readonly afterItem: number;
  readonly item: number;
  /** The page begins behind the movement with this id. */
  readonly afterMovement: number;
}

/** A transfer between two places of an item. */
export interface Transfer {
  readonly key: string;
  readonly item: number;
  readonly from: number;
  readonly to: number;
  /** In the item's smallest unit. */
  readonly quantity: number;
  readonly decimals: number;
}

/** What a transfer came to; null where it was refused. */
export type Transferred = {
  readonly seq: number;
  readonly fromAfter: number;
  readonly toAfter: number;
} | null;

/** How one server is asked, and what its answers mean in words that all servers share. */
export interface Api {
  /** The body of a request. */
  readonly read: (operation: ReadName, question: Question) => object;
  readonly transfer: (transfer: Transfer) => object;
  /** Rows that are equal for equal data, whoever answers. */
  readonly rows: (operation: ReadName, answer: Answer) => unknown;
  readonly transferred: (answer: Answer, transfer: Transfer) => Transferred;
  /** A text that is in every good answer to a transfer, and in no other. */
  readonly transferMark: string;
}

/** JSON whose shape the server decides. */
// biome-ignore lint/suspicious/noExplicitAny: every server names things its own way.
export type Answer = any;

/** Sends a request to a server and reads its answer. */
export type Ask = (body: object) => Promise<Answer>;

/** How many different requests there are of each operation. */
const QUESTIONS = 20;

/** Questions that are the same in every run, for a dataset of a size. */
export function questionsFor({ items, lines }: Size): Question[] {
  const random = new Random(7);
  const pages = Math.max(1, Math.min(QUESTIONS, Math.floor(items / 100)));
  return Array.from({ length: QUESTIONS }, (_, n) => ({
    afterItem: (n % pages) * 50 + 1,
    item: random.below(items) + 1,
    afterMovement: Math.floor(lines * (0.3 + (0.4 * n) / QUESTIONS)),
  }));
}

/** Transfers of one unit of random items; their keys are new in every run. */
export class Transfers {
  readonly #random = new Random(Date.now());
  readonly #run = crypto.randomUUID();
  readonly #base: Base;
  readonly #items: number;
  #sent = 0;

  constructor(base: Base, { items }: Size) {
    this.#base = base;
    this.#items = items;
  }

  next(item = this.#random.below(this.#items) + 1): Transfer {
    this.#sent += 1;
    const place = this.#random.below(REAL_PLACES);
    const decimals = decimalsOf(item);
    return {
      key: `${this.#run}:${this.#sent}`,
      item,
      from: placeOf(this.#base, item, 1 + place),
      to: placeOf(this.#base, item, 1 + ((place + 1) % REAL_PLACES)),
      quantity: 10 ** decimals,
      decimals,
    };
  }
}

/** A decimal number in an item's smallest unit. */
export const units = (decimal: string, decimals: number): number =>
  Math.round(Number(decimal) * 10 ** decimals);

/** A moment as milliseconds, however it was written. */
export const moment = (time: string | number | null): number | null =>
  typeof time === 'string' ? Date.parse(time) : time;

/** The SKU of an item of the dataset, as it is ordered by. */
export const skuKeyOf = (item: number): string => `sku-${String(item).padStart(7, '0')}`;
