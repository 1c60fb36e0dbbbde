import { defineEntity, p } from '@mikro-orm/core';
import { User } from '../access/access.entity.ts';
import { Item } from '../catalog/item.entity.ts';
import { declareAppendOnly } from '../database/append-only.ts';
import { quantity, quantityCheck, tenantProperties } from '../database/columns.ts';
import { Location } from '../locations/location.entity.ts';
import { Lot } from './lot.entity.ts';

export const MOVEMENT_KINDS = [
  'RECEIPT',
  'ISSUE',
  'TRANSFER',
  'ADJUSTMENT',
  'COUNT',
  'REVERSAL',
] as const;

export const ADJUSTMENT_REASONS = [
  'CORRECTION',
  'DAMAGED',
  'EXPIRED',
  'FOUND',
  'LOST',
  'STOLEN',
  'USED',
  'OTHER',
] as const;
export type AdjustmentReason = (typeof ADJUSTMENT_REASONS)[number];

const IdempotencyKeySchema = defineEntity({
  name: 'IdempotencyKey',
  tableName: 'idempotency_keys',
  uniques: [{ name: 'idempotency_keys_key', properties: ['organization', 'key'] }],
  properties: {
    ...tenantProperties,
    key: p.text(),
    /** SHA-256 of what the caller asked for, in hexadecimal: the same key must ask for the same. */
    inputHash: p.text(),
  },
});

/** Makes a change happen once, however often it is sent. Committed together with the change. */
export class IdempotencyKey extends IdempotencyKeySchema.class {}
IdempotencyKeySchema.setClass(IdempotencyKey);
declareAppendOnly(IdempotencyKey);

const MovementSchema = defineEntity({
  name: 'Movement',
  tableName: 'movements',
  checks: [
    {
      // The generator reads a nullable enum's own check back wrongly on SQLite, and makes it anew for ever.
      name: 'movements_reason_check',
      expression: ADJUSTMENT_REASONS.map((reason) => `reason = '${reason}'`).join(' or '),
    },
  ],
  uniques: [
    { name: 'movements_seq_key', properties: ['organization', 'seq'] },
    { name: 'movements_idempotency_key', properties: ['idempotencyKey'] },
    { name: 'movements_reverses_key', properties: ['reverses'] },
  ],
  indexes: [
    { name: 'movements_occurred_index', properties: ['organization', 'occurredAt', 'id'] },
    { name: 'movements_recorded_index', properties: ['organization', 'recordedAt', 'id'] },
    { name: 'movements_reference_index', properties: ['organization', 'reference', 'id'] },
    { name: 'movements_actor_index', properties: ['actor'] },
  ],
  properties: {
    ...tenantProperties,
    seq: p.bigint('number'),
    kind: p.enum(MOVEMENT_KINDS),
    idempotencyKey: () => p.manyToOne(IdempotencyKey).ref(),
    reference: p.text().nullable(),
    note: p.text().nullable(),
    /** Why stock was adjusted. */
    reason: p.text().$type<AdjustmentReason>().nullable(),
    /** The movement that this one undoes; each can be undone once. */
    reverses: () => p.manyToOne(Movement).ref().nullable().deleteRule('no action'),
    actor: () => p.manyToOne(User).ref(),
    occurredAt: p.datetime(3),
    recordedAt: p.datetime(3),
  },
});

/** One immutable event of the ledger. */
export class Movement extends MovementSchema.class {}
MovementSchema.setClass(Movement);
declareAppendOnly(Movement);

const MovementLineSchema = defineEntity({
  name: 'MovementLine',
  tableName: 'movement_lines',
  checks: [
    quantityCheck('movement_lines', 'quantity', 1),
    { name: 'movement_lines_ends_check', expression: 'from_location_id <> to_location_id' },
  ],
  uniques: [{ name: 'movement_lines_key', properties: ['movement', 'position'] }],
  indexes: [
    { name: 'movement_lines_organization_index', properties: ['organization', 'id'] },
    { name: 'movement_lines_item_index', properties: ['item', 'id'] },
    { name: 'movement_lines_lot_index', properties: ['lot', 'id'] },
    { name: 'movement_lines_from_index', properties: ['from', 'id'] },
    { name: 'movement_lines_to_index', properties: ['to', 'id'] },
    // What a level held at some time is what its newest line until then states: one look-up each.
    {
      name: 'movement_lines_out_of_level_index',
      properties: ['item', 'from', 'lotKey', 'movement', 'position'],
    },
    {
      name: 'movement_lines_into_level_index',
      properties: ['item', 'to', 'lotKey', 'movement', 'position'],
    },
  ],
  properties: {
    ...tenantProperties,
    movement: () => p.manyToOne(Movement).ref(),
    /** 1 for the first line of its movement. */
    position: p.integer(),
    item: () => p.manyToOne(Item).ref(),
    lot: () => p.manyToOne(Lot).ref().nullable().deleteRule('no action'),
    /** The lot's id, 0 for none, as in the levels. */
    lotKey: p.bigint('number'),
    from: () => p.manyToOne(Location).ref().joinColumn('from_location_id'),
    to: () => p.manyToOne(Location).ref().joinColumn('to_location_id'),
    quantity: quantity(),
    /** What was on hand at `from` after this line. */
    fromAfter: quantity(),
    /** What was on hand at `to` after this line. */
    toAfter: quantity(),
  },
});

/** A quantity of an item that went from one location to another. */
export class MovementLine extends MovementLineSchema.class {}
MovementLineSchema.setClass(MovementLine);
declareAppendOnly(MovementLine);
