import { z } from 'zod';
import type { Viewer } from '../access/viewer.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { foldKey } from '../database/key.ts';
import { findOwned, flushUnique } from '../database/owned.ts';
import { type Row, rowOf } from '../database/rows.ts';
import { AlreadyExists, NotFound } from '../errors.ts';
import { checkInput, requiredText } from '../input.ts';
import { record } from '../journal/journal.service.ts';
import { Category } from './category.entity.ts';

/** What a new category is made of. */
export interface NewCategory {
  readonly name: string;
  /** The key of the category above it. */
  readonly parent: number | null;
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
  const { parent: parentId } = input;
  const parent =
    parentId === null ? null : await findOwned(em, organizationId, Category, { id: parentId });
  if (parentId !== null && !parent) {
    throw new NotFound('The parent category does not exist.', ['input', 'parent']);
  }
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
  const message = `A category ${where} has the name ${name} already.`;
  await flushUnique(em, () => new AlreadyExists(message, ['input', 'name']));
  const subject = { subjectType: 'Category', subjectId: category.id };
  const changes = { name, parent: parent?.id ?? null };
  await record(em, organizationId, [
    { action: 'category.create', actorId: userId, ...subject, changes },
  ]);
  return rowOf(em, category);
}
