import { defineRelations } from 'drizzle-orm';
import {
  bigint,
  bigserial,
  boolean,
  integer,
  jsonb,
  pgTable,
  text,
  timestamp,
} from 'drizzle-orm/pg-core';

const key = (name: string) => bigint(name, { mode: 'number' });
const id = () => bigserial({ mode: 'number' }).primaryKey();
const organizationId = () => key('organization_id').notNull();
const time = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'date' });

export const users = pgTable('users', { id: id(), name: text().notNull() });

export const categories = pgTable('categories', {
  id: id(),
  name: text().notNull(),
  parentId: key('parent_id'),
});

export const tags = pgTable('tags', {
  id: id(),
  name: text().notNull(),
  nameKey: text('name_key').notNull(),
});

export const locations = pgTable('locations', {
  id: id(),
  organizationId: organizationId(),
  code: text().notNull(),
  name: text().notNull(),
  kind: text().notNull(),
  archivedAt: time('archived_at'),
});

export const items = pgTable('items', {
  id: id(),
  organizationId: organizationId(),
  sku: text().notNull(),
  name: text().notNull(),
  description: text(),
  unit: text().notNull(),
  decimals: integer().notNull(),
  tracking: text().notNull(),
  attributes: jsonb().notNull(),
  reorderPoint: key('reorder_point'),
  categoryId: key('category_id'),
  archivedAt: time('archived_at'),
  createdAt: time('created_at').notNull(),
  updatedAt: time('updated_at').notNull(),
  version: integer().notNull(),
});

export const itemTags = pgTable('item_tags', {
  id: id(),
  itemId: key('item_id').notNull(),
  tagId: key('tag_id').notNull(),
});

export const stockLevels = pgTable('stock_levels', {
  id: id(),
  organizationId: organizationId(),
  itemId: key('item_id').notNull(),
  locationId: key('location_id').notNull(),
  lotKey: key('lot_key').notNull(),
  outside: boolean().notNull(),
  onHand: key('on_hand').notNull(),
  reserved: key('reserved').notNull(),
  updatedAt: time('updated_at').notNull(),
});

export const idempotencyKeys = pgTable('idempotency_keys', {
  id: id(),
  organizationId: organizationId(),
  key: text().notNull(),
  inputHash: text('input_hash').notNull(),
});

export const movements = pgTable('movements', {
  id: id(),
  organizationId: organizationId(),
  seq: key('seq').notNull(),
  kind: text().notNull(),
  idempotencyKeyId: key('idempotency_key_id').notNull(),
  reference: text(),
  actorId: key('actor_id').notNull(),
  occurredAt: time('occurred_at').notNull(),
  recordedAt: time('recorded_at').notNull(),
});

export const movementLines = pgTable('movement_lines', {
  id: id(),
  organizationId: organizationId(),
  movementId: key('movement_id').notNull(),
  position: integer().notNull(),
  itemId: key('item_id').notNull(),
  lotKey: key('lot_key').notNull(),
  fromLocationId: key('from_location_id').notNull(),
  toLocationId: key('to_location_id').notNull(),
  quantity: key('quantity').notNull(),
  fromAfter: key('from_after').notNull(),
  toAfter: key('to_after').notNull(),
});

export const journalHeads = pgTable('journal_heads', {
  id: id(),
  organizationId: organizationId(),
  seq: key('seq').notNull(),
  recordedAt: time('recorded_at').notNull(),
});

export const journalEntries = pgTable('journal_entries', {
  id: id(),
  organizationId: organizationId(),
  seq: key('seq').notNull(),
  at: time('at').notNull(),
  action: text().notNull(),
  actorId: key('actor_id'),
  subjectType: text('subject_type').notNull(),
  subjectId: key('subject_id').notNull(),
});

const tables = {
  ...{ users, categories, tags, locations, items, itemTags, stockLevels },
  ...{ idempotencyKeys, movements, movementLines, journalHeads, journalEntries },
};

export const relations = defineRelations(tables, (r) => ({
  categories: { parent: r.one.categories({ from: r.categories.parentId, to: r.categories.id }) },
  items: {
    category: r.one.categories({ from: r.items.categoryId, to: r.categories.id }),
    tags: r.many.tags({
      from: r.items.id.through(r.itemTags.itemId),
      to: r.tags.id.through(r.itemTags.tagId),
    }),
    stockLevels: r.many.stockLevels({ from: r.items.id, to: r.stockLevels.itemId }),
    movementLines: r.many.movementLines({ from: r.items.id, to: r.movementLines.itemId }),
  },
  stockLevels: {
    location: r.one.locations({
      from: r.stockLevels.locationId,
      to: r.locations.id,
      optional: false,
    }),
  },
  movements: {
    actor: r.one.users({ from: r.movements.actorId, to: r.users.id, optional: false }),
  },
  movementLines: {
    movement: r.one.movements({
      from: r.movementLines.movementId,
      to: r.movements.id,
      optional: false,
    }),
    from: r.one.locations({
      from: r.movementLines.fromLocationId,
      to: r.locations.id,
      optional: false,
    }),
    to: r.one.locations({
      from: r.movementLines.toLocationId,
      to: r.locations.id,
      optional: false,
    }),
  },
}));
