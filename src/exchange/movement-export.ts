import type { EntityManager } from '../database/entity-manager.ts';
import { run } from '../database/statement.ts';
import type { ToldRow } from './columns.ts';
import type { MOVEMENT_COLUMNS } from './movement-columns.ts';
import { headsWhere, rowsOfMovements } from './recorded-movements.ts';

/** How many movements are read at once. */
const PAGE = 200;

const PAGE_OF = headsWhere(() => `m.seq > $2 order by m.seq limit ${PAGE}`);

/** All movements as rows of a file, in the order of the journal: page by page. */
export async function* exportMovements(
  em: EntityManager,
  organizationId: number,
): AsyncGenerator<ToldRow<typeof MOVEMENT_COLUMNS>[]> {
  let after = 0;
  for (;;) {
    const heads = await run(em, organizationId, PAGE_OF, [after]);
    if (heads.length === 0) return;
    const rows = await rowsOfMovements(em, organizationId, heads);
    yield [...rows.values()].flat();
    after = heads.at(-1)?.seq ?? after;
  }
}
