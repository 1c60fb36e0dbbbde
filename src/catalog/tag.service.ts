import { z } from 'zod';
import type { Viewer } from '../access/viewer.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { foldKey } from '../database/key.ts';
import { flushUnique } from '../database/owned.ts';
import { type Row, rowOf } from '../database/rows.ts';
import { AlreadyExists } from '../errors.ts';
import { checkInput, requiredText } from '../input.ts';
import { record } from '../journal/journal.service.ts';
import { Tag } from './tag.entity.ts';

const Texts = z.object({ name: requiredText });

/**
 * Creates a tag.
 * @throws InvalidInput, AlreadyExists for the name.
 */
export async function createTag(
  em: EntityManager,
  { organizationId, userId }: Viewer,
  input: { readonly name: string },
): Promise<Row<Tag>> {
  const { name } = checkInput(Texts, input);
  const now = new Date();
  const tag = em.create(Tag, {
    organization: organizationId,
    name,
    nameKey: foldKey(name),
    createdAt: now,
    updatedAt: now,
  });
  const message = `A tag has the name ${name} already.`;
  await flushUnique(em, () => new AlreadyExists(message, ['input', 'name']));
  const subject = { subjectType: 'Tag', subjectId: tag.id };
  await record(em, organizationId, [
    { action: 'tag.create', actorId: userId, ...subject, changes: { name } },
  ]);
  return rowOf(em, tag);
}
