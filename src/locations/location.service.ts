import { z } from 'zod';
import type { Viewer } from '../access/viewer.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { foldKey } from '../database/key.ts';
import { findOwned, flushUnique } from '../database/owned.ts';
import { type Row, rowOf } from '../database/rows.ts';
import { AlreadyExists, NotFound } from '../errors.ts';
import { checkInput, requiredText } from '../input.ts';
import { record } from '../journal/journal.service.ts';
import {
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

const Texts = z.object({ code: requiredText, name: requiredText });

/**
 * Creates a location.
 * @throws InvalidInput, NotFound for the parent, AlreadyExists for the code.
 */
export async function createLocation(
  em: EntityManager,
  viewer: Viewer,
  input: NewLocation,
): Promise<Row<Location>> {
  const { code, name } = checkInput(Texts, input);
  const { organizationId, userId } = viewer;
  const parent = input.parent && (await findLocation(em, organizationId, input.parent));
  if (input.parent && !parent) {
    throw new NotFound('The parent location does not exist.', ['input', 'parent']);
  }
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
  await flushUnique(em, () => new AlreadyExists(`A location has the code ${code} already.`, CODE));
  const changes = { code, name, kind: input.kind, parent: parent?.id ?? null };
  const subject = { subjectType: 'Location', subjectId: location.id };
  await record(em, organizationId, [
    { action: 'location.create', actorId: userId, ...subject, changes },
  ]);
  return rowOf(em, location);
}

const CODE = ['input', 'code'];

function findLocation(em: EntityManager, organizationId: number, reference: NamedLocation) {
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
