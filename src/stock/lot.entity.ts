import { defineEntity, p } from '@mikro-orm/core';
import { Item } from '../catalog/item.entity.ts';
import { tenantProperties } from '../database/columns.ts';

const LotSchema = defineEntity({
  name: 'Lot',
  tableName: 'lots',
  uniques: [{ name: 'lots_code_key', properties: ['organization', 'item', 'codeKey'] }],
  indexes: [{ name: 'lots_item_index', properties: ['item', 'codeKey', 'id'] }],
  properties: {
    ...tenantProperties,
    item: () => p.manyToOne(Item).ref(),
    code: p.text(),
    codeKey: p.text(),
    expiresOn: p.date().nullable(),
    createdAt: p.datetime(3),
  },
});

/** A batch of an item, or the serial number of a single one. */
export class Lot extends LotSchema.class {}
LotSchema.setClass(Lot);
