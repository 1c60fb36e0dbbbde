import { Item } from '../catalog/item.entity.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { formatUnits } from '../database/quantity.ts';
import { madeOnce, type Row, tableOf } from '../database/rows.ts';
import { sortedJson } from '../database/sorted-json.ts';
import { run, Statement } from '../database/statement.ts';
import { findCategoryPaths, findNamesOf } from './catalog-names.ts';
import type { ToldRow } from './columns.ts';
import type { ITEM_COLUMNS } from './item-columns.ts';

/** How many items are read at once. */
const PAGE = 1000;

const pageStatement = madeOnce((em): Statement<Row<Item>> => {
  const table = tableOf(em, Item);
  return new Statement<Row<Item>>(
    () => `select ${table.columns('x')} from items x
      where x.organization_id = $1 and x.sku_key > $2 order by x.sku_key limit ${PAGE}`,
    table.decode,
  );
});

/** All items as rows of a file, by their SKU: page by page. */
export async function* exportItems(
  em: EntityManager,
  organizationId: number,
): AsyncGenerator<ToldRow<typeof ITEM_COLUMNS>[]> {
  const pathOf = await findCategoryPaths(em, organizationId);
  let after = '';
  for (;;) {
    const items = await run(em, organizationId, pageStatement(em), [after]);
    if (items.length === 0) return;
    const namesOf = await findNamesOf(
      em,
      organizationId,
      items.map(({ id }) => id),
    );
    yield items.map((item) => ({
      ...{ sku: item.sku, name: item.name, description: item.description, unit: item.unit },
      ...{ decimals: item.decimals, tracking: item.tracking },
      category: pathOf(item.category),
      ...namesOf(item.id),
      reorderPoint:
        item.reorderPoint === null ? null : formatUnits(item.reorderPoint, item.decimals),
      attributes: sortedJson(item.attributes),
      archived: item.archivedAt !== null,
    }));
    after = items.at(-1)?.skuKey ?? '';
  }
}
