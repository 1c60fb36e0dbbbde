import { defineEntity, p } from '@mikro-orm/core';
import { editableProperties, tenantProperties } from '../database/columns.ts';

const CategorySchema = defineEntity({
  name: 'Category',
  tableName: 'categories',
  uniques: [{ name: 'categories_name_key', properties: ['organization', 'parentKey', 'nameKey'] }],
  indexes: [
    { name: 'categories_name_index', properties: ['organization', 'nameKey', 'id'] },
    { name: 'categories_parent_index', properties: ['parent', 'nameKey', 'id'] },
  ],
  properties: {
    ...tenantProperties,
    name: p.text(),
    nameKey: p.text(),
    parent: () => p.manyToOne(Category).ref().nullable().deleteRule('no action'),
    /** The parent's id, 0 at the top: NULLs would escape the unique key. */
    parentKey: p.bigint('number'),
    ...editableProperties,
  },
});

/** A place in the tree by which items are sorted; its name is unique below its parent. */
export class Category extends CategorySchema.class {}
CategorySchema.setClass(Category);
