import { foldKey } from '../database/key.ts';
import type { FileMovement, MovementLineRow } from './file-movement.ts';

type Recorded = readonly Readonly<Record<string, unknown>>[];

const HEAD = ['kind', 'reference', 'note', 'reason', 'reverses'] as const;
const NAMES = ['sku', 'lot', 'from', 'to'] as const;
const AMOUNTS = ['quantity', 'counted', 'expected'] as const;

/**
 * Whether a movement that is recorded is the one that a file tells. What the file leaves open does not
 * count, as the lot that was taken where it names none.
 */
export function isRecordedAlike({ head, lines }: FileMovement, recorded: Recorded): boolean {
  const [first] = recorded;
  if (!first || !isHeadAlike(head, first)) return false;
  if (!tellsLines({ lines })) return true;
  return (
    lines.length === recorded.length &&
    lines.every(({ values }, index) => isLineAlike(values, recorded[index] ?? {}))
  );
}

/** Whether a movement of a file has lines at all: of a reversal they need not be told. */
export const tellsLines = ({ lines }: Pick<FileMovement, 'lines'>): boolean =>
  lines.length > 1 || Boolean(lines[0]?.values.sku);

type Values = MovementLineRow['values'];

function isHeadAlike(head: Values, recorded: Recorded[number]): boolean {
  if (head.occurredAt && head.occurredAt.toISOString() !== recorded['occurredAt']) return false;
  return HEAD.every((name) => head[name] === undefined || head[name] === recorded[name]);
}

function isLineAlike(values: Values, recorded: Recorded[number]): boolean {
  const isAlike = (name: keyof Values, same: (text: string) => string) => {
    const told = values[name];
    if (typeof told !== 'string') return true;
    const found = recorded[name];
    return typeof found === 'string' && same(told) === same(found);
  };
  return (
    NAMES.every((name) => isAlike(name, foldKey)) &&
    AMOUNTS.every((name) => isAlike(name, canonical)) &&
    isAlike('expiresOn', (day) => day)
  );
}

/** A decimal number without zeros that say nothing. */
const canonical = (decimal: string): string =>
  decimal
    .replace(/^(-?)0+(?=\d)/, '$1')
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '');
