import { z } from 'zod';
import type { EntityManager } from '../database/entity-manager.ts';
import { foldKey } from '../database/key.ts';
import { run, Statement } from '../database/statement.ts';
import { JsonRows } from '../database/statement-values.ts';
import { Outdated } from '../database/transaction.ts';
import { AlreadyExists } from '../errors.ts';
import { requiredText } from '../input.ts';
import { isSame } from '../journal/journal.service.ts';
import { MAX_BARCODES } from './barcode.entity.ts';

/** All barcodes of an item, each once. */
export const itemBarcodes = z
  .array(requiredText)
  .max(MAX_BARCODES, `takes at most ${MAX_BARCODES} barcodes`)
  .superRefine((codes, context) => {
    const keys = codes.map(foldKey);
    const twice = keys.findIndex((key, index) => keys.indexOf(key) < index);
    if (twice < 0) return;
    context.addIssue({ code: 'custom', path: [twice], message: 'is there twice' });
  });

/** A barcode, and the item that has it. */
export interface KnownBarcode {
  readonly id: number;
  readonly item: number;
  /** The `skuKey` of the item. */
  readonly owner: string;
  readonly code: string;
  readonly codeKey: string;
}

const FIND = new Statement<KnownBarcode>((dialect) => {
  const columns = `x.id as "id", x.item_id as "item", i.sku_key as "owner", x.code as "code",
    x.code_key as "codeKey" from barcodes x join items i on i.id = x.item_id`;
  return `select ${columns} where ${dialect.owned('x')} and ${dialect.isIn('x.item_id', '$2')}
    union select ${columns}
      where x.organization_id = $1 and ${dialect.isIn('x.code_key', '$3', 'text')}
    order by "codeKey"`;
});

/** The barcodes that items have, and those that some keys belong to, by key. */
export function findBarcodes(
  em: EntityManager,
  organizationId: number,
  { items, keys }: { readonly items: readonly number[]; readonly keys: readonly string[] },
): Promise<KnownBarcode[]> {
  return run(em, organizationId, FIND, [items, keys]);
}

const REMOVE = new Statement<never>(
  (dialect) => `delete from barcodes as x
    where ${dialect.owned('x')} and ${dialect.isIn('x.id', '$2')}`,
);

const ADD = new Statement<{ id: number }>(
  (dialect) => `insert into barcodes (organization_id, item_id, code, code_key)
    select cast($1 as bigint), item, code, "codeKey"
    from ${dialect.jsonRows('$2', { item: 'bigint', code: 'text', codeKey: 'text' })} j
    where true order by "codeKey"
    on conflict (organization_id, code_key) do nothing returning id as "id"`,
);

/** What items are to have from now on, and what of it they have already. */
export interface BarcodeChange {
  readonly item: number;
  readonly codes: readonly string[];
  readonly known: readonly KnownBarcode[];
}

/**
 * Gives items these barcodes and no others, with two statements for any number of them.
 * @throws Outdated, which has the work done again, when somebody took one of them meanwhile.
 */
export async function writeBarcodes(
  em: EntityManager,
  organizationId: number,
  changes: readonly BarcodeChange[],
): Promise<void> {
  const gone = changes.flatMap(({ codes, known }) =>
    known.filter(({ code }) => !codes.includes(code)).map(({ id }) => id),
  );
  const added = changes.flatMap(({ item, codes, known }) => {
    const kept = new Set(known.map(({ code }) => code));
    return codes
      .filter((code) => !kept.has(code))
      .map((code) => ({ item, code, codeKey: foldKey(code) }));
  });
  if (gone.length > 0) await run(em, organizationId, REMOVE, [gone]);
  if (added.length === 0) return;
  const { length } = await run(em, organizationId, ADD, [new JsonRows(added)]);
  if (length < added.length) throw new Outdated();
}

/** Barcodes as an item tells them: by their keys. */
export const inOrder = (codes: readonly string[]): string[] =>
  codes
    .map((code) => ({ code, key: Buffer.from(foldKey(code)) }))
    .sort((a, b) => Buffer.compare(a.key, b.key))
    .map(({ code }) => code);

/**
 * Gives an item these barcodes and no others; null when that changes nothing.
 * @throws AlreadyExists when another item has one of them.
 */
export async function replaceBarcodes(
  em: EntityManager,
  organizationId: number,
  item: number,
  wanted: readonly string[],
): Promise<{ from: string[]; to: string[] } | null> {
  const codes = wanted.map((code) => code.trim());
  const keys = codes.map(foldKey);
  const found = await findBarcodes(em, organizationId, { items: [item], keys });
  const known = found.filter((barcode) => barcode.item === item);
  const taken = new Set(found.filter((barcode) => barcode.item !== item).map((b) => b.codeKey));
  const conflict = keys.findIndex((key) => taken.has(key));
  if (conflict >= 0) {
    const path = ['input', 'barcodes', String(conflict)];
    throw barcodeTaken(codes[conflict] as string, path);
  }
  const from = known.map(({ code }) => code);
  const to = inOrder(codes);
  if (isSame(from, to)) return null;
  await writeBarcodes(em, organizationId, [{ item, codes, known }]);
  return { from, to };
}

/** What it means that another item has a barcode. */
export const barcodeTaken = (code: string, path: readonly string[]): AlreadyExists =>
  new AlreadyExists(`Another item has the barcode ${code} already.`, path);
