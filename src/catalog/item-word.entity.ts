import { defineEntity, p } from '@mikro-orm/core';
import { tenantProperties } from '../database/columns.ts';
import { Item } from './item.entity.ts';

const ItemWordSchema = defineEntity({
  name: 'ItemWord',
  tableName: 'item_words',
  uniques: [
    { name: 'item_words_key', properties: ['organization', 'word', 'item'] },
    { name: 'item_words_item_key', properties: ['item', 'word'] },
  ],
  properties: {
    ...tenantProperties,
    item: () => p.manyToOne(Item).ref(),
    /** Folded: letters and digits only. */
    word: p.text(),
  },
});

/** A word by which an item is found. Written with the item, by `writeWords`. */
export class ItemWord extends ItemWordSchema.class {}
ItemWordSchema.setClass(ItemWord);
