import { defineEntity, p } from '@mikro-orm/core';
import { editableProperties, tenantProperties } from '../database/columns.ts';

const TagSchema = defineEntity({
  name: 'Tag',
  tableName: 'tags',
  uniques: [{ name: 'tags_name_key', properties: ['organization', 'nameKey'] }],
  properties: {
    ...tenantProperties,
    name: p.text(),
    nameKey: p.text(),
    ...editableProperties,
  },
});

/** A word that any number of items carry. */
export class Tag extends TagSchema.class {}
TagSchema.setClass(Tag);
