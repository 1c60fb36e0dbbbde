import { defineEntity, p } from '@mikro-orm/core';
import { Item } from '../catalog/item.entity.ts';
import { tenantProperties } from '../database/columns.ts';

const LotSchema = defineEntity({
  name: 'Lot',
  tableName: 'lots',
  uniques: [{ name: 'lots_code_key', properties: ['organization', 'item', 'codeKey'] }],
  indexes: [
    { name: 'lots_item_index', properties: ['item', 'codeKey', 'id'] },
    { name: 'lots_expires_index', properties: ['item', 'expiresKey', 'id'] },
    { name: 'lots_expires_down_index', properties: ['item', 'expiresDownKey', 'id'] },
  ],
  properties: {
    ...tenantProperties,
    item: () => p.manyToOne(Item).ref(),
    code: p.text(),
    codeKey: p.text(),
    expiresOn: p.date().nullable(),
    /** `expiresOn` as text; what never expires comes last upwards by the one, downwards by the other. */
    expiresKey: p.text().default('~'),
    expiresDownKey: p.text().default(''),
    createdAt: p.datetime(3),
  },
});

/** A batch of an item, or the serial number of a single one. */
export class Lot extends LotSchema.class {}
LotSchema.setClass(Lot);
