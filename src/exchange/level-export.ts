import type { EntityManager } from '../database/entity-manager.ts';
import { formatUnits } from '../database/quantity.ts';
import { run, Statement } from '../database/statement.ts';
import type { ToldRow } from './columns.ts';
import type { LEVEL_COLUMNS } from './level-columns.ts';

/** Of how many items levels are read at once. */
const PAGE = 200;

const ITEMS = new Statement<{ id: number; skuKey: string }>(
  () => `select x.id as "id", x.sku_key as "skuKey" from items x
    where x.organization_id = $1 and x.sku_key > $2 order by x.sku_key limit ${PAGE}`,
);

interface FoundLevel {
  readonly sku: string;
  readonly decimals: number;
  readonly location: string;
  readonly lot: string | null;
  readonly expiresOn: string | null;
  readonly onHand: number;
  readonly reserved: number;
}

const LEVELS = new Statement<FoundLevel>(
  (dialect) => `select i.sku as "sku", i.decimals as "decimals", p.code as "location",
      t.code as "lot", t.expires_on as "expiresOn", v.on_hand as "onHand", v.reserved as "reserved"
    from stock_levels v ${dialect.orderedJoin} items i on i.id = v.item_id
      ${dialect.orderedJoin} locations p on p.id = v.location_id
      left join lots t on t.id = v.lot_id
    where ${dialect.owned('v')} and ${dialect.isIn('v.item_id', '$2')}
      and not v.outside and v.on_hand <> 0
    order by i.sku_key, p.code_key, t.code_key`,
);

/** What is on hand in real places as rows of a file, by SKU, location and lot: page by page. */
export async function* exportLevels(
  em: EntityManager,
  organizationId: number,
): AsyncGenerator<ToldRow<typeof LEVEL_COLUMNS>[]> {
  let after = '';
  for (;;) {
    const items = await run(em, organizationId, ITEMS, [after]);
    if (items.length === 0) return;
    const levels = await run(em, organizationId, LEVELS, [items.map(({ id }) => id)]);
    yield levels.map(({ decimals, onHand, reserved, ...level }) => ({
      ...level,
      onHand: formatUnits(onHand, decimals),
      reserved: formatUnits(reserved, decimals),
      available: formatUnits(onHand - reserved, decimals),
    }));
    after = items.at(-1)?.skuKey ?? '';
  }
}
