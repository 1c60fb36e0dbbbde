import { InvalidInput } from '../errors.ts';
import { builder } from '../graphql/builder.ts';
import { changeField } from '../graphql/mutations.ts';
import { asAnswer, ErrorInterface, refusalType } from '../graphql/refusals.ts';
import { MAX_BARCODES } from './barcode.entity.ts';
import { MAX_PATH } from './category-path.service.ts';
import { type RefusedRow, RowsRefused } from './item.errors.ts';
import { ItemTrackingType, ItemType } from './item.graphql.ts';
import { MAX_TAGS } from './item.service.ts';
import {
  type ErrorPolicy,
  MAX_ROWS,
  type UpsertedRow,
  upsertItems,
} from './item-upsert.service.ts';

const ItemsUpsertRow = builder.inputType('ItemsUpsertRow', {
  description: 'An item as a list knows it. What is left out stays as it is.',
  fields: (t) => ({
    sku: t.string({ required: true, description: 'The SKU by which it is found, or created.' }),
    name: t.string({ description: 'What people call it; a new item needs one.' }),
    description: t.string({ description: 'What it is, at any length; null for nothing.' }),
    unit: t.string({ description: 'What it is counted in; `pcs` for a new item unless said.' }),
    decimals: t.int({
      description: 'Fraction digits of its quantities, 0 for a new item unless said; fixed.',
    }),
    tracking: t.field({
      type: ItemTrackingType,
      description: 'What its units are told apart by, NONE for a new item unless said; fixed.',
    }),
    attributes: t.field({ type: 'JSON', description: 'Its attributes, all of them.' }),
    reorderPoint: t.field({ type: 'Decimal', description: 'When to order again; null for never.' }),
    category: t.stringList({
      description: `The names from the top of the tree down to its category, at most ${MAX_PATH}; those that are missing are made. Null for none.`,
    }),
    tags: t.stringList({
      description: `The names of its tags, all of them, at most ${MAX_TAGS}; those that are missing are made.`,
    }),
    barcodes: t.stringList({
      description: `Its barcodes, all of them: at most ${MAX_BARCODES}.`,
    }),
  }),
});

const UpsertErrorPolicy = builder.enumType('UpsertErrorPolicy', {
  description: 'What becomes of the good rows of a call when others cannot be.',
  values: {
    ALL_OR_NOTHING: { description: 'One row that cannot be refuses them all.' },
    SKIP: { description: 'Rows that cannot be are left out; all others are done.' },
  } satisfies Record<ErrorPolicy, object>,
});

const ItemsUpsertInput = builder.inputType('ItemsUpsertInput', {
  description: 'A list of items, as they are to be.',
  fields: (t) => ({
    items: t.field({
      type: [ItemsUpsertRow],
      required: true,
      description: `The items: 1 to ${MAX_ROWS} rows.`,
    }),
    onError: t.field({
      type: UpsertErrorPolicy,
      required: true,
      defaultValue: 'ALL_OR_NOTHING',
      description: 'What becomes of the good rows when others cannot be.',
    }),
  }),
});

const INDEX = 'The place of the row in the call, 0 for the first.';

const RefusedRowType = builder.objectRef<RefusedRow>('RefusedRow').implement({
  description: 'A row that cannot be, and why.',
  fields: (t) => ({
    index: t.exposeInt('index', { description: INDEX }),
    error: t.field({
      type: ErrorInterface,
      description: 'Why it cannot be, with the path of the row.',
      resolve: ({ error }) => asAnswer(error),
    }),
  }),
});

refusalType(RowsRefused, {
  description: 'Some rows cannot be, and so nothing was done.',
  fields: (t) => ({
    rows: t.field({
      type: [RefusedRowType],
      description: 'Every row that cannot be, all at once.',
      resolve: (refusal) => [...refusal.rows],
    }),
  }),
});

const UpsertAction = builder.enumType('UpsertAction', {
  description: 'What became of a row.',
  values: {
    CREATED: { description: 'There was no such item; it was created.' },
    UPDATED: { description: 'The item was changed.' },
    UNCHANGED: { description: 'The item was as the row says already.' },
    FAILED: { description: 'The row cannot be; nothing of it was done.' },
  } satisfies Record<UpsertedRow['action'], object>,
});

const ItemsUpsertResultRow = builder.objectRef<UpsertedRow>('ItemsUpsertResultRow').implement({
  description: 'What became of a row.',
  fields: (t) => ({
    index: t.exposeInt('index', { description: INDEX }),
    action: t.field({
      type: UpsertAction,
      description: 'What became of it.',
      resolve: (row) => row.action,
    }),
    item: t.field({
      type: ItemType,
      nullable: true,
      description: 'The item as it is now; null for a row that failed.',
      resolve: (row) => row.item,
    }),
    error: t.field({
      type: ErrorInterface,
      nullable: true,
      description: 'Why a row failed, with its path; null for every other.',
      resolve: ({ error }) => error && asAnswer(error),
    }),
  }),
});

changeField('itemsUpsert', {
  description:
    'Makes items be as a list says, found by their SKU; those that are missing are created. Rows ' +
    'count in their order.',
  input: ItemsUpsertInput,
  refusals: [InvalidInput, RowsRefused],
  resolve: async (input, { em, viewer }) => ({ results: await upsertItems(em, viewer, input) }),
  success: {
    description: 'The items are as the list says, but for rows that failed.',
    fields: (t) => ({
      results: t.field({
        type: [ItemsUpsertResultRow],
        description: 'What became of each row, in their order.',
        resolve: (success) => success.results,
      }),
    }),
  },
});
