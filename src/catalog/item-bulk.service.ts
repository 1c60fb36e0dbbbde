import type { Viewer } from '../access/viewer.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { foldKey } from '../database/key.ts';
import { JsonRows, run, Statement } from '../database/statement.ts';
import { record } from '../journal/journal.service.ts';

/** An item as a file knows it. */
export interface BareItem {
  readonly sku: string;
  readonly name: string;
  readonly unit: string;
}

const INSERT_MISSING = new Statement<{ id: number; sku: string }>((dialect) => {
  const rows = dialect.jsonRows('$2', {
    sku: 'text',
    skuKey: 'text',
    name: 'text',
    nameKey: 'text',
    unit: 'text',
    attributes: 'json',
  });
  return `insert into items (organization_id, sku, sku_key, name, name_key, unit, decimals, tracking,
      attributes, created_at, updated_at, version)
    select cast($1 as bigint), sku, "skuKey", name, "nameKey", unit, 0, 'NONE', attributes,
      ${dialect.time('$3')}, ${dialect.time('$3')}, 1
    from ${rows} j where true order by "skuKey"
    on conflict (organization_id, sku_key) do nothing returning id as "id", sku as "sku"`;
});

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
  const rows = items.map(({ sku, name, unit }) => {
    const keys = { skuKey: foldKey(sku), nameKey: foldKey(name) };
    return { sku, name, unit, ...keys, attributes: {} };
  });
  const created = await run(em, organizationId, INSERT_MISSING, [new JsonRows(rows), new Date()]);
  if (created.length === 0) return 0;
  const bySku = new Map(items.map((item) => [item.sku, item]));
  const changes = created.map(({ id, sku }) => ({
    action: 'item.create',
    actorId: userId,
    subjectType: 'Item',
    subjectId: id,
    changes: { ...bySku.get(sku), decimals: 0, tracking: 'NONE' },
  }));
  await record(em, organizationId, changes);
  return created.length;
}
