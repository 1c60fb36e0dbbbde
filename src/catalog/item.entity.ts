import { defineEntity, p } from '@mikro-orm/core';
import {
  editableProperties,
  quantity,
  quantityCheck,
  tenantProperties,
} from '../database/columns.ts';
import { MAX_DECIMALS } from '../database/quantity.ts';
import { Category } from './category.entity.ts';
import { Tag } from './tag.entity.ts';

export const TRACKINGS = ['NONE', 'LOT', 'SERIAL'] as const;
/** What an item's units are told apart by. */
export type Tracking = (typeof TRACKINGS)[number];

const ItemSchema = defineEntity({
  name: 'Item',
  tableName: 'items',
  checks: [
    {
      name: 'items_decimals_check',
      expression: `decimals >= 0 and decimals <= ${MAX_DECIMALS}`,
    },
    quantityCheck('items', 'reorder_point', 0),
  ],
  uniques: [{ name: 'items_sku_key', properties: ['organization', 'skuKey'] }],
  indexes: [
    { name: 'items_name_index', properties: ['organization', 'nameKey', 'id'] },
    { name: 'items_created_index', properties: ['organization', 'createdAt', 'id'] },
    { name: 'items_category_index', properties: ['category', 'skuKey', 'id'] },
  ],
  properties: {
    ...tenantProperties,
    sku: p.text(),
    skuKey: p.text(),
    name: p.text(),
    nameKey: p.text(),
    description: p.text().nullable(),
    unit: p.text(),
    /** Fraction digits of the item's quantities; fixed once it has moved. */
    decimals: p.integer(),
    /** Whether its units are told apart by lot, by serial number, or not at all; fixed. */
    tracking: p.enum(TRACKINGS),
    attributes: p.json<Record<string, unknown>>(),
    reorderPoint: quantity().nullable(),
    category: () => p.manyToOne(Category).ref().nullable().deleteRule('no action'),
    archivedAt: p.datetime(3).nullable(),
    ...editableProperties,
  },
});

/** Something that is stocked. */
export class Item extends ItemSchema.class {}
ItemSchema.setClass(Item);

const ItemTagSchema = defineEntity({
  name: 'ItemTag',
  tableName: 'item_tags',
  uniques: [{ name: 'item_tags_key', properties: ['item', 'tag'] }],
  indexes: [
    { name: 'item_tags_organization_index', properties: ['organization'] },
    { name: 'item_tags_tag_index', properties: ['tag', 'item'] },
  ],
  properties: {
    ...tenantProperties,
    item: () => p.manyToOne(Item).ref(),
    tag: () => p.manyToOne(Tag).ref(),
  },
});

/** A tag on an item. */
export class ItemTag extends ItemTagSchema.class {}
ItemTagSchema.setClass(ItemTag);
