import { AlreadyExists, InvalidInput } from '../errors.ts';
import { builder } from '../graphql/builder.ts';
import { entityObject } from '../graphql/entity-type.ts';
import { rootConnection } from '../graphql/lists.ts';
import { changeField } from '../graphql/mutations.ts';
import { filters } from '../graphql/where-fields.ts';
import { Item, ItemTag } from './item.entity.ts';
import { Tag } from './tag.entity.ts';
import { createTag } from './tag.service.ts';

const TagType = entityObject(Tag, {
  description: 'A word that any number of items carry.',
  fields: (t) => ({
    name: t.column('name', { description: 'Unique in the organization, whatever its case.' }),
    items: t.relatedConnection(Item, {
      through: { entity: ItemTag, owner: 'tag', target: 'item' },
      orderings: { SKU: { by: 'skuKey', description: 'By SKU.' } },
      defaultOrder: { field: 'SKU', direction: 'ASC' },
      description: 'The items that carry it, by SKU.',
    }),
    createdAt: t.column('createdAt', { description: 'When it was created.' }),
    updatedAt: t.column('updatedAt', { description: 'When it was last changed.' }),
    version: t.column('version', { description: 'Rises with every change; for `ifVersion`.' }),
  }),
});

filters(Tag, (w) => ({
  id: w.id(),
  name: w.text('nameKey', { folded: true, description: 'Its name, whatever its case.' }),
  items: w.many(
    Item,
    { through: ItemTag, owner: 'tag', target: 'item' },
    { description: 'The items that carry it.' },
  ),
}));

rootConnection('tags', Tag, {
  description: 'All tags.',
  orderings: { NAME: { by: 'nameKey', description: 'By name.' } },
  defaultOrder: { field: 'NAME', direction: 'ASC' },
});

const TagCreateInput = builder.inputType('TagCreateInput', {
  description: 'A new tag.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Unique in the organization.' }),
  }),
});

changeField('tagCreate', {
  description: 'Creates a tag.',
  input: TagCreateInput,
  refusals: [InvalidInput, AlreadyExists],
  resolve: async (input, { em, viewer }) => ({ tag: await createTag(em, viewer, input) }),
  success: {
    description: 'The tag was created.',
    fields: (t) => ({
      tag: t.field({
        type: TagType,
        description: 'The new tag.',
        resolve: (success) => success.tag,
      }),
    }),
  },
});
