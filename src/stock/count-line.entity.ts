import { defineEntity, p } from '@mikro-orm/core';
import { Item } from '../catalog/item.entity.ts';
import { declareAppendOnly } from '../database/append-only.ts';
import { quantity, quantityCheck, tenantProperties } from '../database/columns.ts';
import { Lot } from './lot.entity.ts';
import { Movement } from './movement.entity.ts';

const CountLineSchema = defineEntity({
  name: 'CountLine',
  tableName: 'count_lines',
  checks: [
    quantityCheck('count_lines', 'counted', 0),
    quantityCheck('count_lines', 'expected'),
    quantityCheck('count_lines', 'difference'),
  ],
  uniques: [{ name: 'count_lines_key', properties: ['movement', 'position'] }],
  indexes: [
    { name: 'count_lines_organization_index', properties: ['organization'] },
    { name: 'count_lines_item_index', properties: ['item'] },
    { name: 'count_lines_lot_index', properties: ['lot'] },
  ],
  properties: {
    ...tenantProperties,
    movement: () => p.manyToOne(Movement).ref(),
    /** 1 for the first line of its count. */
    position: p.integer(),
    item: () => p.manyToOne(Item).ref(),
    lot: () => p.manyToOne(Lot).ref().nullable().deleteRule('no action'),
    counted: quantity(),
    /** What had to be on hand for the count to hold, if the caller said so. */
    expected: quantity().nullable(),
    /** Counted less on hand before: what was found, or with a sign what was missed. */
    difference: quantity(),
  },
});

/** What somebody counted of an item, also where it was just what was on hand. */
export class CountLine extends CountLineSchema.class {}
CountLineSchema.setClass(CountLine);
declareAppendOnly(CountLine);
