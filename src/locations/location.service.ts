import { z } from 'zod';
import type { Viewer } from '../access/viewer.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { foldKey } from '../database/key.ts';
import { findOwned, flushUnique, refuseOtherVersion } from '../database/owned.ts';
import { type Row, rowOf } from '../database/rows.ts';
import { isWithin, lockTrees } from '../database/tree.ts';
import { AlreadyExists, InvalidInput, InvalidState, NotFound } from '../errors.ts';
import { checkInput, requiredText } from '../input.ts';
import { record } from '../journal/journal.service.ts';
import { saveChange } from '../journal/row-change.service.ts';
import {
  isOutside,
  Location,
  type LocationKind,
  OUTSIDE_WORLDS,
  type OutsideWorld,
} from './location.entity.ts';

/** Names a location: by its key, by its code, or as the outside world that it has been from birth. */
export type LocationReference =
  | { readonly id: number }
  | { readonly code: string }
  | { readonly world: OutsideWorld };

/** The references by which clients name a location. */
export type NamedLocation = Exclude<LocationReference, { world: OutsideWorld }>;

/** What a new location is made of. */
export interface NewLocation {
  readonly code: string;
  readonly name: string;
  readonly kind: LocationKind;
  readonly parent: NamedLocation | null;
}

/** What is to change of a location. What is left out stays as it is. */
export interface LocationChange {
  readonly location: NamedLocation;
  readonly ifVersion?: number | null | undefined;
  readonly code?: string | null | undefined;
  readonly name?: string | null | undefined;
  /** The location that it lies in from now on; null for none. */
  readonly parent?: NamedLocation | null | undefined;
}

const Texts = z.object({ code: requiredText, name: requiredText });

/**
 * Creates a location.
 * @throws InvalidInput, NotFound for the parent, InvalidState when that is archived, AlreadyExists for
 *   the code.
 */
export async function createLocation(
  em: EntityManager,
  viewer: Viewer,
  input: NewLocation,
): Promise<Row<Location>> {
  const { code, name } = checkInput(Texts, input);
  const { organizationId, userId } = viewer;
  const parent = await findParent(em, organizationId, input.parent);
  const now = new Date();
  const location = em.create(Location, {
    organization: organizationId,
    code,
    codeKey: foldKey(code),
    name,
    nameKey: foldKey(name),
    kind: input.kind,
    parent,
    createdAt: now,
    updatedAt: now,
  });
  await flushUnique(em, () => codeTaken(code));
  const changes = { code, name, kind: input.kind, parent: parent?.id ?? null };
  const subject = { subjectType: 'Location', subjectId: location.id };
  await record(em, organizationId, [
    { action: 'location.create', actorId: userId, ...subject, changes },
  ]);
  return rowOf(em, location);
}

/**
 * Changes a location: its code, its name, or where it lies. What lies in it moves along.
 * @throws InvalidInput for a place within itself and for an outside world that would move, NotFound,
 *   InvalidState when a location in use would lie in an archived one, AlreadyExists for the code,
 *   VersionConflict with the location as it is now.
 */
export async function updateLocation(
  em: EntityManager,
  viewer: Viewer,
  input: LocationChange,
): Promise<Row<Location>> {
  const { organizationId } = viewer;
  if (input.parent !== undefined) await lockTrees(em, organizationId);
  const location = await findLocation(em, organizationId, input.location);
  refuseOtherVersion(em, location, input.ifVersion);
  const before = rowOf(em, location);
  const { code, name } = checkInput(Texts.partial(), {
    code: input.code ?? undefined,
    name: input.name ?? undefined,
  });
  if (code !== undefined) Object.assign(location, { code, codeKey: foldKey(code) });
  if (name !== undefined) Object.assign(location, { name, nameKey: foldKey(name) });
  if (input.parent !== undefined) {
    await moveLocation(em, organizationId, { location, to: input.parent });
  }
  return saveChange(em, viewer, {
    ...{ entity: location, before, properties: ['code', 'name', 'parent'] },
    action: 'location.update',
    taken: () => codeTaken(location.code),
  });
}

async function moveLocation(
  em: EntityManager,
  organizationId: number,
  { location, to }: { readonly location: Location; readonly to: NamedLocation | null },
): Promise<void> {
  const archived = location.archivedAt !== null;
  const parent = await findParent(em, organizationId, to, archived);
  if (parent?.id === location.parent?.id) return;
  if (isOutside(location.kind)) {
    throw new InvalidInput('An outside world stays where it is.', PARENT);
  }
  const move = { row: parent?.id ?? 0, above: location.id };
  if (await isWithin(em, organizationId, Location, move)) {
    throw new InvalidInput('A location cannot lie within itself.', PARENT);
  }
  em.assign(location, { parent } as never);
}

const PARENT = ['input', 'parent'];

const codeTaken = (code: string): AlreadyExists =>
  new AlreadyExists(`A location has the code ${code} already.`, ['input', 'code']);

/**
 * The location that a caller names, locked for a change.
 * @throws NotFound.
 */
export async function findLocation(
  em: EntityManager,
  organizationId: number,
  reference: NamedLocation,
): Promise<Location> {
  const location = await lookUp(em, organizationId, reference);
  if (!location) throw new NotFound('The location does not exist.', ['input', 'location']);
  return location;
}

/** The location that another is to lie in; one that is archived takes only archived ones. */
async function findParent(
  em: EntityManager,
  organizationId: number,
  reference: NamedLocation | null,
  archived = false,
): Promise<Location | null> {
  if (!reference) return null;
  const parent = await lookUp(em, organizationId, reference);
  if (!parent) throw new NotFound('The parent location does not exist.', PARENT);
  if (parent.archivedAt === null || archived) return parent;
  throw new InvalidState(`The location ${parent.code} is archived.`, PARENT);
}

/** The location that another lies in, locked for a change; null when it lies in none. */
export async function findParentOf(
  em: EntityManager,
  organizationId: number,
  { parent }: Location,
): Promise<Location | null> {
  return parent ? findOwned(em, organizationId, Location, { id: parent.id }) : null;
}

function lookUp(em: EntityManager, organizationId: number, reference: NamedLocation) {
  const condition = 'id' in reference ? { id: reference.id } : { codeKey: foldKey(reference.code) };
  return findOwned(em, organizationId, Location, condition);
}

/** Gives a new organization one of each outside world, named like its kind. */
export async function createOutsideWorlds(em: EntityManager, viewer: Viewer): Promise<void> {
  for (const kind of OUTSIDE_WORLDS) {
    const name = `${kind[0]}${kind.slice(1).toLowerCase()}`;
    await createLocation(em, viewer, { code: kind, name, kind, parent: null });
  }
}
