import type { Viewer } from '../access/viewer.ts';
import { MAX_ROWS, type UpsertedRow, upsertItems } from '../catalog/item-upsert.service.ts';
import type { UpsertRow } from '../catalog/item-upsert-row.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { foldKey } from '../database/key.ts';
import { restoreItem } from '../stock/archive.service.ts';
import type { ToArchive } from './archiving.ts';
import { inGroups } from './groups.ts';
import type { ITEM_COLUMNS } from './item-columns.ts';
import type { Problem } from './problem.ts';
import type { TableRow } from './table.ts';
import type { Outcome } from './taking-back.ts';

type ItemRow = TableRow<typeof ITEM_COLUMNS>;

/** What became of the rows of a file. */
export interface RowsDone extends Outcome {
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly toArchive: readonly ToArchive[];
}

/**
 * Makes items be as the rows of a file say, by their SKU, with the categories and tags that they need.
 * What the file has no column for stays as it is.
 */
export async function importItems(
  em: EntityManager,
  viewer: Viewer,
  rows: AsyncIterable<ItemRow>,
): Promise<RowsDone> {
  const problems: Problem[] = [];
  const toArchive: ToArchive[] = [];
  const counts = { CREATED: 0, UPDATED: 0, UNCHANGED: 0, FAILED: 0 };
  for await (const group of inGroups(withoutDoubles(rows, problems), MAX_ROWS)) {
    const items = group.map(upsertRow);
    for (const done of await upsertItems(em, viewer, { items, onError: 'SKIP' })) {
      const row = group[done.index] as ItemRow;
      const restored = await settleArchived(em, viewer, { row, done, toArchive });
      counts[restored && done.action === 'UNCHANGED' ? 'UPDATED' : done.action] += 1;
      if (done.error) problems.push(row.problem(done.error.path?.[3] ?? '', done.error));
    }
  }
  const { CREATED: created, UPDATED: updated, UNCHANGED: unchanged } = counts;
  return { created, updated, unchanged, toArchive, problems };
}

/** Rows without those whose SKU an earlier one has. */
async function* withoutDoubles(
  rows: AsyncIterable<ItemRow>,
  problems: Problem[],
): AsyncGenerator<ItemRow> {
  const seen = new Map<string, number>();
  for await (const row of rows) {
    const key = foldKey(row.values.sku ?? '');
    const earlier = seen.get(key);
    if (earlier === undefined) {
      seen.set(key, row.row);
      yield row;
    } else {
      const message = `Row ${earlier} has the SKU already.`;
      problems.push(row.problem('sku', { code: 'INVALID_INPUT', message }));
    }
  }
}

/** A blank cell clears what can be cleared. */
function upsertRow({ values }: ItemRow): UpsertRow {
  const { sku, archived, ...fields } = values;
  const { category, tags, barcodes, attributes } = fields;
  return {
    ...fields,
    sku: sku ?? '',
    ...(category === null && { category: [] }),
    ...(tags === null && { tags: [] }),
    ...(barcodes === null && { barcodes: [] }),
    ...(attributes === null && { attributes: {} }),
  };
}

interface Settling {
  readonly row: ItemRow;
  readonly done: UpsertedRow;
  readonly toArchive: ToArchive[];
}

/** Takes an item back into use, or notes that it is to be put out of use; whether anything changes. */
async function settleArchived(
  em: EntityManager,
  viewer: Viewer,
  { row, done: { item }, toArchive }: Settling,
): Promise<boolean> {
  const { archived } = row.values;
  if (!item || typeof archived !== 'boolean' || archived === (item.archivedAt !== null))
    return false;
  if (archived) toArchive.push({ table: 'items', name: item.sku, problem: row.problem });
  else await restoreItem(em, viewer, { item: { id: item.id } });
  return true;
}
