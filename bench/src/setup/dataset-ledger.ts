import { decimalsOf } from './dataset-catalog.ts';
import {
  type Base,
  type Cell,
  LEVELS_PER_ITEM,
  LOCATIONS,
  REAL_PLACES,
  SEED,
  type Size,
  type Table,
} from './dataset-shape.ts';
import { Random } from './random.ts';

/** When the movements happened: one a minute from here on. */
const OCCURRED = Date.UTC(2025, 0, 2);
const MINUTE_MS = 60_000;
/** So many movements are recorded in one millisecond, as an import would. */
const PER_MILLISECOND = 20;

const SUPPLIER = 0;
const CUSTOMER = LEVELS_PER_ITEM - 1;

/** One movement of one line: an item goes from one of its places to another. */
interface Move {
  readonly item: number;
  readonly kind: 'RECEIPT' | 'ISSUE' | 'TRANSFER';
  /** Which of the item's places. */
  readonly from: number;
  readonly to: number;
  readonly quantity: number;
  readonly fromAfter: number;
  readonly toAfter: number;
}

/**
 * Movements, their lines, and all that belongs to them, as if the product had posted them one after
 * the other. Each table replays the same moves, so that only the balances are kept in memory.
 */
export function ledgerTables(base: Base, size: Size): Table[] {
  const count = size.lines;
  const seqOf = (n: number) => base.journal + 1 + n;
  const recordedAt = (n: number) => base.recordedAt + 1 + Math.floor(n / PER_MILLISECOND);
  const { organization, user } = base;
  return [
    {
      name: 'stock_levels',
      columns: {
        ...{ id: 'bigint', organization_id: 'bigint', item_id: 'bigint', location_id: 'bigint' },
        ...{ lot_key: 'bigint', outside: 'boolean', on_hand: 'bigint', reserved: 'bigint' },
        updated_at: 'timestamptz',
      },
      count: size.items * LEVELS_PER_ITEM,
      rows: levels(base, size, recordedAt(count - 1)),
    },
    {
      name: 'idempotency_keys',
      columns: { id: 'bigint', organization_id: 'bigint', key: 'text', input_hash: 'text' },
      count,
      rows: numbered(count, (n) => [n + 1, organization, `dataset:${n + 1}`, hashLike(n)]),
    },
    {
      name: 'movements',
      columns: {
        ...{ id: 'bigint', organization_id: 'bigint', seq: 'bigint', kind: 'text' },
        ...{ idempotency_key_id: 'bigint', reference: 'text', actor_id: 'bigint' },
        ...{ occurred_at: 'timestamptz', recorded_at: 'timestamptz' },
      },
      count,
      rows: each(moves(size), ({ kind }, n) => [
        ...[n + 1, organization, seqOf(n), kind, n + 1, n % 3 === 0 ? `ORDER-${n + 1}` : null],
        ...[user, OCCURRED + n * MINUTE_MS, recordedAt(n)],
      ]),
    },
    {
      name: 'movement_lines',
      columns: {
        ...{ id: 'bigint', organization_id: 'bigint', movement_id: 'bigint', position: 'integer' },
        ...{ item_id: 'bigint', lot_key: 'bigint', from_location_id: 'bigint' },
        ...{ to_location_id: 'bigint', quantity: 'bigint', from_after: 'bigint' },
        to_after: 'bigint',
      },
      count,
      rows: each(moves(size), (move, n) => [
        ...[n + 1, organization, n + 1, 1, move.item, 0],
        ...[placeOf(base, move.item, move.from), placeOf(base, move.item, move.to)],
        ...[move.quantity, move.fromAfter, move.toAfter],
      ]),
    },
    {
      name: 'journal_entries',
      columns: {
        ...{ id: 'bigint', organization_id: 'bigint', seq: 'bigint', at: 'timestamptz' },
        ...{ action: 'text', actor_id: 'bigint', subject_type: 'text', subject_id: 'bigint' },
      },
      count,
      rows: each(moves(size), ({ kind }, n) => [
        ...[seqOf(n), organization, seqOf(n), recordedAt(n)],
        ...[`stock.${kind.toLowerCase()}`, user, 'Movement', n + 1],
      ]),
    },
  ];
}

/** Where the journal stands when all movements are in it. */
export function journalHead(base: Base, { lines }: Size): { seq: number; recordedAt: number } {
  const recordedAt = base.recordedAt + 1 + Math.floor((lines - 1) / PER_MILLISECOND);
  return { seq: base.journal + lines, recordedAt };
}

/** The location that an item's level of a number is at: three bins that are not next to each other. */
export function placeOf(base: Base, item: number, place: number): number {
  if (place === SUPPLIER) return base.supplier;
  if (place === CUSTOMER) return base.customer;
  const bins = LOCATIONS - FIRST_BIN;
  return base.locations + 1 + FIRST_BIN + ((item * 7 + place * 149) % bins);
}

/** Sites and zones hold nothing themselves. */
const FIRST_BIN = 50;

function* levels(base: Base, size: Size, updatedAt: number): Generator<Cell[]> {
  const balances = new Float64Array((size.items + 1) * LEVELS_PER_ITEM);
  for (const move of moves(size)) {
    balances[move.item * LEVELS_PER_ITEM + move.from] = move.fromAfter;
    balances[move.item * LEVELS_PER_ITEM + move.to] = move.toAfter;
  }
  for (let item = 1; item <= size.items; item += 1) {
    for (let place = 0; place < LEVELS_PER_ITEM; place += 1) {
      const outside = place === SUPPLIER || place === CUSTOMER;
      const onHand = balances[item * LEVELS_PER_ITEM + place] as number;
      yield [
        ...[(item - 1) * LEVELS_PER_ITEM + place + 1, base.organization, item],
        ...[placeOf(base, item, place), 0, outside, onHand, 0, updatedAt],
      ];
    }
  }
}

/** Every item is received at its three places and sold once; then things happen at random. */
function* moves({ items, lines }: Size): Generator<Move> {
  const random = new Random(SEED + 2);
  const balances = new Float64Array((items + 1) * LEVELS_PER_ITEM);
  for (let n = 0; n < lines; n += 1) {
    const round = Math.floor(n / items);
    const item = round <= REAL_PLACES ? (n % items) + 1 : anyItem(random, items);
    const wish = wishFor(round, random);
    const unit = 10 ** decimalsOf(item);
    const at = (place: number) => item * LEVELS_PER_ITEM + place;
    const short = wish.from !== SUPPLIER && (balances[at(wish.from)] ?? 0) < wish.quantity * unit;
    const refill = { kind: 'RECEIPT', from: SUPPLIER, to: wish.from, quantity: 500 } as const;
    const { kind, from, to, quantity } = short ? refill : wish;
    const units = quantity * unit;
    const fromAfter = (balances[at(from)] ?? 0) - units;
    const toAfter = (balances[at(to)] ?? 0) + units;
    balances[at(from)] = fromAfter;
    balances[at(to)] = toAfter;
    yield { item, kind, from, to, quantity: units, fromAfter, toAfter };
  }
}

/** A few items move much more than the others. */
function anyItem(random: Random, items: number): number {
  const skew = random.next() < 0.5 ? 1 : 3;
  return Math.floor(items * random.next() ** skew) + 1;
}

type Wish = Pick<Move, 'kind' | 'from' | 'to' | 'quantity'>;

function wishFor(round: number, random: Random): Wish {
  if (round < REAL_PLACES) {
    const quantity = 1000 + random.below(4000);
    return { kind: 'RECEIPT', from: SUPPLIER, to: round + 1, quantity };
  }
  const place = 1 + random.below(REAL_PLACES);
  const quantity = 1 + random.below(5);
  const chance = round === REAL_PLACES ? 0 : random.next();
  if (chance < 0.55) return { kind: 'ISSUE', from: place, to: CUSTOMER, quantity };
  if (chance < 0.75) return { kind: 'RECEIPT', from: SUPPLIER, to: place, quantity: quantity * 10 };
  return { kind: 'TRANSFER', from: place, to: 1 + (place % REAL_PLACES), quantity };
}

function* each<T>(values: Iterable<T>, row: (value: T, n: number) => Cell[]): Generator<Cell[]> {
  let n = 0;
  for (const value of values) {
    yield row(value, n);
    n += 1;
  }
}

function* numbered(count: number, row: (n: number) => Cell[]): Generator<Cell[]> {
  for (let n = 0; n < count; n += 1) yield row(n);
}

/** As long as a SHA-256 and as different; these inputs never existed. */
const hashLike = (n: number): string =>
  [1, 2, 3, 4, 5, 6, 7, 8]
    .map((part) => (Math.imul(n + 1, 0x9e3779b1 + 2 * part) >>> 0).toString(16).padStart(8, '0'))
    .join('');
