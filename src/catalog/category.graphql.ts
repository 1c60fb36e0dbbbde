import { AlreadyExists, InvalidInput, NotFound } from '../errors.ts';
import { builder } from '../graphql/builder.ts';
import { entityObject } from '../graphql/entity-type.ts';
import { keyOf } from '../graphql/global-id.ts';
import { rootConnection } from '../graphql/lists.ts';
import { rootLookup } from '../graphql/lookup.ts';
import { changeField } from '../graphql/mutations.ts';
import { filters } from '../graphql/where-fields.ts';
import { Category } from './category.entity.ts';
import { createCategory } from './category.service.ts';
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
