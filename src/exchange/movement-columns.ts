import { ADJUSTMENT_REASONS, MOVEMENT_KINDS } from '../stock/movement.entity.ts';
import type { Columns } from './columns.ts';
import { day, decimal, line, longText, moment, oneOf, text, whole } from './kinds.ts';

/** What the rows of one movement say alike. */
export const HEAD_COLUMNS = {
  key: { kind: line, says: 'the idempotency key; rows in a row with the same are one movement' },
  kind: { kind: oneOf(MOVEMENT_KINDS), isRequired: true, says: 'RECEIPT, ISSUE, TRANSFER …' },
  reference: { kind: text, says: 'of an order, an invoice …' },
  note: { kind: longText, says: 'for people' },
  occurredAt: { kind: moment, says: 'when it happened; now unless said' },
  reason: { kind: oneOf(ADJUSTMENT_REASONS), says: 'why stock was adjusted' },
  reverses: { kind: line, says: 'the key of the movement that a reversal undoes' },
} satisfies Columns;

/** The columns of a file of movements: a row for each line. */
export const MOVEMENT_COLUMNS = {
  ...HEAD_COLUMNS,
  sku: { kind: line, says: 'the SKU of the item' },
  lot: { kind: line, says: 'the lot or the serial number' },
  expiresOn: { kind: day, says: 'the last day on which the lot may be used' },
  from: { kind: line, says: 'the code of the location that it left' },
  to: { kind: line, says: 'the code of the location that it came to' },
  quantity: { kind: decimal, says: 'how much' },
  counted: { kind: decimal, says: 'what a count found' },
  expected: { kind: decimal, says: 'what had to be on hand for the count to hold' },
  seq: { kind: whole, isOnlyTold: true, says: 'its place in the journal' },
  recordedAt: { kind: moment, isOnlyTold: true, says: "when the server's clock recorded it" },
  actor: { kind: text, isOnlyTold: true, says: 'the name of the user who did it' },
} satisfies Columns;
