import { defineEntity, p } from '@mikro-orm/core';
import { Item } from '../catalog/item.entity.ts';
import { quantity, quantityCheck, tenantProperties } from '../database/columns.ts';
import { Location } from '../locations/location.entity.ts';
import { Lot } from './lot.entity.ts';
import { IdempotencyKey } from './movement.entity.ts';

export const RESERVATION_STATES = ['ACTIVE', 'FULFILLED', 'RELEASED', 'EXPIRED'] as const;
/** What became of a reservation; all but ACTIVE are final. */
export type ReservationState = (typeof RESERVATION_STATES)[number];

const ReservationSchema = defineEntity({
  name: 'Reservation',
  tableName: 'reservations',
  checks: [
    {
      name: 'reservations_resolved_check',
      expression: "(state = 'ACTIVE') = (resolved_at is null)",
    },
  ],
  uniques: [{ name: 'reservations_idempotency_key', properties: ['idempotencyKey'] }],
  indexes: [
    { name: 'reservations_created_index', properties: ['organization', 'createdAt', 'id'] },
    { name: 'reservations_reference_index', properties: ['organization', 'reference', 'id'] },
    { name: 'reservations_state_index', properties: ['organization', 'state', 'id'] },
    // What the sweeper looks for, in all organizations at once.
    { name: 'reservations_due_index', properties: ['state', 'expiresAt'] },
  ],
  properties: {
    ...tenantProperties,
    idempotencyKey: () => p.manyToOne(IdempotencyKey).ref(),
    reference: p.text(),
    state: p.enum(RESERVATION_STATES),
    /** When it ends by itself; null for never. */
    expiresAt: p.datetime(3).nullable(),
    createdAt: p.datetime(3),
    resolvedAt: p.datetime(3).nullable(),
  },
});

/** A hold on stock for somebody. It is resolved once: fulfilled, released or expired. */
export class Reservation extends ReservationSchema.class {}
ReservationSchema.setClass(Reservation);

const ReservationLineSchema = defineEntity({
  name: 'ReservationLine',
  tableName: 'reservation_lines',
  checks: [
    quantityCheck('reservation_lines', 'quantity', 1),
    quantityCheck('reservation_lines', 'fulfilled', 0),
    quantityCheck('reservation_lines', 'held', 0),
    { name: 'reservation_lines_rest_check', expression: 'held + fulfilled <= quantity' },
  ],
  uniques: [{ name: 'reservation_lines_key', properties: ['reservation', 'position'] }],
  indexes: [
    { name: 'reservation_lines_organization_index', properties: ['organization'] },
    { name: 'reservation_lines_item_index', properties: ['item', 'reservation'] },
    { name: 'reservation_lines_location_index', properties: ['location'] },
    { name: 'reservation_lines_lot_index', properties: ['lot'] },
    // Who holds something of a level: what is resolved holds nothing, and stands apart.
    { name: 'reservation_lines_level_index', properties: ['item', 'location', 'lotKey', 'held'] },
  ],
  properties: {
    ...tenantProperties,
    reservation: () => p.manyToOne(Reservation).ref(),
    /** 1 for the first line of its reservation. */
    position: p.integer(),
    item: () => p.manyToOne(Item).ref(),
    location: () => p.manyToOne(Location).ref(),
    lot: () => p.manyToOne(Lot).ref().nullable().deleteRule('no action'),
    /** The lot's id, 0 for none, as in the levels. */
    lotKey: p.bigint('number'),
    quantity: quantity(),
    /** What of it was issued. */
    fulfilled: quantity(),
    /** What it holds now: the rest, until the reservation is resolved. */
    held: quantity(),
  },
});

/** A quantity of an item at a location that a reservation holds. */
export class ReservationLine extends ReservationLineSchema.class {}
ReservationLineSchema.setClass(ReservationLine);
