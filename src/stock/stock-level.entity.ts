import { defineEntity, p } from '@mikro-orm/core';
import { Item } from '../catalog/item.entity.ts';
import { quantity, quantityCheck, tenantProperties } from '../database/columns.ts';
import { Location } from '../locations/location.entity.ts';
import { Lot } from './lot.entity.ts';

const StockLevelSchema = defineEntity({
  name: 'StockLevel',
  tableName: 'stock_levels',
  checks: [
    {
      name: 'stock_levels_real_check',
      expression: 'outside or (reserved >= 0 and on_hand >= reserved)',
    },
    quantityCheck('stock_levels', 'on_hand'),
    quantityCheck('stock_levels', 'reserved', 0),
  ],
  uniques: [
    {
      name: 'stock_levels_key',
      properties: ['organization', 'item', 'location', 'lotKey'],
    },
  ],
  indexes: [
    { name: 'stock_levels_organization_index', properties: ['organization', 'id'] },
    { name: 'stock_levels_item_index', properties: ['item', 'id'] },
    { name: 'stock_levels_location_index', properties: ['location', 'id'] },
    { name: 'stock_levels_lot_index', properties: ['lot'] },
  ],
  properties: {
    ...tenantProperties,
    item: () => p.manyToOne(Item).ref(),
    location: () => p.manyToOne(Location).ref(),
    lot: () => p.manyToOne(Lot).ref().nullable().deleteRule('no action'),
    /** The lot's id, 0 for none: NULLs would escape the unique key. */
    lotKey: p.bigint('number'),
    /** Whether the location is an outside world, whose stock may be below zero. */
    outside: p.boolean(),
    onHand: quantity(),
    reserved: quantity(),
    updatedAt: p.datetime(3),
  },
});

/** What the ledger's lines add up to for one item, location and lot. Only the ledger writes it. */
export class StockLevel extends StockLevelSchema.class {}
StockLevelSchema.setClass(StockLevel);
