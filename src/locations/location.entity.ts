import { defineEntity, p } from '@mikro-orm/core';
import { editableProperties, tenantProperties } from '../database/columns.ts';

export const LOCATION_KINDS = [
  'STORAGE',
  'TRANSIT',
  'SUPPLIER',
  'CUSTOMER',
  'ADJUSTMENT',
  'SCRAP',
] as const;
export type LocationKind = (typeof LOCATION_KINDS)[number];

/** The outside worlds: where stock comes from and goes to. An organization is born with one of each. */
export const OUTSIDE_WORLDS = ['SUPPLIER', 'CUSTOMER', 'ADJUSTMENT', 'SCRAP'] as const;
export type OutsideWorld = (typeof OUTSIDE_WORLDS)[number];

/** Whether a kind of location is an outside world, whose stock may be below zero and counts nowhere. */
export function isOutside(kind: LocationKind): kind is OutsideWorld {
  return (OUTSIDE_WORLDS as readonly LocationKind[]).includes(kind);
}

const LocationSchema = defineEntity({
  name: 'Location',
  tableName: 'locations',
  uniques: [{ name: 'locations_code_key', properties: ['organization', 'codeKey'] }],
  indexes: [
    { name: 'locations_parent_index', properties: ['parent', 'codeKey', 'id'] },
    { name: 'locations_kind_index', properties: ['organization', 'kind', 'id'] },
    { name: 'locations_name_index', properties: ['organization', 'nameKey', 'id'] },
  ],
  properties: {
    ...tenantProperties,
    code: p.text(),
    codeKey: p.text(),
    name: p.text(),
    nameKey: p.text(),
    kind: p.enum(LOCATION_KINDS),
    parent: () => p.manyToOne(Location).ref().nullable().deleteRule('no action'),
    archivedAt: p.datetime(3).nullable(),
    ...editableProperties,
  },
});

/** A place where stock is, within another place or not, or one of the outside worlds. */
export class Location extends LocationSchema.class {}
LocationSchema.setClass(Location);
