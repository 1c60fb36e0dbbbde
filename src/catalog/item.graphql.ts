import { foldKey } from '../database/key.ts';
import { AlreadyExists, InvalidInput, NotFound, VersionConflict } from '../errors.ts';
import { builder } from '../graphql/builder.ts';
import { entityObject } from '../graphql/entity-type.ts';
import { keyOf, referenceOf } from '../graphql/global-id.ts';
import { rootConnection } from '../graphql/lists.ts';
import { rootLookup } from '../graphql/lookup.ts';
import { changeField } from '../graphql/mutations.ts';
import { filters } from '../graphql/where-fields.ts';
import { Barcode, MAX_BARCODES } from './barcode.entity.ts';
import { Category } from './category.entity.ts';
import { categoryById } from './category.graphql.ts';
import { Item, ItemTag, type TRACKINGS } from './item.entity.ts';
import { createItem, updateItem } from './item.service.ts';
import type { ItemReference } from './item-reference.ts';
import { searchItems } from './item-search.ts';
import { Tag } from './tag.entity.ts';

export const ItemTrackingType = builder.enumType('ItemTracking', {
  description: "What an item's units are told apart by.",
  values: {
    NONE: { description: 'Nothing: any unit is as good as another.' },
    LOT: { description: 'Lots: batches, which may expire.' },
    SERIAL: { description: 'Serial numbers: each unit has its own.' },
  } satisfies Record<(typeof TRACKINGS)[number], object>,
});

export const ItemType = entityObject(Item, {
  description: 'Something that is stocked.',
  fields: (t) => ({
    sku: t.column('sku', { description: 'Unique in the organization, whatever its case.' }),
    name: t.column('name', { description: 'What people call it.' }),
    description: t.column('description', { description: 'What it is, at any length.' }),
    unit: t.column('unit', { description: 'What it is counted in, such as `pcs` or `kg`.' }),
    decimals: t.column('decimals', { description: 'Fraction digits of its quantities, 0 to 6.' }),
    tracking: t.column('tracking', {
      type: ItemTrackingType,
      description: 'What its units are told apart by.',
    }),
    attributes: t.column('attributes', { description: 'Whatever else is known of it.' }),
    reorderPoint: t.quantity('reorderPoint', {
      description: 'When less than this is available, it is time to order.',
    }),
    category: t.relation('category', { description: 'The category that it is in.' }),
    tags: t.relatedConnection(Tag, {
      through: { entity: ItemTag, owner: 'item', target: 'tag' },
      orderings: { NAME: { by: 'nameKey', description: 'By name.' } },
      defaultOrder: { field: 'NAME', direction: 'ASC' },
      description: 'The tags that it carries, by name.',
    }),
    barcodes: t.texts(Barcode, {
      ...{ by: 'item', orderBy: 'codeKey', property: 'code', most: MAX_BARCODES },
      description: 'What a scanner reads off it, each unique in the organization; in their order.',
    }),
    archivedAt: t.column('archivedAt', { description: 'When it was put out of use.' }),
    createdAt: t.column('createdAt', { description: 'When it was created.' }),
    updatedAt: t.column('updatedAt', { description: 'When it was last changed.' }),
    version: t.column('version', { description: 'Rises with every change; for `ifVersion`.' }),
  }),
});

filters(Barcode, (w) => ({
  code: w.text('codeKey', { folded: true, description: 'What a scanner reads.' }),
}));

filters(Item, (w) => ({
  id: w.id(),
  sku: w.text('skuKey', { folded: true, description: 'Its SKU, whatever its case.' }),
  name: w.text('nameKey', { folded: true, description: 'Its name, whatever its case.' }),
  tracking: w.enum('tracking', ItemTrackingType, {
    ...{ computed: true, description: 'What its units are told apart by.' },
  }),
  category: w.relation('category', { description: 'The category that it is right in.' }),
  categoryUnder: w.under(Category, {
    ...{ ...categoryById, by: ['category'] },
    description: 'It is in the category with this id, or in one below it.',
  }),
  tags: w.many(
    Tag,
    { through: ItemTag, owner: 'item', target: 'tag' },
    { description: 'The tags that it carries.' },
  ),
  barcodes: w.many(Barcode, { by: 'item' }, { description: 'What a scanner reads off it.' }),
  archived: w.has('archivedAt', { description: 'Whether it was put out of use.' }),
  createdAt: w.time('createdAt', { description: 'When it was created.' }),
}));

rootConnection('items', Item, {
  description: 'All items.',
  search: searchItems,
  orderings: {
    SKU: { by: 'skuKey', description: 'By SKU.' },
    NAME: { by: 'nameKey', description: 'By name.' },
    CREATED_AT: { by: 'createdAt', description: 'By the time of creation.' },
  },
  defaultOrder: { field: 'SKU', direction: 'ASC' },
});

/** Names an item as clients do. */
export const ItemBy = builder.inputType('ItemBy', {
  description: 'Names an item, in one of these ways.',
  isOneOf: true,
  fields: (t) => ({
    id: t.id({ description: 'Its id.' }),
    sku: t.string({ description: 'Its SKU, whatever its case.' }),
    barcode: t.string({ description: 'One of its barcodes.' }),
  }),
});

/** Reads an item's name as clients give it. */
export function itemReference(by: {
  readonly id?: string | null | undefined;
  readonly sku?: string | null | undefined;
  readonly barcode?: string | null | undefined;
}): ItemReference {
  if (typeof by.barcode === 'string') {
    return referenceOf('Item', by, by.barcode, (barcode) => ({ barcode }));
  }
  return referenceOf('Item', by, by.sku, (sku) => ({ sku }));
}

rootLookup('item', Item, {
  description: 'One item; null when there is none to see.',
  args: builder.args((t) => ({
    by: t.field({ type: ItemBy, required: true, description: 'Which item.' }),
  })),
  by: ({ by }) => {
    const reference = itemReference(by);
    if ('id' in reference) return { property: 'id', value: reference.id };
    if ('sku' in reference) return { property: 'skuKey', value: foldKey(reference.sku) };
    const via = { entity: Barcode, relation: 'item' };
    return { property: 'codeKey', value: foldKey(reference.barcode), via };
  },
});

const TAGS = 'The ids of its tags, all of them.';
const BARCODES = `Its barcodes, all of them: at most ${MAX_BARCODES}.`;
const CATEGORY = 'The id of its category.';

const ItemCreateInput = builder.inputType('ItemCreateInput', {
  description: 'A new item.',
  fields: (t) => ({
    sku: t.string({ required: true, description: 'Unique in the organization.' }),
    name: t.string({ required: true, description: 'What people call it.' }),
    description: t.string({ description: 'What it is, at any length.' }),
    unit: t.string({ required: true, defaultValue: 'pcs', description: 'What it is counted in.' }),
    tracking: t.field({
      type: ItemTrackingType,
      required: true,
      defaultValue: 'NONE',
      description: 'What its units are told apart by; fixed.',
    }),
    decimals: t.int({
      required: true,
      defaultValue: 0,
      description: 'Fraction digits of its quantities, 0 to 6; fixed once it has moved.',
    }),
    attributes: t.field({ type: 'JSON', description: 'A JSON object of whatever else is known.' }),
    reorderPoint: t.field({ type: 'Decimal', description: 'When to order again.' }),
    category: t.id({ description: CATEGORY }),
    tags: t.idList({ description: TAGS }),
    barcodes: t.stringList({ description: BARCODES }),
  }),
});

changeField('itemCreate', {
  description: 'Creates an item.',
  input: ItemCreateInput,
  refusals: [InvalidInput, NotFound, AlreadyExists],
  resolve: async (input, { em, viewer }) => ({
    item: await createItem(em, viewer, { ...input, ...references(input) }),
  }),
  success: {
    description: 'The item was created.',
    fields: (t) => ({
      item: t.field({
        type: ItemType,
        description: 'The new item.',
        resolve: (success) => success.item,
      }),
    }),
  },
});

const ItemUpdateInput = builder.inputType('ItemUpdateInput', {
  description: 'What to change of an item. What is left out stays as it is.',
  fields: (t) => ({
    item: t.field({ type: ItemBy, required: true, description: 'Which item.' }),
    ifVersion: t.int({ description: 'The version that you know; any other is a conflict.' }),
    sku: t.string({ description: 'Its new SKU.' }),
    name: t.string({ description: 'Its new name.' }),
    description: t.string({ description: 'Its new description; null for none.' }),
    unit: t.string({ description: 'What it is counted in from now on.' }),
    attributes: t.field({ type: 'JSON', description: 'Its new attributes, all of them.' }),
    reorderPoint: t.field({
      type: 'Decimal',
      description: 'Its new reorder point; null for none.',
    }),
    category: t.id({ description: `${CATEGORY} Null for none.` }),
    tags: t.idList({ description: TAGS }),
    barcodes: t.stringList({ description: BARCODES }),
  }),
});

changeField('itemUpdate', {
  description: 'Changes an item.',
  input: ItemUpdateInput,
  refusals: [InvalidInput, NotFound, AlreadyExists, VersionConflict],
  resolve: async ({ item, ...input }, { em, viewer }) => ({
    item: await updateItem(em, viewer, itemReference(item), { ...input, ...references(input) }),
  }),
  success: {
    description: 'The item is as the input says now.',
    fields: (t) => ({
      item: t.field({
        type: ItemType,
        description: 'The item as it is now.',
        resolve: (success) => success.item,
      }),
    }),
  },
});

/** The keys behind the ids of an input; what was left out stays left out. */
function references(input: {
  readonly category?: string | null | undefined;
  readonly tags?: readonly string[] | null | undefined;
}) {
  const { category, tags } = input;
  return {
    category: typeof category === 'string' ? keyOf('Category', category) : category,
    tags: tags?.map((tag) => keyOf('Tag', tag)),
  };
}
