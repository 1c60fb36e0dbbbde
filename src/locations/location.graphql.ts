import { foldKey } from '../database/key.ts';
import { AlreadyExists, InvalidInput, InvalidState, NotFound, VersionConflict } from '../errors.ts';
import { builder } from '../graphql/builder.ts';
import { entityObject } from '../graphql/entity-type.ts';
import { referenceOf } from '../graphql/global-id.ts';
import { rootConnection } from '../graphql/lists.ts';
import { rootLookup } from '../graphql/lookup.ts';
import type { UniqueValue } from '../graphql/marks.ts';
import { changeField } from '../graphql/mutations.ts';
import { filters } from '../graphql/where-fields.ts';
import { type LOCATION_KINDS, Location } from './location.entity.ts';
import { createLocation, type NamedLocation, updateLocation } from './location.service.ts';

const LocationKindType = builder.enumType('LocationKind', {
  description: 'What a location is.',
  values: {
    STORAGE: { description: 'A real place where stock is kept.' },
    TRANSIT: { description: 'Stock under way between two places.' },
    SUPPLIER: { description: 'The outside world that goods come from.' },
    CUSTOMER: { description: 'The outside world that goods go to.' },
    ADJUSTMENT: { description: 'The outside world that corrections come from and go to.' },
    SCRAP: { description: 'The outside world that waste goes to.' },
  } satisfies Record<(typeof LOCATION_KINDS)[number], object>,
});

export const LocationType = entityObject(Location, {
  description: 'A place where stock is, within another place or not, or one of the outside worlds.',
  fields: (t) => ({
    code: t.column('code', { description: 'Unique in the organization, whatever its case.' }),
    name: t.column('name', { description: 'What people call it.' }),
    kind: t.column('kind', { type: LocationKindType, description: 'What it is.' }),
    parent: t.relation('parent', { description: 'The location that it lies in.' }),
    children: t.relatedConnection(Location, {
      by: 'parent',
      orderings: { CODE: { by: 'codeKey', description: 'By code.' } },
      defaultOrder: { field: 'CODE', direction: 'ASC' },
      description: 'The locations that lie in it, by code.',
    }),
    archivedAt: t.column('archivedAt', { description: 'When it was put out of use.' }),
    createdAt: t.column('createdAt', { description: 'When it was created.' }),
    updatedAt: t.column('updatedAt', { description: 'When it was last changed.' }),
    version: t.column('version', { description: 'Rises with every change; for `ifVersion`.' }),
  }),
});

/** Names a location as clients do. */
export const LocationBy = builder.inputType('LocationBy', {
  description: 'Names a location, in one of these ways.',
  isOneOf: true,
  fields: (t) => ({
    id: t.id({ description: 'Its id.' }),
    code: t.string({ description: 'Its code, whatever its case.' }),
  }),
});

/** Reads a location's name as clients give it. */
export function locationReference(by: {
  readonly id?: string | null | undefined;
  readonly code?: string | null | undefined;
}): NamedLocation {
  return referenceOf('Location', by, by.code, (code) => ({ code }));
}

/** Names a location as filters and look-ups do. */
export const locationByName = {
  type: () => LocationBy,
  named: (by: typeof LocationBy.$inferInput): UniqueValue => {
    const reference = locationReference(by);
    return 'id' in reference
      ? { property: 'id', value: reference.id }
      : { property: 'codeKey', value: foldKey(reference.code) };
  },
};

filters(Location, (w) => ({
  id: w.id(),
  code: w.text('codeKey', { folded: true, description: 'Its code, whatever its case.' }),
  name: w.text('nameKey', { folded: true, description: 'Its name, whatever its case.' }),
  kind: w.enum('kind', LocationKindType, { description: 'What it is.' }),
  parent: w.relation('parent', { description: 'The location that it lies right in.' }),
  under: w.under(Location, {
    ...{ ...locationByName, by: ['id'] },
    description: 'It is this location, or lies below it.',
  }),
  archived: w.has('archivedAt', { description: 'Whether it was put out of use.' }),
}));

rootConnection('locations', Location, {
  description: 'All locations, the outside worlds included.',
  orderings: {
    CODE: { by: 'codeKey', description: 'By code.' },
    NAME: { by: 'nameKey', description: 'By name.' },
  },
  defaultOrder: { field: 'CODE', direction: 'ASC' },
});

rootLookup('location', Location, {
  description: 'One location; null when there is none to see.',
  args: builder.args((t) => ({
    by: t.field({ type: LocationBy, required: true, description: 'Which location.' }),
  })),
  by: ({ by }) => locationByName.named(by),
});

const LocationCreateInput = builder.inputType('LocationCreateInput', {
  description: 'A new location.',
  fields: (t) => ({
    code: t.string({ required: true, description: 'Unique in the organization.' }),
    name: t.string({ required: true, description: 'What people call it.' }),
    kind: t.field({
      type: LocationKindType,
      required: true,
      defaultValue: 'STORAGE',
      description: 'What it is.',
    }),
    parent: t.field({ type: LocationBy, description: 'The location that it lies in.' }),
  }),
});

changeField('locationCreate', {
  description: 'Creates a location.',
  input: LocationCreateInput,
  refusals: [InvalidInput, NotFound, InvalidState, AlreadyExists],
  resolve: async ({ parent, ...input }, { em, viewer }) => ({
    location: await createLocation(em, viewer, {
      ...input,
      parent: parent ? locationReference(parent) : null,
    }),
  }),
  success: {
    description: 'The location was created.',
    fields: (t) => ({
      location: t.field({
        type: LocationType,
        description: 'The new location.',
        resolve: (success) => success.location,
      }),
    }),
  },
});

const LocationUpdateInput = builder.inputType('LocationUpdateInput', {
  description: 'What to change of a location. What is left out stays as it is.',
  fields: (t) => ({
    location: t.field({ type: LocationBy, required: true, description: 'Which location.' }),
    ifVersion: t.int({ description: 'The version that you know; any other is a conflict.' }),
    code: t.string({ description: 'Its new code.' }),
    name: t.string({ description: 'Its new name.' }),
    parent: t.field({
      type: LocationBy,
      description: 'The location that it lies in from now on; null for none.',
    }),
  }),
});

changeField('locationUpdate', {
  description:
    'Changes a location, or moves it in the tree with all that lies in it. An outside world can ' +
    'only be renamed.',
  input: LocationUpdateInput,
  refusals: [InvalidInput, NotFound, InvalidState, AlreadyExists, VersionConflict],
  resolve: async ({ location, parent, ...input }, { em, viewer }) => ({
    location: await updateLocation(em, viewer, {
      ...input,
      location: locationReference(location),
      parent: parent ? locationReference(parent) : parent,
    }),
  }),
  success: {
    description: 'The location is as the input says now.',
    fields: (t) => ({
      location: t.field({
        type: LocationType,
        description: 'The location as it is now.',
        resolve: (success) => success.location,
      }),
    }),
  },
});
