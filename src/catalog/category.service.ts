import { z } from 'zod';
import type { Viewer } from '../access/viewer.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { foldKey } from '../database/key.ts';
import { findOwned, flushUnique, refuseOtherVersion } from '../database/owned.ts';
import { type Row, rowOf } from '../database/rows.ts';
import { isWithin, lockTrees } from '../database/tree.ts';
import { AlreadyExists, InvalidInput, NotFound } from '../errors.ts';
import { checkInput, requiredText } from '../input.ts';
import { record } from '../journal/journal.service.ts';
import { saveChange } from '../journal/row-change.service.ts';
import { Category } from './category.entity.ts';

/** What a new category is made of. */
export interface NewCategory {
  readonly name: string;
  /** The key of the category above it. */
  readonly parent: number | null;
}

/** What is to change of a category. What is left out stays as it is. */
export interface CategoryChange {
  /** The key of the category. */
  readonly category: number;
  readonly ifVersion?: number | null | undefined;
  readonly name?: string | null | undefined;
  /** The key of the category above it from now on; null for the top. */
  readonly parent?: number | null | undefined;
}

const Texts = z.object({ name: requiredText });

/**
 * Creates a category.
 * @throws InvalidInput, NotFound for the parent, AlreadyExists for the name below that parent.
 */
export async function createCategory(
  em: EntityManager,
  { organizationId, userId }: Viewer,
  input: NewCategory,
): Promise<Row<Category>> {
  const { name } = checkInput(Texts, input);
  const parent = await findParent(em, organizationId, input.parent);
  const now = new Date();
  const category = em.create(Category, {
    organization: organizationId,
    name,
    nameKey: foldKey(name),
    parent,
    parentKey: parent?.id ?? 0,
    createdAt: now,
    updatedAt: now,
  });
  const where = parent ? `below ${parent.name}` : 'at the top';
  await flushUnique(em, () => nameTaken(where, name));
  const subject = { subjectType: 'Category', subjectId: category.id };
  const changes = { name, parent: parent?.id ?? null };
  await record(em, organizationId, [
    { action: 'category.create', actorId: userId, ...subject, changes },
  ]);
  return rowOf(em, category);
}

/**
 * Changes a category: its name, its place in the tree, or both. What lies below it moves along.
 * @throws InvalidInput for a place below itself, NotFound, AlreadyExists for the name below the parent,
 *   VersionConflict with the category as it is now.
 */
export async function updateCategory(
  em: EntityManager,
  viewer: Viewer,
  input: CategoryChange,
): Promise<Row<Category>> {
  const { organizationId } = viewer;
  const { parent } = input;
  if (parent !== undefined) await lockTrees(em, organizationId);
  const category = await findCategory(em, organizationId, input.category);
  refuseOtherVersion(em, category, input.ifVersion);
  const before = rowOf(em, category);
  if (typeof input.name === 'string') {
    const { name } = checkInput(Texts, input);
    Object.assign(category, { name, nameKey: foldKey(name) });
  }
  if (parent !== undefined && parent !== before.parent) {
    await refuseCircle(em, organizationId, { row: parent, above: before.id });
    const found = await findParent(em, organizationId, parent);
    em.assign(category, { parent: found, parentKey: found?.id ?? 0 } as never);
  }
  return saveChange(em, viewer, {
    ...{ entity: category, before, properties: ['name', 'parent'] },
    action: 'category.update',
    taken: () => nameTaken('in that place', category.name),
  });
}

/** @throws NotFound. */
export async function findCategory(
  em: EntityManager,
  organizationId: number,
  id: number,
): Promise<Category> {
  const category = await findOwned(em, organizationId, Category, { id });
  if (!category) throw new NotFound('The category does not exist.', ['input', 'category']);
  return category;
}

async function findParent(
  em: EntityManager,
  organizationId: number,
  id: number | null,
): Promise<Category | null> {
  const parent = id === null ? null : await findOwned(em, organizationId, Category, { id });
  if (id !== null && !parent) {
    throw new NotFound('The parent category does not exist.', ['input', 'parent']);
  }
  return parent;
}

async function refuseCircle(
  em: EntityManager,
  organizationId: number,
  { row, above }: { readonly row: number | null; readonly above: number },
): Promise<void> {
  if (row === null || !(await isWithin(em, organizationId, Category, { row, above }))) return;
  throw new InvalidInput('A category cannot lie below itself.', ['input', 'parent']);
}

const nameTaken = (where: string, name: string): AlreadyExists =>
  new AlreadyExists(`A category ${where} has the name ${name} already.`, ['input', 'name']);
