import { z } from 'zod';
import type { Viewer } from '../access/viewer.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { foldKey } from '../database/key.ts';
import { findOwned, flushUnique } from '../database/owned.ts';
import { MAX_DECIMALS, toUnits } from '../database/quantity.ts';
import { type Row, rowOf } from '../database/rows.ts';
import { AlreadyExists, InvalidInput, NotFound, VersionConflict } from '../errors.ts';
import { checkInput, isKeepable, optionalLongText, requiredText } from '../input.ts';
import { difference, isSame, record } from '../journal/journal.service.ts';
import { Category } from './category.entity.ts';
import { Item, ItemTag, type Tracking } from './item.entity.ts';
import { Tag } from './tag.entity.ts';

/** Names an item: by its key or by its SKU. */
export type ItemReference = { readonly id: number } | { readonly sku: string };

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
const MAX_TAGS = 50;
/** Longest attributes, in characters of JSON. */
const MAX_ATTRIBUTES = 20_000;
/** Most levels of objects and lists in each other in attributes. */
const MAX_LEVELS = 20;

const Attributes = z
  .record(z.string(), z.unknown(), { error: 'must be a JSON object' })
  .refine((value) => hasLevels(value, MAX_LEVELS), { error: 'are nested too deep', abort: true })
  .refine((value) => JSON.stringify(value).length <= MAX_ATTRIBUTES, 'are too large')
  .refine(isKeepableJson, 'must hold finite numbers, and Unicode text without NUL');

/** Whether a JSON value has at most so many levels; never looks deeper. */
function hasLevels(value: unknown, most: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return most > 0 && Object.values(value).every((inner) => hasLevels(inner, most - 1));
}

/** Whether both databases can keep a JSON value as it is. */
function isKeepableJson(value: unknown): boolean {
  if (typeof value === 'string') return isKeepable(value);
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([name, inner]) => isKeepable(name) && isKeepableJson(inner));
}

const Fields = z.object({
  sku: requiredText.optional(),
  name: requiredText.optional(),
  description: optionalLongText.optional(),
  unit: requiredText.optional(),
  attributes: Attributes.optional(),
  tags: z.array(z.number()).max(MAX_TAGS, `takes at most ${MAX_TAGS} tags`).optional(),
});

/**
 * Creates an item.
 * @throws InvalidInput, NotFound for the category or a tag, AlreadyExists for the SKU.
 */
export async function createItem(
  em: EntityManager,
  viewer: Viewer,
  input: NewItem,
): Promise<Row<Item>> {
  const { organizationId, userId } = viewer;
  if (input.decimals < 0 || input.decimals > MAX_DECIMALS) {
    throw new InvalidInput(`decimals must be from 0 to ${MAX_DECIMALS}.`, ['input', 'decimals']);
  }
  const { tracking = 'NONE' } = input;
  if (tracking === 'SERIAL' && input.decimals > 0) {
    const message = 'An item with serial numbers is counted in whole units.';
    throw new InvalidInput(message, ['input', 'decimals']);
  }
  const now = new Date();
  const item = em.create(Item, {
    organization: organizationId,
    ...{ sku: '', skuKey: '', name: '', nameKey: '', unit: '' },
    decimals: input.decimals,
    tracking,
    attributes: {},
    createdAt: now,
    updatedAt: now,
  });
  await assignFields(em, viewer, item, input);
  await flushSku(em, item.sku);
  await replaceTags(em, viewer, item, input.tags ?? []);
  await em.flush();
  const row = rowOf(em, item);
  const { decimals } = row;
  const told = Object.fromEntries(CHANGEABLE.map((property) => [property, row[property]]));
  const changes = { ...told, decimals, tracking, tags: tagKeys(input.tags ?? []) };
  const subject = { subjectType: 'Item', subjectId: item.id };
  await record(em, organizationId, [
    { action: 'item.create', actorId: userId, ...subject, changes },
  ]);
  return row;
}

const CHANGEABLE = [
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
 * @throws InvalidInput, NotFound for the item, category or a tag, AlreadyExists for the SKU,
 *   VersionConflict with the item as it is now.
 */
export async function updateItem(
  em: EntityManager,
  viewer: Viewer,
  reference: ItemReference,
  input: ItemFields & { readonly ifVersion?: number | null | undefined },
): Promise<Row<Item>> {
  const { organizationId, userId } = viewer;
  const condition = 'id' in reference ? { id: reference.id } : { skuKey: foldKey(reference.sku) };
  const item = await findOwned(em, organizationId, Item, condition);
  if (!item) throw new NotFound('The item does not exist.', ['input', 'item']);
  const before = rowOf(em, item);
  if (typeof input.ifVersion === 'number' && input.ifVersion !== item.version) {
    throw new VersionConflict('Item', before, ['input', 'ifVersion']);
  }
  await assignFields(em, viewer, item, input);
  const changed = difference(before, rowOf(em, item), CHANGEABLE);
  const tags = input.tags ? await replaceTags(em, viewer, item, input.tags) : null;
  if (!changed && !tags) return before;
  item.updatedAt = laterThan(before.updatedAt);
  await flushSku(em, item.sku);
  const changes = { ...changed, ...(tags && { tags }) };
  const subject = { subjectType: 'Item', subjectId: item.id };
  await record(em, organizationId, [
    { action: 'item.update', actorId: userId, ...subject, changes },
  ]);
  return rowOf(em, item);
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
    item.reorderPoint = reorderPoint(input.reorderPoint, item.decimals);
  }
  if (input.category === undefined) return;
  const { category: id } = input;
  const category = id === null ? null : await findOwned(em, organizationId, Category, { id });
  if (id !== null && !category) {
    throw new NotFound('The category does not exist.', ['input', 'category']);
  }
  em.assign(item, { category } as never);
}

function reorderPoint(decimal: string | null, decimals: number): number | null {
  if (decimal === null) return null;
  const path = ['input', 'reorderPoint'];
  const units = toUnits(decimal, decimals, path);
  if (units < 0) throw new InvalidInput('reorderPoint must not be negative.', path);
  return units;
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
  const found = await em.find(Tag, { organization: organizationId, id: { $in: to } });
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

/** Now, but later than a time, also after the clock was set back: the version rises with it. */
const laterThan = (time: Date): Date => new Date(Math.max(Date.now(), time.getTime() + 1));

function flushSku(em: EntityManager, sku: string): Promise<void> {
  const message = `An item has the SKU ${sku} already.`;
  return flushUnique(em, () => new AlreadyExists(message, ['input', 'sku']));
}
