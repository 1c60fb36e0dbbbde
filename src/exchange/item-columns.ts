import { TRACKINGS } from '../catalog/item.entity.ts';
import type { Columns } from './columns.ts';
import { decimal, flag, line, list, longText, object, oneOf, whole } from './kinds.ts';

/** The columns of a file of items. */
export const ITEM_COLUMNS = {
  sku: { kind: line, isRequired: true, says: 'unique in the organization, whatever its case' },
  name: { kind: line, says: 'what people call it; a new item needs one' },
  description: { kind: longText, says: 'more about it' },
  unit: { kind: line, says: 'what its quantities count; `pcs` for a new item unless said' },
  decimals: { kind: whole, says: 'fraction digits of its quantities, 0 to 6; fixed' },
  tracking: { kind: oneOf(TRACKINGS), says: 'NONE, LOT or SERIAL; fixed' },
  category: { kind: list, says: 'the names from the top of the tree down, a list' },
  tags: { kind: list, says: 'the names of all its tags, a list' },
  barcodes: { kind: list, says: 'all its barcodes, a list' },
  reorderPoint: { kind: decimal, says: 'a quantity' },
  attributes: { kind: object, says: 'a JSON object' },
  archived: { kind: flag, says: 'whether it is out of use' },
} satisfies Columns;
