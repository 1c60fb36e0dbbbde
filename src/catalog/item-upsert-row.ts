import { z } from 'zod';
import { foldKey } from '../database/key.ts';
import type { Row } from '../database/rows.ts';
import { type InputPath, InvalidInput } from '../errors.ts';
import { checkInput, optionalLongText, requiredText } from '../input.ts';
import { itemBarcodes } from './barcode.service.ts';
import { MAX_PATH } from './category-path.service.ts';
import type { Item, Tracking } from './item.entity.ts';
import { MAX_TAGS } from './item.service.ts';
import { itemAttributes } from './item-attributes.ts';
import type { ItemValues } from './item-bulk.service.ts';
import { refuseDecimals, reorderPointOf } from './item-rules.ts';

/** An item as a list knows it. What is left out stays as it is, or as a new item has it. */
export interface UpsertRow {
  readonly sku: string;
  readonly name?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly unit?: string | null | undefined;
  readonly decimals?: number | null | undefined;
  readonly tracking?: Tracking | null | undefined;
  readonly attributes?: unknown;
  readonly reorderPoint?: string | null | undefined;
  /** The names from the top of the tree down to its category; none or null for no category. */
  readonly category?: readonly string[] | null | undefined;
  /** The names of all its tags. */
  readonly tags?: readonly string[] | null | undefined;
  /** All its barcodes. */
  readonly barcodes?: readonly string[] | null | undefined;
}

const Fields = z.object({
  sku: requiredText,
  name: requiredText.optional(),
  unit: requiredText.optional(),
  attributes: itemAttributes.optional(),
  category: z.array(requiredText).max(MAX_PATH, `takes at most ${MAX_PATH} names`).optional(),
  tags: z.array(requiredText).max(MAX_TAGS, `takes at most ${MAX_TAGS} tags`).optional(),
  barcodes: itemBarcodes.optional(),
});

/** What is null but for these is left out. */
const Clearable = z.object({ description: optionalLongText });

/** A row that can be by itself. */
export interface CheckedRow extends z.output<typeof Fields> {
  readonly skuKey: string;
  /** Undefined where it is left out. */
  readonly description: string | null | undefined;
  readonly reorderPoint: string | null | undefined;
  readonly decimals: number | null | undefined;
  readonly tracking: Tracking | null | undefined;
}

/** @throws InvalidInput for the first value that cannot be used. */
export function checkRow(row: UpsertRow, root: InputPath): CheckedRow {
  const { reorderPoint, decimals, tracking } = row;
  const given = Object.entries(row).filter(([, value]) => value !== null);
  const fields = checkInput(Fields, Object.fromEntries(given), root);
  const { description } = checkInput(Clearable, row, root);
  return {
    ...{ ...fields, reorderPoint, decimals, tracking },
    skuKey: foldKey(fields.sku),
    description: row.description === undefined ? undefined : description,
    ...(row.category === null && { category: [] }),
  };
}

/**
 * What the item of a row is to be; its category stays as it is.
 * @throws InvalidInput when a new item lacks its name, or what is fixed would change.
 */
export function valuesOf(
  row: CheckedRow,
  existing: Row<Item> | undefined,
  root: InputPath,
): ItemValues {
  const { decimals, tracking } = countingOf(row, existing, root);
  const name = row.name ?? existing?.name;
  if (name === undefined) throw new InvalidInput('A new item needs a name.', [...root, 'name']);
  const { description = existing?.description ?? null, reorderPoint } = row;
  return {
    ...{ sku: existing?.sku ?? row.sku, name, description },
    unit: row.unit ?? existing?.unit ?? 'pcs',
    ...{ decimals, tracking },
    attributes: row.attributes ?? existing?.attributes ?? {},
    reorderPoint:
      reorderPoint === undefined
        ? (existing?.reorderPoint ?? null)
        : reorderPointOf(reorderPoint, decimals, root),
    category: existing?.category ?? null,
  };
}

function countingOf(
  row: CheckedRow,
  existing: Row<Item> | undefined,
  root: InputPath,
): Pick<ItemValues, 'decimals' | 'tracking'> {
  if (!existing) {
    const counting = { decimals: row.decimals ?? 0, tracking: row.tracking ?? 'NONE' };
    refuseDecimals(counting, root);
    return counting;
  }
  const { decimals, tracking } = existing;
  for (const [name, fixed] of Object.entries({ decimals, tracking })) {
    const wanted = row[name as 'decimals' | 'tracking'] ?? fixed;
    if (wanted === fixed) continue;
    throw new InvalidInput(`${name} is fixed: it is ${fixed}.`, [...root, name]);
  }
  return { decimals, tracking };
}
