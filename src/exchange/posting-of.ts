import { foldKey } from '../database/key.ts';
import type { LocationReference } from '../locations/location.service.ts';
import type { LotReference } from '../stock/lots.ts';
import type { NamedPlace, Names } from '../stock/names.ts';
import type { MovePosting, Posting } from '../stock/posting.ts';
import { type FileMovement, type MovementLineRow, refuseOtherHeads } from './file-movement.ts';
import { LineChecks } from './line-checks.ts';
import type { Problem } from './problem.ts';
import { tellsLines } from './recorded-alike.ts';

/** The outside world that corrections come from and go to. */
export const ADJUSTMENT_WORLD = { world: 'ADJUSTMENT' } as const;

/** Where goods come from, and go to, when a row does not say it. */
const OPEN_ENDS = {
  RECEIPT: { from: { world: 'SUPPLIER' } },
  ISSUE: { to: { world: 'CUSTOMER' } },
  TRANSFER: {},
} as const satisfies Record<
  MovePosting['kind'],
  { from?: LocationReference; to?: LocationReference }
>;

/** What movements of a file name, found. */
export interface FoundNames {
  readonly names: Names;
  /** The keys of movements' rows, by their idempotency keys. */
  readonly movements: ReadonlyMap<string, number>;
}

/** Either a posting, or every reason why there is none. */
export interface Made {
  readonly posting: Posting | null;
  readonly problems: readonly Problem[];
}

/** What the ledger is to record for a movement of a file. */
export function postingOf(movement: FileMovement, found: FoundNames): Made {
  const checks = new LineChecks(movement, found.names);
  checks.problems.push(...refuseOtherHeads(movement));
  const { reference, note, occurredAt } = movement.head;
  const facts = { idempotencyKey: movement.key, reference, note, occurredAt };
  const part = partOf(movement, found, checks);
  const { problems } = checks;
  return { posting: part && problems.length === 0 ? { ...facts, ...part } : null, problems };
}

type WithoutFacts<P> = P extends Posting
  ? Omit<P, 'idempotencyKey' | 'reference' | 'note' | 'occurredAt'>
  : never;
type Part = WithoutFacts<Posting> | null;

function partOf(movement: FileMovement, found: FoundNames, checks: LineChecks): Part {
  const { kind } = movement.head;
  if (kind === 'REVERSAL') return reversalOf(movement, found, checks);
  if (kind === 'COUNT') return countOf(movement, found, checks);
  if (kind === 'ADJUSTMENT') return adjustmentOf(movement, found, checks);
  return kind ? moveOf(movement, kind, checks) : null;
}

function moveOf({ lines }: FileMovement, kind: MovePosting['kind'], checks: LineChecks): Part {
  const open: { from?: LocationReference; to?: LocationReference } = OPEN_ENDS[kind];
  const moves = lines.map((line) => {
    const item = checks.item(line);
    checks.quantity(line, 'quantity', item);
    const ends = {
      from: endOf(line, 'from', open.from, checks),
      to: endOf(line, 'to', open.to, checks),
    };
    return { ...whatOf(line), ...ends, quantity: line.values.quantity ?? '' };
  });
  return { kind, lines: moves, past: true };
}

function endOf(
  line: MovementLineRow,
  column: 'from' | 'to',
  open: LocationReference | undefined,
  checks: LineChecks,
): LocationReference {
  const code = line.values[column];
  const end = code ? { code } : open;
  if (end) checks.place(line, column, end);
  else checks.refuse(line, column, 'It must say where.');
  return end ?? ADJUSTMENT_WORLD;
}

const whatOf = ({ values: { sku, lot, expiresOn } }: MovementLineRow) => ({
  item: { sku: sku ?? '' },
  lot: lot ? ({ code: lot, expiresOn } satisfies LotReference) : null,
});

function adjustmentOf(
  { head, lines }: FileMovement,
  { names }: FoundNames,
  checks: LineChecks,
): Part {
  const place = placeOfAll(lines, names, checks);
  const [first] = lines;
  if (!head.reason && first) checks.refuse(first, 'reason', 'An adjustment needs a reason.');
  const adjusted = lines.map((line) => {
    checks.quantity(line, 'quantity', checks.item(line));
    if (!place) checks.refuse(line, 'to', 'It must say where.');
    const { quantity, to } = line.values;
    const comesIn = to && place && foldKey(to) === foldKey(place.code);
    return { ...whatOf(line), delta: `${comesIn ? '' : '-'}${quantity}` };
  });
  if (!head.reason || !place) return null;
  return { kind: 'ADJUSTMENT', location: { id: place.id }, reason: head.reason, lines: adjusted };
}

function countOf(movement: FileMovement, { names }: FoundNames, checks: LineChecks): Part {
  const { lines } = movement;
  if (!tellsLines(movement)) return { kind: 'COUNT', confirmed: [] };
  const place = placeOfAll(lines, names, checks);
  const counted = lines.map((line) => {
    const item = checks.item(line);
    checks.quantity(line, 'counted', item);
    if (line.values.expected) checks.quantity(line, 'expected', item);
    if (!place && line.values.quantity !== '0') {
      checks.refuse(line, 'to', 'It must say where, or by a quantity of 0 that nothing differed.');
    }
    const { counted = '', expected } = line.values;
    return { ...whatOf(line), counted: counted ?? '', expected };
  });
  if (!place) return { kind: 'COUNT', confirmed: counted };
  const rest = { unlisted: 'KEEP', onReserved: 'REFUSE' } as const;
  return { kind: 'COUNT', location: { id: place.id }, lines: counted, ...rest };
}

/** The one real place of a correction; the other end of each line is the world of adjustments. */
function placeOfAll(
  lines: readonly MovementLineRow[],
  names: Names,
  checks: LineChecks,
): NamedPlace | null {
  const world = names.place(ADJUSTMENT_WORLD, []);
  let all: NamedPlace | null = null;
  for (const line of lines) {
    const ends = (['from', 'to'] as const).flatMap((column) => {
      const code = line.values[column];
      return code ? (checks.place(line, column, { code }) ?? []) : [];
    });
    const [place, other] = ends.filter(({ id }) => id !== world.id);
    if (other) checks.refuse(line, 'to', `One of both ends must be ${world.code}.`);
    if (place && all && place.id !== all.id) {
      checks.refuse(line, 'to', `The movement is about ${all.code}, not about ${place.code}.`);
    }
    all ??= place ?? null;
  }
  return all;
}

function reversalOf({ head, lines }: FileMovement, found: FoundNames, checks: LineChecks): Part {
  const [first] = lines as [MovementLineRow];
  const movement = head.reverses ? found.movements.get(head.reverses) : undefined;
  if (movement !== undefined) return { kind: 'REVERSAL', movement };
  if (!head.reverses) {
    checks.refuse(first, 'reverses', 'A reversal needs the key of what it undoes.');
    return null;
  }
  const message = 'There is no movement with this key.';
  checks.problems.push(first.problem('reverses', { code: 'NOT_FOUND', message }));
  return null;
}
