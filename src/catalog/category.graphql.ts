import { AlreadyExists, InvalidInput, InvalidState, NotFound, VersionConflict } from '../errors.ts';
import { builder } from '../graphql/builder.ts';
import { entityObject } from '../graphql/entity-type.ts';
import { encodeGlobalId, keyOf } from '../graphql/global-id.ts';
import { rootConnection } from '../graphql/lists.ts';
import { rootLookup } from '../graphql/lookup.ts';
import { changeField } from '../graphql/mutations.ts';
import { filters } from '../graphql/where-fields.ts';
import { Category } from './category.entity.ts';
import { createCategory, updateCategory } from './category.service.ts';
import { deleteCategory } from './category-deletion.service.ts';
import { Item } from './item.entity.ts';

const CategoryType = entityObject(Category, {
  description: 'A place in the tree by which items are sorted.',
  fields: (t) => ({
    name: t.column('name', { description: 'Unique below its parent, whatever its case.' }),
    parent: t.relation('parent', { description: 'The category above it.' }),
    children: t.relatedConnection(Category, {
      by: 'parent',
      orderings: { NAME: { by: 'nameKey', description: 'By name.' } },
      defaultOrder: { field: 'NAME', direction: 'ASC' },
      description: 'The categories right below it, by name.',
    }),
    items: t.relatedConnection(Item, {
      by: 'category',
      orderings: { SKU: { by: 'skuKey', description: 'By SKU.' } },
      defaultOrder: { field: 'SKU', direction: 'ASC' },
      description: 'The items right in it, by SKU.',
    }),
    createdAt: t.column('createdAt', { description: 'When it was created.' }),
    updatedAt: t.column('updatedAt', { description: 'When it was last changed.' }),
    version: t.column('version', { description: 'Rises with every change; for `ifVersion`.' }),
  }),
});

/** Names a category as filters do. */
export const categoryById = {
  type: () => 'ID',
  named: (id: string) => ({ property: 'id', value: keyOf('Category', id) }),
};

filters(Category, (w) => ({
  id: w.id(),
  name: w.text('nameKey', { folded: true, description: 'Its name, whatever its case.' }),
  parent: w.relation('parent', { description: 'The category right above it.' }),
  under: w.under(Category, {
    ...{ ...categoryById, by: ['id'] },
    description: 'It is the category with this id, or lies below it.',
  }),
  items: w.many(Item, { by: 'category' }, { description: 'The items right in it.' }),
}));

rootConnection('categories', Category, {
  description: 'All categories of the tree.',
  orderings: { NAME: { by: 'nameKey', description: 'By name.' } },
  defaultOrder: { field: 'NAME', direction: 'ASC' },
});

rootLookup('category', Category, {
  description: 'One category; null when there is none to see.',
  args: builder.args((t) => ({ id: t.id({ required: true, description: 'Its id.' }) })),
  by: ({ id }) => ({ property: 'id', value: keyOf('Category', id) }),
});

const CategoryCreateInput = builder.inputType('CategoryCreateInput', {
  description: 'A new category.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Unique below its parent.' }),
    parent: t.id({ description: 'The id of the category above it; at the top unless said.' }),
  }),
});

changeField('categoryCreate', {
  description: 'Creates a category.',
  input: CategoryCreateInput,
  refusals: [InvalidInput, NotFound, AlreadyExists],
  resolve: async ({ name, parent }, { em, viewer }) => {
    const above = typeof parent === 'string' ? keyOf('Category', parent) : null;
    return { category: await createCategory(em, viewer, { name, parent: above }) };
  },
  success: {
    description: 'The category was created.',
    fields: (t) => ({
      category: t.field({
        type: CategoryType,
        description: 'The new category.',
        resolve: (success) => success.category,
      }),
    }),
  },
});

const CategoryUpdateInput = builder.inputType('CategoryUpdateInput', {
  description: 'What to change of a category. What is left out stays as it is.',
  fields: (t) => ({
    category: t.id({ required: true, description: 'The id of the category.' }),
    ifVersion: t.int({ description: 'The version that you know; any other is a conflict.' }),
    name: t.string({ description: 'Its new name.' }),
    parent: t.id({ description: 'The id of the category above it from now on; null for none.' }),
  }),
});

changeField('categoryUpdate', {
  description: 'Changes a category, or moves it in the tree with all that lies below it.',
  input: CategoryUpdateInput,
  refusals: [InvalidInput, NotFound, AlreadyExists, VersionConflict],
  resolve: async ({ category, parent, ...input }, { em, viewer }) => ({
    category: await updateCategory(em, viewer, {
      ...input,
      category: keyOf('Category', category),
      parent: typeof parent === 'string' ? keyOf('Category', parent) : parent,
    }),
  }),
  success: {
    description: 'The category is as the input says now.',
    fields: (t) => ({
      category: t.field({
        type: CategoryType,
        description: 'The category as it is now.',
        resolve: (success) => success.category,
      }),
    }),
  },
});

const CategoryItemsTarget = builder.inputType('CategoryItemsTarget', {
  description: 'Where the items of a category go, in one of these ways.',
  isOneOf: true,
  fields: (t) => ({
    category: t.id({ description: 'Into the category with this id.' }),
    none: t.boolean({ description: 'They go without a category; only `true` says so.' }),
  }),
});

const CategoryDeleteInput = builder.inputType('CategoryDeleteInput', {
  description: 'A category that is to go.',
  fields: (t) => ({
    category: t.id({ required: true, description: 'The id of the category.' }),
    ifVersion: t.int({ description: 'The version that you know; any other is a conflict.' }),
    items: t.field({
      type: CategoryItemsTarget,
      description: 'Where its items go; unsaid, a category that has items stays.',
    }),
  }),
});

changeField('categoryDelete', {
  description: 'Deletes a category that has none below it.',
  input: CategoryDeleteInput,
  refusals: [InvalidInput, NotFound, InvalidState, VersionConflict],
  resolve: ({ category, ifVersion, items }, { em, viewer }) =>
    deleteCategory(em, viewer, {
      ...{ category: keyOf('Category', category), ifVersion },
      items: items ? targetOf(items) : undefined,
    }),
  success: {
    description: 'The category is gone.',
    fields: (t) => ({
      deletedId: t.id({
        description: 'The id that it had.',
        resolve: ({ id }) => encodeGlobalId('Category', id),
      }),
      itemsMoved: t.exposeInt('itemsMoved', { description: 'How many items were in it.' }),
    }),
  },
});

/** The key of the category that items go to, null for none. */
function targetOf({ category, none }: typeof CategoryItemsTarget.$inferInput): number | null {
  if (typeof category === 'string') return keyOf('Category', category);
  if (none === true) return null;
  throw new InvalidInput('none must be true.', ['input', 'items', 'none']);
}
