import { defineEntity, p } from '@mikro-orm/core';
import { tenantProperties } from '../database/columns.ts';
import { Item } from './item.entity.ts';

/** The most barcodes of one item. */
export const MAX_BARCODES = 50;

const BarcodeSchema = defineEntity({
  name: 'Barcode',
  tableName: 'barcodes',
  uniques: [{ name: 'barcodes_code_key', properties: ['organization', 'codeKey'] }],
  indexes: [{ name: 'barcodes_item_index', properties: ['item', 'codeKey', 'id'] }],
  properties: {
    ...tenantProperties,
    item: () => p.manyToOne(Item).ref(),
    code: p.text(),
    codeKey: p.text(),
  },
});

/** What a scanner reads off an item; several can name the same item, none can name two. */
export class Barcode extends BarcodeSchema.class {}
BarcodeSchema.setClass(Barcode);
