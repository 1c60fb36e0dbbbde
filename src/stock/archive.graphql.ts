import { ItemBy, ItemType, itemReference } from '../catalog/item.graphql.ts';
import { InvalidState, NotFound, VersionConflict } from '../errors.ts';
import { builder } from '../graphql/builder.ts';
import { changeField } from '../graphql/mutations.ts';
import { LocationBy, LocationType, locationReference } from '../locations/location.graphql.ts';
import { archiveItem, archiveLocation, restoreItem, restoreLocation } from './archive.service.ts';

const IF_VERSION = 'The version that you know; any other is a conflict.';

interface ArchivingField<S> {
  readonly name: string;
  readonly description: string;
  readonly success: string;
  readonly does: S;
}

function itemField({ name, description, success, does }: ArchivingField<typeof archiveItem>): void {
  const input = builder.inputType(`${name[0]?.toUpperCase()}${name.slice(1)}Input`, {
    description,
    fields: (t) => ({
      item: t.field({ type: ItemBy, required: true, description: 'Which item.' }),
      ifVersion: t.int({ description: IF_VERSION }),
    }),
  });
  changeField(name, {
    ...{ description, input },
    refusals: [NotFound, InvalidState, VersionConflict],
    resolve: async ({ item, ifVersion }, { em, viewer }) => ({
      item: await does(em, viewer, { item: itemReference(item), ifVersion }),
    }),
    success: {
      description: success,
      fields: (t) => ({
        item: t.field({
          type: ItemType,
          description: 'The item as it is now.',
          resolve: (answer) => answer.item,
        }),
      }),
    },
  });
}

function locationField(field: ArchivingField<typeof archiveLocation>): void {
  const { name, description, success, does } = field;
  const input = builder.inputType(`${name[0]?.toUpperCase()}${name.slice(1)}Input`, {
    description,
    fields: (t) => ({
      location: t.field({ type: LocationBy, required: true, description: 'Which location.' }),
      ifVersion: t.int({ description: IF_VERSION }),
    }),
  });
  changeField(name, {
    ...{ description, input },
    refusals: [NotFound, InvalidState, VersionConflict],
    resolve: async ({ location, ifVersion }, { em, viewer }) => ({
      location: await does(em, viewer, { location: locationReference(location), ifVersion }),
    }),
    success: {
      description: success,
      fields: (t) => ({
        location: t.field({
          type: LocationType,
          description: 'The location as it is now.',
          resolve: (answer) => answer.location,
        }),
      }),
    },
  });
}

itemField({
  name: 'itemArchive',
  description: 'Puts an item out of use, of which no stock is in a real place.',
  success: 'The item is archived.',
  does: archiveItem,
});

itemField({
  name: 'itemRestore',
  description: 'Takes an archived item back into use.',
  success: 'The item is in use.',
  does: restoreItem,
});

locationField({
  name: 'locationArchive',
  description: 'Puts a location out of use, where no stock and no location in use is.',
  success: 'The location is archived.',
  does: archiveLocation,
});

locationField({
  name: 'locationRestore',
  description: 'Takes an archived location back into use; first the one that it lies in.',
  success: 'The location is in use.',
  does: restoreLocation,
});
