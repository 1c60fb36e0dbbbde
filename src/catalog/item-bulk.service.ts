import type { Viewer } from '../access/viewer.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { foldKey } from '../database/key.ts';
import { laterThan } from '../database/owned.ts';
import type { Row } from '../database/rows.ts';
import { run, Statement } from '../database/statement.ts';
import { JsonRows } from '../database/statement-values.ts';
import { record } from '../journal/journal.service.ts';
import type { Item } from './item.entity.ts';
import { writeWords } from './item-words.ts';

/** The columns of an item that callers fill in. */
export type ItemValues = Pick<
  Row<Item>,
  | 'sku'
  | 'name'
  | 'description'
  | 'unit'
  | 'decimals'
  | 'tracking'
  | 'attributes'
  | 'reorderPoint'
  | 'category'
>;

const INSERT_MISSING = new Statement<{ id: number; skuKey: string }>((dialect) => {
  const rows = dialect.jsonRows('$2', {
    sku: 'text',
    skuKey: 'text',
    name: 'text',
    nameKey: 'text',
    description: 'text',
    unit: 'text',
    decimals: 'bigint',
    tracking: 'text',
    attributes: 'json',
    reorderPoint: 'bigint',
    category: 'bigint',
  });
  return `insert into items (organization_id, sku, sku_key, name, name_key, description, unit,
      decimals, tracking, attributes, reorder_point, category_id, created_at, updated_at, version)
    select cast($1 as bigint), sku, "skuKey", name, "nameKey", description, unit, decimals, tracking,
      attributes, "reorderPoint", category, ${dialect.time('$3')}, ${dialect.time('$3')}, 1
    from ${rows} j where true order by "skuKey"
    on conflict (organization_id, sku_key) do nothing returning id as "id", sku_key as "skuKey"`;
});

/**
 * Inserts those items of a list whose SKU nobody has yet: any number with the same statements.
 * @returns the keys of those that were inserted, by `skuKey`.
 */
export async function insertItems(
  em: EntityManager,
  organizationId: number,
  items: readonly ItemValues[],
): Promise<ReadonlyMap<string, number>> {
  if (items.length === 0) return new Map();
  const rows = items.map((item) => ({
    ...item,
    skuKey: foldKey(item.sku),
    nameKey: foldKey(item.name),
  }));
  const values = [new JsonRows(rows), new Date()];
  const inserted = await run(em, organizationId, INSERT_MISSING, values);
  const ids = new Map(inserted.map(({ id, skuKey }) => [skuKey, id]));
  const found = rows.flatMap((row) => ({ ...row, id: ids.get(row.skuKey) ?? 0 }));
  await writeWords(
    em,
    organizationId,
    found.filter(({ id }) => id > 0),
    { isNew: true },
  );
  return ids;
}

const UPDATE = new Statement<never>((dialect) => {
  const rows = dialect.jsonRows('$2', {
    id: 'bigint',
    name: 'text',
    nameKey: 'text',
    description: 'text',
    unit: 'text',
    attributes: 'json',
    reorderPoint: 'bigint',
    category: 'bigint',
    updatedAt: 'timestamptz',
  });
  return `update items as x set name = j.name, name_key = j."nameKey",
      description = j.description, unit = j.unit, attributes = j.attributes,
      reorder_point = j."reorderPoint", category_id = j.category, updated_at = j."updatedAt",
      version = x.version + 1
    from ${rows} j where x.id = j.id and ${dialect.owned('x')}`;
});

/** Changes items that are locked: any number with the same statements. Their SKUs stay. */
export async function updateItems(
  em: EntityManager,
  organizationId: number,
  changes: readonly { readonly before: Row<Item>; readonly values: ItemValues }[],
): Promise<void> {
  if (changes.length === 0) return;
  const rows = changes.map(({ before, values }) => ({
    ...{ ...values, id: before.id, nameKey: foldKey(values.name) },
    updatedAt: laterThan(before.updatedAt),
  }));
  await run(em, organizationId, UPDATE, [new JsonRows(rows)]);
  await writeWords(em, organizationId, rows);
}

/** An item as a file knows it. */
export interface BareItem {
  readonly sku: string;
  readonly name: string;
  readonly unit: string;
}

/**
 * Creates those items of a list whose SKU nobody has yet, counted in whole units: any number with the
 * same few statements. Items that are there already stay as they are.
 * @returns how many were created.
 */
export async function createMissingItems(
  em: EntityManager,
  { organizationId, userId }: Viewer,
  items: readonly BareItem[],
): Promise<number> {
  const fixed = { decimals: 0, tracking: 'NONE' } as const;
  const empty = { description: null, attributes: {}, reorderPoint: null, category: null };
  const rows = items.map(({ sku, name, unit }) => ({ sku, name, unit, ...fixed, ...empty }));
  const created = await insertItems(em, organizationId, rows);
  if (created.size === 0) return 0;
  const byKey = new Map(items.map((item) => [foldKey(item.sku), item]));
  const changes = [...created].map(([skuKey, subjectId]) => ({
    ...{ action: 'item.create', actorId: userId, subjectType: 'Item', subjectId },
    changes: { ...byKey.get(skuKey), ...fixed },
  }));
  await record(em, organizationId, changes);
  return created.size;
}
