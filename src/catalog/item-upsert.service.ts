import type { Viewer } from '../access/viewer.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { foldKey } from '../database/key.ts';
import { rowsWhereIn } from '../database/read.ts';
import type { Row } from '../database/rows.ts';
import { run } from '../database/statement.ts';
import { Outdated } from '../database/transaction.ts';
import { DomainError, InvalidInput } from '../errors.ts';
import { difference, record } from '../journal/journal.service.ts';
import { inOrder, writeBarcodes } from './barcode.service.ts';
import { CategoryPaths } from './category-path.service.ts';
import { Item } from './item.entity.ts';
import { type RefusedRow, RowsRefused } from './item.errors.ts';
import { CHANGEABLE } from './item.service.ts';
import { type ItemValues, insertItems, updateItems } from './item-bulk.service.ts';
import { writeTagLinks } from './item-tags.service.ts';
import { type CheckedRow, checkRow, type UpsertRow, valuesOf } from './item-upsert-row.ts';
import { KnownItems } from './known-items.ts';
import { findOrMakeTags, type NamedTags } from './tag-name.service.ts';

/** The most rows that one call takes. */
export const MAX_ROWS = 1000;

/** What becomes of the good rows when others are refused. */
export type ErrorPolicy = 'ALL_OR_NOTHING' | 'SKIP';

/** What became of a row. */
export interface UpsertedRow {
  /** Its place in the call, 0 for the first. */
  readonly index: number;
  readonly action: 'CREATED' | 'UPDATED' | 'UNCHANGED' | 'FAILED';
  /** The item as it is now; null for a row that failed. */
  readonly item: Row<Item> | null;
  readonly error: DomainError | null;
}

/**
 * Makes items be as a list says, found by their SKU: those that are missing are created, with the
 * categories and tags that they need. The number of statements depends on how deep the categories lie,
 * and not on the rows. Rows count in their order, so that one can take the barcode that one before it
 * gives up.
 * @returns what became of each row, in their order.
 * @throws InvalidInput for no rows or too many; RowsRefused with every row that cannot be, if one is
 *   enough to refuse all.
 */
export async function upsertItems(
  em: EntityManager,
  viewer: Viewer,
  { items, onError }: { readonly items: readonly UpsertRow[]; readonly onError: ErrorPolicy },
): Promise<UpsertedRow[]> {
  if (items.length < 1 || items.length > MAX_ROWS) {
    const message = `A call takes 1 to ${MAX_ROWS} rows, got ${items.length}.`;
    throw new InvalidInput(message, ['input', 'items']);
  }
  const refused: RefusedRow[] = [];
  const checked = attempt([...items.entries()], refused, checkRow);
  const known = await KnownItems.find(
    em,
    viewer.organizationId,
    checked.map(([, row]) => row),
  );
  const planned = attempt(checked, refused, planner(known));
  if (refused.length > 0 && onError === 'ALL_OR_NOTHING') {
    throw new RowsRefused(refused.toSorted((a, b) => a.index - b.index));
  }
  const drafts = await draftRows(em, viewer, planned);
  const done = await writeDrafts(em, viewer, drafts);
  const failed = refused.map(
    ({ index, error }): UpsertedRow => ({ index, action: 'FAILED', item: null, error }),
  );
  return [...done, ...failed].sort((a, b) => a.index - b.index);
}

type Numbered<T> = readonly [index: number, row: T];

/** Does a part of the work for each row; those that are refused are told of, and left out. */
function attempt<T, R>(
  rows: readonly Numbered<T>[],
  refused: RefusedRow[],
  work: (row: T, path: string[]) => R,
): Numbered<R>[] {
  return rows.flatMap(([index, row]): Numbered<R>[] => {
    try {
      return [[index, work(row, ['input', 'items', String(index)])]];
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      refused.push({ index, error });
      return [];
    }
  });
}

/** A row that can be, and the item that is there for it. */
interface PlannedRow {
  readonly row: CheckedRow;
  readonly existing: ReturnType<KnownItems['get']>;
  readonly values: ItemValues;
}

function planner(known: KnownItems): (row: CheckedRow, path: string[]) => PlannedRow {
  const seen = new Set<string>();
  return (row, path) => {
    if (seen.has(row.skuKey)) {
      throw new InvalidInput('The SKU is there twice.', [...path, 'sku']);
    }
    seen.add(row.skuKey);
    const existing = known.get(row.skuKey);
    const values = valuesOf(row, existing?.item, path);
    if (row.barcodes) known.claims.claim(row.skuKey, row.barcodes, [...path, 'barcodes']);
    return { row, existing, values };
  };
}

/** What a row comes to. */
interface Draft extends PlannedRow {
  readonly index: number;
  /** The keys of all tags of its item. */
  readonly tags: readonly number[];
  /** All barcodes of its item. */
  readonly barcodes: readonly string[];
  /** What is recorded of it; null when nothing changes. */
  readonly changes: Readonly<Record<string, unknown>> | null;
}

interface Drafts {
  readonly rows: readonly Draft[];
  readonly paths: CategoryPaths;
  readonly tags: NamedTags;
}

async function draftRows(
  em: EntityManager,
  viewer: Viewer,
  planned: readonly Numbered<PlannedRow>[],
): Promise<Drafts> {
  const rows = planned.map(([, { row }]) => row);
  const wanted = rows.flatMap(({ category }) => (category ? [category] : []));
  const paths = await CategoryPaths.find(em, viewer, wanted);
  const named = rows.flatMap(({ tags }) => tags ?? []);
  const tags = await findOrMakeTags(em, viewer, named);
  const draft = ([index, plan]: Numbered<PlannedRow>) => draftOf(index, plan, { paths, tags });
  return { rows: planned.map(draft), paths, tags };
}

function draftOf(
  index: number,
  plan: PlannedRow,
  { paths, tags }: Pick<Drafts, 'paths' | 'tags'>,
): Draft {
  const { row, existing } = plan;
  const values = row.category
    ? { ...plan.values, category: paths.idOf(row.category) }
    : plan.values;
  const before = {
    tags: existing?.links.map(({ tag }) => tag) ?? [],
    barcodes: existing?.barcodes.map(({ code }) => code) ?? [],
  };
  const keys = row.tags?.map((name) => tags.ids.get(foldKey(name)) as number);
  const after = {
    tags: keys ? [...new Set(keys)].sort((a, b) => a - b) : before.tags,
    barcodes: row.barcodes ? inOrder(row.barcodes) : before.barcodes,
  };
  const changes = existing
    ? updateOf({ ...existing.item, ...before }, { ...values, ...after })
    : { ...values, ...after };
  return { ...plan, ...after, index, values, changes };
}

type Comparable = ItemValues & Pick<Draft, 'tags' | 'barcodes'>;

const updateOf = (before: Comparable, after: Comparable) =>
  difference(before, after, [...CHANGEABLE, 'tags', 'barcodes']);

async function writeDrafts(
  em: EntityManager,
  viewer: Viewer,
  { rows, paths, tags }: Drafts,
): Promise<UpsertedRow[]> {
  const { organizationId, userId } = viewer;
  const fresh = rows.filter(({ existing }) => !existing);
  const created = await insertItems(
    em,
    organizationId,
    fresh.map(({ values }) => values),
  );
  // Somebody created one of them after it was looked for.
  if (created.size < fresh.length) throw new Outdated();
  const keyOf = ({ existing, row }: Draft) =>
    existing?.item.id ?? (created.get(row.skuKey) as number);
  const changed = rows.filter(({ changes }) => changes !== null);
  await updateItems(
    em,
    organizationId,
    changed.flatMap(({ existing, values }) =>
      existing ? [{ before: existing.item, values }] : [],
    ),
  );
  await writeTagLinks(
    em,
    organizationId,
    changed.map((draft) => ({
      ...{ item: keyOf(draft), tags: draft.tags },
      known: draft.existing?.links ?? [],
    })),
  );
  await writeBarcodes(
    em,
    organizationId,
    changed.map((draft) => ({
      ...{ item: keyOf(draft), codes: draft.barcodes },
      known: draft.existing?.barcodes ?? [],
    })),
  );
  const entries = changed.map((draft) => ({
    action: draft.existing ? 'item.update' : 'item.create',
    ...{ actorId: userId, subjectType: 'Item', subjectId: keyOf(draft) },
    changes: draft.changes,
  }));
  const all = [...paths.made, ...tags.made, ...entries];
  if (all.length > 0) await record(em, organizationId, all);
  const found = await run(em, organizationId, rowsWhereIn(em, Item, 'id'), [rows.map(keyOf)]);
  const byId = new Map(found.map((item) => [item.id, item]));
  return rows.map((draft) => ({
    ...{ index: draft.index, error: null },
    action: !draft.existing ? 'CREATED' : draft.changes ? 'UPDATED' : 'UNCHANGED',
    item: byId.get(keyOf(draft)) as Row<Item>,
  }));
}
