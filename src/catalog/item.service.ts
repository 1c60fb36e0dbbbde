import { LockMode } from '@mikro-orm/core';
import { z } from 'zod';
import type { Viewer } from '../access/viewer.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { foldKey } from '../database/key.ts';
import { findOwned, flushUnique, refuseOtherVersion } from '../database/owned.ts';
import { rowsWhereIn } from '../database/read.ts';
import { type Row, rowOf } from '../database/rows.ts';
import { run } from '../database/statement.ts';
import { AlreadyExists, NotFound } from '../errors.ts';
import { checkInput, optionalLongText, requiredText } from '../input.ts';
import { difference, isSame, record } from '../journal/journal.service.ts';
import { saveChange } from '../journal/row-change.service.ts';
import { Barcode } from './barcode.entity.ts';
import { itemBarcodes, replaceBarcodes } from './barcode.service.ts';
import { Category } from './category.entity.ts';
import { Item, ItemTag, type Tracking } from './item.entity.ts';
import { itemAttributes } from './item-attributes.ts';
import type { ItemReference } from './item-reference.ts';
import { refuseDecimals, reorderPointOf } from './item-rules.ts';
import { FOUND_BY, writeWords } from './item-words.ts';
import { Tag } from './tag.entity.ts';

/** What callers say of an item. In an update, what is left out stays as it is. */
export interface ItemFields {
  readonly sku?: string | null | undefined;
  readonly name?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly unit?: string | null | undefined;
  readonly attributes?: unknown;
  readonly reorderPoint?: string | null | undefined;
  /** The key of its category; null for none. */
  readonly category?: number | null | undefined;
  /** The keys of all its tags. */
  readonly tags?: readonly number[] | null | undefined;
  /** All its barcodes. */
  readonly barcodes?: readonly string[] | null | undefined;
}

/** What a new item is made of. */
export interface NewItem extends ItemFields {
  readonly sku: string;
  readonly name: string;
  readonly unit: string;
  readonly decimals: number;
  readonly tracking?: Tracking;
}

/** Most tags on one item. */
export const MAX_TAGS = 50;
const Fields = z.object({
  sku: requiredText.optional(),
  name: requiredText.optional(),
  description: optionalLongText.optional(),
  unit: requiredText.optional(),
  attributes: itemAttributes.optional(),
  tags: z.array(z.number()).max(MAX_TAGS, `takes at most ${MAX_TAGS} tags`).optional(),
  barcodes: itemBarcodes.optional(),
});

/**
 * Creates an item.
 * @throws InvalidInput, NotFound for the category or a tag, AlreadyExists for the SKU or a barcode.
 */
export async function createItem(
  em: EntityManager,
  viewer: Viewer,
  input: NewItem,
): Promise<Row<Item>> {
  const { organizationId, userId } = viewer;
  const { decimals, tracking = 'NONE' } = input;
  refuseDecimals({ decimals, tracking }, ['input']);
  const now = new Date();
  const item = em.create(Item, {
    organization: organizationId,
    ...{ sku: '', skuKey: '', name: '', nameKey: '', unit: '' },
    decimals,
    tracking,
    attributes: {},
    createdAt: now,
    updatedAt: now,
  });
  await assignFields(em, viewer, item, input);
  await flushUnique(em, () => skuTaken(item.sku));
  await replaceTags(em, viewer, item, input.tags ?? []);
  await em.flush();
  const barcodes = await replaceBarcodes(em, organizationId, item.id, input.barcodes ?? []);
  const row = rowOf(em, item);
  await writeWords(em, organizationId, [row], { isNew: true });
  const told = Object.fromEntries(CHANGEABLE.map((property) => [property, row[property]]));
  const tags = tagKeys(input.tags ?? []);
  const changes = { ...told, decimals, tracking, tags, barcodes: barcodes?.to ?? [] };
  const subject = { subjectType: 'Item', subjectId: item.id };
  await record(em, organizationId, [
    { action: 'item.create', actorId: userId, ...subject, changes },
  ]);
  return row;
}

/** The properties of an item that callers change. */
export const CHANGEABLE = [
  'sku',
  'name',
  'description',
  'unit',
  'attributes',
  'reorderPoint',
  'category',
] as const;

/**
 * Changes an item. What the input leaves out stays as it is.
 * @param ifVersion the version that the caller knows: any other is a conflict.
 * @throws InvalidInput, NotFound for the item, category or a tag, AlreadyExists for the SKU or a
 *   barcode, VersionConflict with the item as it is now.
 */
export async function updateItem(
  em: EntityManager,
  viewer: Viewer,
  reference: ItemReference,
  input: ItemFields & { readonly ifVersion?: number | null | undefined },
): Promise<Row<Item>> {
  const { organizationId } = viewer;
  const item = await findItem(em, organizationId, reference);
  refuseOtherVersion(em, item, input.ifVersion);
  const before = rowOf(em, item);
  await assignFields(em, viewer, item, input);
  const tags = input.tags ? await replaceTags(em, viewer, item, input.tags) : null;
  const barcodes = input.barcodes
    ? await replaceBarcodes(em, organizationId, item.id, input.barcodes)
    : null;
  const after = rowOf(em, item);
  if (difference(before, after, FOUND_BY)) await writeWords(em, organizationId, [after]);
  return saveChange(em, viewer, {
    ...{ entity: item, before, properties: CHANGEABLE },
    action: 'item.update',
    besides: tags || barcodes ? { ...(tags && { tags }), ...(barcodes && { barcodes }) } : null,
    taken: () => skuTaken(item.sku),
  });
}

/**
 * The item that a caller names, locked for a change.
 * @throws NotFound.
 */
export async function findItem(
  em: EntityManager,
  organizationId: number,
  reference: ItemReference,
): Promise<Item> {
  const item = await lookUp(em, organizationId, reference);
  if (!item) throw new NotFound('The item does not exist.', ['input', 'item']);
  return item;
}

async function lookUp(em: EntityManager, organizationId: number, reference: ItemReference) {
  if ('id' in reference) return findOwned(em, organizationId, Item, { id: reference.id });
  if ('sku' in reference) {
    return findOwned(em, organizationId, Item, { skuKey: foldKey(reference.sku) });
  }
  const codeKey = foldKey(reference.barcode);
  const statement = rowsWhereIn(em, Barcode, 'codeKey');
  const [barcode] = await run(em, organizationId, statement, [[codeKey]]);
  return barcode ? findOwned(em, organizationId, Item, { id: barcode.item }) : null;
}

async function assignFields(
  em: EntityManager,
  { organizationId }: Viewer,
  item: Item,
  input: ItemFields,
): Promise<void> {
  const { sku, name, description, unit, attributes } = checkInput(Fields, withoutNulls(input));
  if (sku !== undefined) Object.assign(item, { sku, skuKey: foldKey(sku) });
  if (name !== undefined) Object.assign(item, { name, nameKey: foldKey(name) });
  if (unit !== undefined) item.unit = unit;
  if (attributes !== undefined && !isSame(attributes, item.attributes)) {
    item.attributes = attributes;
  }
  if (input.description !== undefined) item.description = description ?? null;
  if (input.reorderPoint !== undefined) {
    item.reorderPoint = reorderPointOf(input.reorderPoint, item.decimals, ['input']);
  }
  if (input.category === undefined) return;
  const { category: id } = input;
  const category = id === null ? null : await findOwned(em, organizationId, Category, { id });
  if (id !== null && !category) {
    throw new NotFound('The category does not exist.', ['input', 'category']);
  }
  em.assign(item, { category } as never);
}

/** In GraphQL null may stand where a value was left out; only some fields can be cleared by it. */
function withoutNulls(input: ItemFields): object {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null));
}

/** Keys of tags, each once and in order. */
const tagKeys = (keys: readonly number[]): number[] => [...new Set(keys)].sort((a, b) => a - b);

/** Gives an item these tags and no others with the next flush; null when that changes nothing. */
async function replaceTags(
  em: EntityManager,
  { organizationId }: Viewer,
  item: Item,
  wanted: readonly number[],
): Promise<{ from: number[]; to: number[] } | null> {
  const to = tagKeys(wanted);
  const links = await em.find(ItemTag, { organization: organizationId, item });
  const from = links.map((link) => link.tag.id).sort((a, b) => a - b);
  if (from.join() === to.join()) return null;
  const found = await em.find(
    Tag,
    { organization: organizationId, id: { $in: to } },
    // Until the commit nobody deletes what the links lead to.
    { lockMode: LockMode.PESSIMISTIC_READ, orderBy: { id: 'asc' } },
  );
  const known = new Set(found.map((tag) => tag.id));
  const missing = wanted.findIndex((id) => !known.has(id));
  if (missing >= 0) {
    throw new NotFound('The tag does not exist.', ['input', 'tags', String(missing)]);
  }
  for (const link of links) if (!to.includes(link.tag.id)) em.remove(link);
  for (const tag of found) {
    if (!from.includes(tag.id)) em.create(ItemTag, { organization: organizationId, item, tag });
  }
  return { from, to };
}

const skuTaken = (sku: string): AlreadyExists =>
  new AlreadyExists(`An item has the SKU ${sku} already.`, ['input', 'sku']);
