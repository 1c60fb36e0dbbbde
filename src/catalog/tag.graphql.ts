import { AlreadyExists, InvalidInput, NotFound, VersionConflict } from '../errors.ts';
import { builder } from '../graphql/builder.ts';
import { entityObject } from '../graphql/entity-type.ts';
import { encodeGlobalId, keyOf } from '../graphql/global-id.ts';
import { rootConnection } from '../graphql/lists.ts';
import { changeField } from '../graphql/mutations.ts';
import { filters } from '../graphql/where-fields.ts';
import { Item, ItemTag } from './item.entity.ts';
import { Tag } from './tag.entity.ts';
import { createTag, deleteTag, updateTag } from './tag.service.ts';

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

const TagUpdateInput = builder.inputType('TagUpdateInput', {
  description: 'What to change of a tag. What is left out stays as it is.',
  fields: (t) => ({
    tag: t.id({ required: true, description: 'The id of the tag.' }),
    ifVersion: t.int({ description: 'The version that you know; any other is a conflict.' }),
    name: t.string({ description: 'Its new name.' }),
  }),
});

changeField('tagUpdate', {
  description: 'Changes a tag, on all items that carry it.',
  input: TagUpdateInput,
  refusals: [InvalidInput, NotFound, AlreadyExists, VersionConflict],
  resolve: async ({ tag, ...input }, { em, viewer }) => ({
    tag: await updateTag(em, viewer, { ...input, tag: keyOf('Tag', tag) }),
  }),
  success: {
    description: 'The tag is as the input says now.',
    fields: (t) => ({
      tag: t.field({
        type: TagType,
        description: 'The tag as it is now.',
        resolve: (success) => success.tag,
      }),
    }),
  },
});

const TagDeleteInput = builder.inputType('TagDeleteInput', {
  description: 'A tag that is to go.',
  fields: (t) => ({
    tag: t.id({ required: true, description: 'The id of the tag.' }),
    ifVersion: t.int({ description: 'The version that you know; any other is a conflict.' }),
  }),
});

changeField('tagDelete', {
  description: 'Deletes a tag, and takes it off all items that carry it.',
  input: TagDeleteInput,
  refusals: [NotFound, VersionConflict],
  resolve: ({ tag, ifVersion }, { em, viewer }) =>
    deleteTag(em, viewer, { tag: keyOf('Tag', tag), ifVersion }),
  success: {
    description: 'The tag is gone.',
    fields: (t) => ({
      deletedId: t.id({
        description: 'The id that it had.',
        resolve: ({ id }) => encodeGlobalId('Tag', id),
      }),
      itemsUntagged: t.exposeInt('itemsUntagged', {
        description: 'How many items carried it.',
      }),
    }),
  },
});
