import { z } from 'zod';
import type { Viewer } from '../access/viewer.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { foldKey } from '../database/key.ts';
import { findOwned, flushUnique, refuseOtherVersion } from '../database/owned.ts';
import { type Row, rowOf } from '../database/rows.ts';
import { run, Statement } from '../database/statement.ts';
import { AlreadyExists, NotFound } from '../errors.ts';
import { checkInput, requiredText } from '../input.ts';
import { record } from '../journal/journal.service.ts';
import { saveChange } from '../journal/row-change.service.ts';
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
  await flushUnique(em, () => nameTaken(name));
  const subject = { subjectType: 'Tag', subjectId: tag.id };
  await record(em, organizationId, [
    { action: 'tag.create', actorId: userId, ...subject, changes: { name } },
  ]);
  return rowOf(em, tag);
}

/** A tag that a caller names. */
export interface NamedTag {
  /** The key of the tag. */
  readonly tag: number;
  readonly ifVersion?: number | null | undefined;
}

/**
 * Gives a tag another name.
 * @throws InvalidInput, NotFound, AlreadyExists for the name, VersionConflict with the tag as it is now.
 */
export async function updateTag(
  em: EntityManager,
  viewer: Viewer,
  input: NamedTag & { readonly name?: string | null | undefined },
): Promise<Row<Tag>> {
  const tag = await findTag(em, viewer, input);
  const before = rowOf(em, tag);
  if (typeof input.name === 'string') {
    const { name } = checkInput(Texts, input);
    Object.assign(tag, { name, nameKey: foldKey(name) });
  }
  return saveChange(em, viewer, {
    ...{ entity: tag, before, properties: ['name'] },
    action: 'tag.update',
    taken: () => nameTaken(tag.name),
  });
}

const TAKE_OFF = new Statement<{ item: number }>(
  (dialect) => `delete from item_tags as x
    where ${dialect.owned('x')} and x.tag_id = $2 returning item_id as "item"`,
);

const DELETE = new Statement<never>(
  () => 'delete from tags where organization_id = $1 and id = $2',
);

/** What became of a tag's deletion. */
export interface DeletedTag {
  /** The key that it had. */
  readonly id: number;
  /** How many items carried it. */
  readonly itemsUntagged: number;
}

/**
 * Deletes a tag, and takes it off all items. To the items that is no change: their versions stay.
 * @throws NotFound, VersionConflict with the tag as it is now.
 */
export async function deleteTag(
  em: EntityManager,
  viewer: Viewer,
  input: NamedTag,
): Promise<DeletedTag> {
  const { organizationId, userId } = viewer;
  const { id, name } = await findTag(em, viewer, input);
  const { length: items } = await run(em, organizationId, TAKE_OFF, [id]);
  await run(em, organizationId, DELETE, [id]);
  const subject = { subjectType: 'Tag', subjectId: id };
  await record(em, organizationId, [
    { action: 'tag.delete', actorId: userId, ...subject, changes: { name, items } },
  ]);
  return { id, itemsUntagged: items };
}

async function findTag(
  em: EntityManager,
  { organizationId }: Viewer,
  { tag: id, ifVersion }: NamedTag,
): Promise<Tag> {
  const tag = await findOwned(em, organizationId, Tag, { id });
  if (!tag) throw new NotFound('The tag does not exist.', ['input', 'tag']);
  refuseOtherVersion(em, tag, ifVersion);
  return tag;
}

const nameTaken = (name: string): AlreadyExists =>
  new AlreadyExists(`A tag has the name ${name} already.`, ['input', 'name']);
