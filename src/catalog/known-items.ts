import type { EntityManager } from '../database/entity-manager.ts';
import { foldKey } from '../database/key.ts';
import { madeOnce, type Row, tableOf } from '../database/rows.ts';
import { run, Statement } from '../database/statement.ts';
import { Outdated } from '../database/transaction.ts';
import { findBarcodes, type KnownBarcode } from './barcode.service.ts';
import { BarcodeClaims } from './barcode-claims.ts';
import { Item } from './item.entity.ts';
import { findTagLinks, type TagLink } from './item-tags.service.ts';

/** An item that is there, with what belongs to it. */
export interface KnownItem {
  readonly item: Row<Item>;
  readonly links: readonly TagLink[];
  readonly barcodes: readonly KnownBarcode[];
}

/** Locks items in one order, so that no two lists ever wait for each other in a circle. */
const lockStatement = madeOnce((em): Statement<Row<Item>> => {
  const table = tableOf(em, Item);
  return new Statement<Row<Item>>(
    (dialect) => `select ${table.columns('x')} from items x
      where x.organization_id = $1 and ${dialect.isIn('x.sku_key', '$2', 'text')}
      order by x.id ${dialect.forUpdate('x')}`,
    table.decode,
  );
});

/** What rows name: the items that are there for them, locked, and who has which barcode. */
export class KnownItems {
  readonly #bySku: ReadonlyMap<string, KnownItem>;
  /** The barcodes of these items, and whoever has those that the rows name; items are `skuKey`s. */
  readonly claims: BarcodeClaims;

  private constructor(bySku: ReadonlyMap<string, KnownItem>, claims: BarcodeClaims) {
    this.#bySku = bySku;
    this.claims = claims;
  }

  /**
   * Reads all of it with three statements.
   * @throws Outdated, which has the work done again, when an item was made between two of them.
   */
  static async find(
    em: EntityManager,
    organizationId: number,
    rows: readonly { readonly skuKey: string; readonly barcodes?: readonly string[] | undefined }[],
  ): Promise<KnownItems> {
    const skuKeys = [...new Set(rows.map(({ skuKey }) => skuKey))];
    const items = await run(em, organizationId, lockStatement(em), [skuKeys]);
    const ids = items.map(({ id }) => id);
    const keys = rows.flatMap(({ barcodes = [] }) => barcodes.map(foldKey));
    const barcodes = await findBarcodes(em, organizationId, { items: ids, keys });
    const known = new Set(ids);
    // Who takes a barcode with an item that rows name, and was not there a moment ago, made it meanwhile.
    const isNew = ({ item, owner }: KnownBarcode) => !known.has(item) && skuKeys.includes(owner);
    if (barcodes.some(isNew)) throw new Outdated();
    const links = await findTagLinks(em, organizationId, ids);
    const barcodesOf = Map.groupBy(barcodes, ({ item }) => item);
    const linksOf = Map.groupBy(links, ({ item }) => item);
    const bySku = items.map((item): [string, KnownItem] => [
      item.skuKey,
      { item, links: linksOf.get(item.id) ?? [], barcodes: barcodesOf.get(item.id) ?? [] },
    ]);
    return new KnownItems(new Map(bySku), new BarcodeClaims(barcodes));
  }

  /** The item with a SKU. */
  get(skuKey: string): KnownItem | undefined {
    return this.#bySku.get(skuKey);
  }
}
