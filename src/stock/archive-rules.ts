import type { Item } from '../catalog/item.entity.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { formatUnits } from '../database/quantity.ts';
import { run, Statement } from '../database/statement.ts';
import { InvalidState } from '../errors.ts';
import type { Location } from '../locations/location.entity.ts';

const STOCK_OF = new Statement<{ onHand: number; reserved: number }>(
  (dialect) => `select cast(coalesce(sum(v.on_hand), 0) as bigint) as "onHand",
      cast(coalesce(sum(v.reserved), 0) as bigint) as "reserved"
    from stock_levels v where ${dialect.owned('v')} and v.item_id = $2 and not v.outside`,
);

/** @throws InvalidState when stock of an item is in a real place; what is reserved is on hand. */
export async function refuseItemInUse(
  em: EntityManager,
  organizationId: number,
  { id, sku, decimals, unit }: Item,
): Promise<void> {
  const [stock] = await run(em, organizationId, STOCK_OF, [id]);
  if (!stock || (stock.onHand === 0 && stock.reserved === 0)) return;
  const onHand = `${formatUnits(stock.onHand, decimals)} ${unit} on hand`;
  const reserved = `${formatUnits(stock.reserved, decimals)} of it reserved`;
  const message = `Of the item ${sku} there is ${onHand}, ${reserved}.`;
  throw new InvalidState(message, ['input', 'item']);
}

const USES_OF = new Statement<{ stocked: number; reserved: number; below: number }>(
  (dialect) => `select
    (select count(distinct v.item_id) from stock_levels v where ${dialect.owned('v')}
      and v.location_id = $2 and v.on_hand <> 0) as "stocked",
    (select count(distinct v.item_id) from stock_levels v where ${dialect.owned('v')}
      and v.location_id = $2 and v.reserved <> 0) as "reserved",
    (select count(*) from locations x where ${dialect.owned('x')}
      and x.parent_id = $2 and x.archived_at is null) as "below"`,
);

/** @throws InvalidState when stock is at a location, or locations in use lie in it. */
export async function refuseLocationInUse(
  em: EntityManager,
  organizationId: number,
  { id, code }: Location,
): Promise<void> {
  const [uses] = await run(em, organizationId, USES_OF, [id]);
  const { stocked, reserved, below } = uses ?? { stocked: 0, reserved: 0, below: 0 };
  const inTheWay = [
    ...(stocked > 0 ? [`items on hand: ${stocked}`] : []),
    ...(reserved > 0 ? [`items reserved: ${reserved}`] : []),
    ...(below > 0 ? [`locations in use: ${below}`] : []),
  ];
  if (inTheWay.length === 0) return;
  const message = `There is something in the location ${code} (${inTheWay.join(', ')}).`;
  throw new InvalidState(message, ['input', 'location']);
}
