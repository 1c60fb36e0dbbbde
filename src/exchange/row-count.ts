import type { EntityManager } from '../database/entity-manager.ts';
import { run, Statement } from '../database/statement.ts';
import type { TableName } from './tables.ts';

const COUNT: Readonly<Record<TableName, Statement<{ count: number }>>> = {
  locations: count('locations x where'),
  items: count('items x where'),
  levels: count('stock_levels x where not x.outside and x.on_hand <> 0 and'),
  movements: count('movement_lines x where'),
};

function count(rows: string): Statement<{ count: number }> {
  return new Statement(() => `select count(*) as "count" from ${rows} x.organization_id = $1`);
}

/** About how many rows a file of a table has, to tell how far its writing has come. */
export async function countRows(
  em: EntityManager,
  organizationId: number,
  table: TableName,
): Promise<number> {
  const [found] = await run(em, organizationId, COUNT[table]);
  return found?.count ?? 0;
}
