import type { Viewer } from '../access/viewer.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { findOwned, refuseOtherVersion } from '../database/owned.ts';
import { run, Statement } from '../database/statement.ts';
import { lockTrees } from '../database/tree.ts';
import { InvalidInput, InvalidState, NotFound } from '../errors.ts';
import { record } from '../journal/journal.service.ts';
import { Category } from './category.entity.ts';
import { findCategory } from './category.service.ts';

/** A category that is to go. */
export interface CategoryDeletion {
  /** The key of the category. */
  readonly category: number;
  readonly ifVersion?: number | null | undefined;
  /** The key of the category that its items go to, null for none; unsaid, it must have no items. */
  readonly items?: number | null | undefined;
}

/** What became of a category's deletion. */
export interface DeletedCategory {
  /** The key that it had. */
  readonly id: number;
  /** How many items went elsewhere. */
  readonly itemsMoved: number;
}

/** Whoever changes an item locks it before its category: so does whoever changes many. */
const LOCK_ITEMS = new Statement<unknown>(
  (dialect) => `select x.id from items x
    where ${dialect.owned('x')} and x.category_id = $2 order by x.id ${dialect.forUpdate('x')}`,
);

const USES = new Statement<{ below: number; items: number }>(
  (dialect) => `select
    (select count(*) from categories x where ${dialect.owned('x')} and x.parent_id = $2) as "below",
    (select count(*) from items x where ${dialect.owned('x')} and x.category_id = $2) as "items"`,
);

const MOVE_ITEMS = new Statement<{ id: number }>(
  (dialect) => `update items as x set category_id = cast($3 as bigint), version = x.version + 1,
      updated_at = ${dialect.greatest('x.updated_at', dialect.time('$4'))}
    where ${dialect.owned('x')} and x.category_id = $2 returning id as "id"`,
);

const DELETE = new Statement<never>(
  () => 'delete from categories where organization_id = $1 and id = $2',
);

const CATEGORY = ['input', 'category'];
const ITEMS = ['input', 'items', 'category'];

/**
 * Deletes a category, and puts its items elsewhere, with the same few statements for any number of
 * them.
 * @throws NotFound for the category and where its items go, VersionConflict, InvalidInput when they
 *   would go where they are, InvalidState when categories lie below it, or it has items and nobody says
 *   where they go.
 */
export async function deleteCategory(
  em: EntityManager,
  { organizationId, userId }: Viewer,
  { category: id, ifVersion, items: target }: CategoryDeletion,
): Promise<DeletedCategory> {
  await lockTrees(em, organizationId);
  await run(em, organizationId, LOCK_ITEMS, [id]);
  const category = await findCategory(em, organizationId, id);
  refuseOtherVersion(em, category, ifVersion);
  const [uses] = await run(em, organizationId, USES, [id]);
  refuseUses(category, uses ?? { below: 0, items: 0 }, target !== undefined);
  if (typeof target === 'number') await checkTarget(em, organizationId, { category: id, target });
  const values = [id, target ?? null, new Date()];
  const moved = await run(em, organizationId, MOVE_ITEMS, values);
  await run(em, organizationId, DELETE, [id]);
  const changes = { name: category.name, parent: category.parent?.id ?? null };
  await record(em, organizationId, [
    ...moved
      .map((item) => item.id)
      .sort((a, b) => a - b)
      .map((subjectId) => ({
        ...{ action: 'item.update', actorId: userId, subjectType: 'Item', subjectId },
        changes: { category: { from: id, to: target ?? null } },
      })),
    {
      ...{ action: 'category.delete', actorId: userId, subjectType: 'Category', subjectId: id },
      changes,
    },
  ]);
  return { id, itemsMoved: moved.length };
}

function refuseUses(
  { name }: Category,
  { below, items }: { readonly below: number; readonly items: number },
  itemsMove: boolean,
): void {
  if (below > 0) {
    const message = `${below} categories lie below ${name}. Move or delete them first.`;
    throw new InvalidState(message, CATEGORY);
  }
  if (items === 0 || itemsMove) return;
  const message = `${items} items are in ${name}. Say with \`items\` where they go.`;
  throw new InvalidState(message, CATEGORY);
}

async function checkTarget(
  em: EntityManager,
  organizationId: number,
  { category, target }: { readonly category: number; readonly target: number },
): Promise<void> {
  if (target === category) {
    throw new InvalidInput('Items cannot stay in a category that is deleted.', ITEMS);
  }
  const found = await findOwned(em, organizationId, Category, { id: target });
  if (!found) throw new NotFound('The category for the items does not exist.', ITEMS);
}
