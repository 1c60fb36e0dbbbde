import type { EntityClass } from '@mikro-orm/core';
import type { EntityManager } from './entity-manager.ts';
import { tableOf } from './rows.ts';
import { run, Statement } from './statement.ts';

const LOCK = new Statement<unknown>(
  (dialect) => `select o.id from organizations o where o.id = $1 ${dialect.forUpdate('o')}`,
);

/**
 * Keeps the trees of an organization as they are until the commit, but for new leaves: whoever moves
 * or deletes within a tree takes this lock before any other. Two moves that are sound each by itself
 * could make a circle together, and no lock on the rows that they name would have them meet.
 */
export async function lockTrees(em: EntityManager, organizationId: number): Promise<void> {
  await run(em, organizationId, LOCK);
}

const statements = new Map<string, Statement<{ count: number }>>();

/** Whether a row of a tree is another one, or lies below it. Each row leads up by its `parent`. */
export async function isWithin(
  em: EntityManager,
  organizationId: number,
  entity: EntityClass<object>,
  { row, above }: { readonly row: number; readonly above: number },
): Promise<boolean> {
  const { name } = tableOf(em, entity);
  let statement = statements.get(name);
  if (!statement) {
    statement = new Statement(
      (dialect) => `with recursive up as (
          select x.id, x.parent_id from ${name} x where ${dialect.owned('x')} and x.id = $2
          union select x.id, x.parent_id from up join ${name} x on x.id = up.parent_id
            and ${dialect.owned('x')})
        select count(*) as "count" from up where up.id = $3`,
    );
    statements.set(name, statement);
  }
  const [found] = await run(em, organizationId, statement, [row, above]);
  return (found?.count ?? 0) > 0;
}
