import type { Viewer } from '../access/viewer.ts';
import type { Item } from '../catalog/item.entity.ts';
import { findItem } from '../catalog/item.service.ts';
import type { ItemReference } from '../catalog/item-reference.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { laterThan, refuseOtherVersion } from '../database/owned.ts';
import { type Row, rowOf } from '../database/rows.ts';
import { InvalidState } from '../errors.ts';
import { takeArchivingPlace, writeEntries } from '../journal/journal.service.ts';
import { saveChange } from '../journal/row-change.service.ts';
import { isOutside, type Location } from '../locations/location.entity.ts';
import { findLocation, findParentOf, type NamedLocation } from '../locations/location.service.ts';
import { refuseItemInUse, refuseLocationInUse } from './archive-rules.ts';

/** An item that a caller names, and the version that the caller knows: any other is a conflict. */
export interface VersionedItem {
  readonly item: ItemReference;
  readonly ifVersion?: number | null | undefined;
}

/** A location that a caller names, likewise. */
export interface VersionedLocation {
  readonly location: NamedLocation;
  readonly ifVersion?: number | null | undefined;
}

/**
 * Puts an item out of use: no stock of it moves any more. One that is archived already stays as it is.
 * @throws NotFound, VersionConflict, InvalidState when there is stock of it in a real place.
 */
export async function archiveItem(
  em: EntityManager,
  viewer: Viewer,
  { item: reference, ifVersion }: VersionedItem,
): Promise<Row<Item>> {
  const item = await findItem(em, viewer.organizationId, reference);
  refuseOtherVersion(em, item, ifVersion);
  return archive(em, viewer, item, () => refuseItemInUse(em, viewer.organizationId, item));
}

/**
 * Takes an item back into use. One that is in use stays as it is.
 * @throws NotFound, VersionConflict.
 */
export async function restoreItem(
  em: EntityManager,
  viewer: Viewer,
  { item: reference, ifVersion }: VersionedItem,
): Promise<Row<Item>> {
  const item = await findItem(em, viewer.organizationId, reference);
  refuseOtherVersion(em, item, ifVersion);
  return restore(em, viewer, item);
}

/**
 * Puts a location out of use: no stock moves there any more. One that is archived already stays so.
 * @throws NotFound, VersionConflict, InvalidState for an outside world, and when stock is there or
 *   locations in use lie in it.
 */
export async function archiveLocation(
  em: EntityManager,
  viewer: Viewer,
  { location: reference, ifVersion }: VersionedLocation,
): Promise<Row<Location>> {
  const location = await findLocation(em, viewer.organizationId, reference);
  refuseOtherVersion(em, location, ifVersion);
  if (isOutside(location.kind)) {
    throw new InvalidState('An outside world is always in use.', ['input', 'location']);
  }
  const check = () => refuseLocationInUse(em, viewer.organizationId, location);
  return archive(em, viewer, location, check);
}

/**
 * Takes a location back into use. One that is in use stays as it is.
 * @throws NotFound, VersionConflict, InvalidState when the location that it lies in is archived.
 */
export async function restoreLocation(
  em: EntityManager,
  viewer: Viewer,
  { location: reference, ifVersion }: VersionedLocation,
): Promise<Row<Location>> {
  const location = await findLocation(em, viewer.organizationId, reference);
  refuseOtherVersion(em, location, ifVersion);
  const parent = await findParentOf(em, viewer.organizationId, location);
  if (parent && parent.archivedAt !== null) {
    const message = `It lies in ${parent.code}, which is archived. Restore that first.`;
    throw new InvalidState(message, ['input', 'location']);
  }
  return restore(em, viewer, location);
}

/**
 * Archives a row. Whether it is in use is looked up after the place in the journal is taken: what moved
 * before that is seen, and what would move after it, on names that were read before, is done again.
 */
async function archive<E extends Item | Location>(
  em: EntityManager,
  { organizationId, userId }: Viewer,
  entity: E,
  refuseInUse: () => Promise<void>,
): Promise<Row<E>> {
  if (entity.archivedAt !== null) return rowOf(em, entity);
  const journal = await takeArchivingPlace(em, organizationId);
  await refuseInUse();
  const { recordedAt } = journal;
  entity.archivedAt = recordedAt;
  entity.updatedAt = laterThan(entity.updatedAt);
  await em.flush();
  const subjectType = entity.constructor.name;
  const action = `${subjectType.toLowerCase()}.archive`;
  const subject = { subjectType, subjectId: entity.id };
  const changes = { archivedAt: { from: null, to: recordedAt } };
  await writeEntries(em, organizationId, journal, [
    { action, actorId: userId, ...subject, changes },
  ]);
  return rowOf(em, entity);
}

function restore<E extends Item | Location>(
  em: EntityManager,
  viewer: Viewer,
  entity: E,
): Promise<Row<E>> {
  const before = rowOf(em, entity);
  entity.archivedAt = null;
  return saveChange(em, viewer, {
    // Both have it, which their common type does not know.
    ...{ entity, before, properties: ['archivedAt'] as never },
    action: `${entity.constructor.name.toLowerCase()}.restore`,
  });
}
