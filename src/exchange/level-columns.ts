import type { Columns } from './columns.ts';
import { day, decimal, line } from './kinds.ts';

/** The columns of a file of stock levels, which is one of opening stock too. */
export const LEVEL_COLUMNS = {
  sku: { kind: line, isRequired: true, says: 'the SKU of the item' },
  location: { kind: line, isRequired: true, says: 'the code of a real place' },
  lot: { kind: line, says: 'the lot or the serial number' },
  expiresOn: { kind: day, says: 'the last day on which the lot may be used' },
  onHand: { kind: decimal, isRequired: true, says: 'a quantity' },
  reserved: { kind: decimal, isOnlyTold: true, says: 'how much of it is held for somebody' },
  available: { kind: decimal, isOnlyTold: true, says: 'on hand less reserved' },
} satisfies Columns;
