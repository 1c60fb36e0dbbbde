import type { Condition } from '../database/condition.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { once } from '../database/kept-statements.ts';
import { runAside } from '../database/snapshot.ts';
import { Statement } from '../database/statement.ts';
import { type GroupKey, summarySql, summedUp, sumOf } from './summary.ts';

const KEYS = {
  ITEM: { name: 'item', sql: 'v.item_id' },
  CATEGORY: { name: 'category', sql: 'i.category_id' },
  LOCATION: { name: 'location', sql: 'v.location_id' },
  LOT: { name: 'lot', sql: 'v.lot_id' },
} as const satisfies Record<string, GroupKey>;

/** What stock can be grouped by. */
export type StockGroup = keyof typeof KEYS;

/** What there is of one group. A key is undefined where the groups are not told apart by it. */
export interface StockSummary {
  readonly item?: number;
  /** Null for items without one. */
  readonly category?: number | null;
  readonly location?: number;
  /** Null for stock without one. */
  readonly lot?: number | null;
  readonly levels: number;
  readonly items: number;
  readonly itemsInStock: number;
  /** In the item's smallest unit, as text; only where each group is of one item. */
  readonly onHand?: string;
  readonly reserved?: string;
  readonly decimals?: number;
}

/** How stock is to be grouped, and which levels of the alias `v` count; all unless said. */
interface StockGrouping {
  readonly groupBy: readonly StockGroup[];
  readonly where?: Condition | undefined;
}

/** Adds stock levels up by groups: those of real places, as the outside worlds are never counted. */
export function summarizeStock(
  em: EntityManager,
  organizationId: number,
  { groupBy, where }: StockGrouping,
): Promise<StockSummary[]> {
  const key = ['stock summary', groupBy.join(), where?.text ?? ''];
  const statement = once(key, () => statementFor({ groupBy, where }), where !== undefined);
  return runAside(em, organizationId, statement, where?.values ?? []);
}

function statementFor({ groupBy, where }: StockGrouping): Statement<StockSummary> {
  const quantities = [sumOf('v.on_hand', 'onHand'), sumOf('v.reserved', 'reserved')];
  return new Statement<StockSummary>((dialect) =>
    summarySql(dialect, {
      keys: groupBy.map((group) => KEYS[group]),
      figures: [
        'count(*) as levels',
        'count(distinct v.item_id) as items',
        'count(distinct case when v.on_hand > 0 then v.item_id end) as "itemsInStock"',
        ...(groupBy.includes('ITEM') ? quantities : []),
      ],
      from: `stock_levels v
        ${groupBy.includes('CATEGORY') ? `join items i on i.id = v.item_id and ${dialect.owned('i')}` : ''}
        where ${summedUp(dialect, 'v', { where, first: 2 })} and not v.outside`,
    }),
  );
}
