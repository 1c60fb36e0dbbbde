import SchemaBuilder from '@pothos/core';
import DrizzlePlugin from '@pothos/plugin-drizzle';
import RelayPlugin from '@pothos/plugin-relay';
import { getTableConfig } from 'drizzle-orm/pg-core';
import { db } from './database.ts';
import { relations } from './tables.ts';
import { transfer } from './transfer.ts';

const builder = new SchemaBuilder<{
  DefaultFieldNullability: false;
  DrizzleRelations: typeof relations;
  Scalars: {
    ID: { Input: string; Output: number | string };
    DateTime: { Input: Date; Output: Date };
    JSON: { Input: unknown; Output: unknown };
  };
}>({
  plugins: [RelayPlugin, DrizzlePlugin],
  defaultFieldNullability: false,
  relay: { nodesOnConnection: true },
  drizzle: { client: db, getTableConfig, relations, maxConnectionSize: 100 },
});

builder.scalarType('DateTime', {
  serialize: (date) => date.toISOString(),
  parseValue: (text) => new Date(String(text)),
});
builder.scalarType('JSON', { serialize: (value) => value });

builder.drizzleObject('users', {
  name: 'User',
  fields: (t) => ({ id: t.exposeID('id'), name: t.exposeString('name') }),
});

builder.drizzleObject('categories', {
  name: 'Category',
  fields: (t) => ({
    id: t.exposeID('id'),
    name: t.exposeString('name'),
    parent: t.relation('parent', { nullable: true }),
  }),
});

builder.drizzleObject('tags', {
  name: 'Tag',
  fields: (t) => ({ id: t.exposeID('id'), name: t.exposeString('name') }),
});

builder.drizzleObject('locations', {
  name: 'Location',
  fields: (t) => ({
    id: t.exposeID('id'),
    code: t.exposeString('code'),
    name: t.exposeString('name'),
  }),
});

builder.drizzleObject('stockLevels', {
  name: 'StockLevel',
  fields: (t) => ({
    id: t.exposeID('id'),
    onHand: t.exposeFloat('onHand'),
    reserved: t.exposeFloat('reserved'),
    location: t.relation('location'),
  }),
});

builder.drizzleObject('movements', {
  name: 'Movement',
  fields: (t) => ({
    id: t.exposeID('id'),
    seq: t.exposeFloat('seq'),
    kind: t.exposeString('kind'),
    reference: t.exposeString('reference', { nullable: true }),
    occurredAt: t.expose('occurredAt', { type: 'DateTime' }),
    recordedAt: t.expose('recordedAt', { type: 'DateTime' }),
    actor: t.relation('actor'),
  }),
});

builder.drizzleObject('movementLines', {
  name: 'MovementLine',
  fields: (t) => ({
    id: t.exposeID('id'),
    quantity: t.exposeFloat('quantity'),
    fromAfter: t.exposeFloat('fromAfter'),
    toAfter: t.exposeFloat('toAfter'),
    from: t.relation('from'),
    to: t.relation('to'),
    movement: t.relation('movement'),
  }),
});

const Item = builder.drizzleObject('items', {
  name: 'Item',
  fields: (t) => ({
    id: t.exposeID('id'),
    sku: t.exposeString('sku'),
    name: t.exposeString('name'),
    description: t.exposeString('description', { nullable: true }),
    unit: t.exposeString('unit'),
    decimals: t.exposeInt('decimals'),
    tracking: t.exposeString('tracking'),
    attributes: t.expose('attributes', { type: 'JSON' }),
    reorderPoint: t.exposeFloat('reorderPoint', { nullable: true }),
    archivedAt: t.expose('archivedAt', { type: 'DateTime', nullable: true }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
    version: t.exposeInt('version'),
    category: t.relation('category', { nullable: true }),
    tags: t.relation('tags', {
      args: { first: t.arg.int({ required: true }) },
      query: ({ first }) => ({ limit: first, orderBy: { nameKey: 'asc' } }),
    }),
    stockLevels: t.relation('stockLevels', {
      args: { first: t.arg.int({ required: true }) },
      query: ({ first }) => ({ limit: first, orderBy: { id: 'asc' } }),
    }),
    movementLines: t.relatedConnection('movementLines', {
      totalCount: true,
      query: { orderBy: { id: 'desc' } },
    }),
  }),
});

builder.queryType({
  fields: (t) => ({
    item: t.drizzleField({
      type: Item,
      nullable: true,
      args: { organization: t.arg.int({ required: true }), id: t.arg.int({ required: true }) },
      resolve: (query, _root, { organization: organizationId, id }) =>
        db.query.items.findFirst(query({ where: { organizationId, id } })),
    }),
    items: t.drizzleConnection({
      type: 'items',
      args: { organization: t.arg.int({ required: true }) },
      // In the dataset, ids rise as SKUs do: the primary key is the cheapest way to page here.
      resolve: (query, _root, { organization: organizationId }) =>
        db.query.items.findMany(query({ where: { organizationId }, orderBy: { id: 'asc' } })),
    }),
    movements: t.drizzleConnection({
      type: 'movements',
      args: { organization: t.arg.int({ required: true }) },
      resolve: (query, _root, { organization: organizationId }) =>
        db.query.movements.findMany(query({ where: { organizationId }, orderBy: { id: 'desc' } })),
    }),
  }),
});

const Transferred = builder
  .objectRef<Awaited<ReturnType<typeof transfer>>>('Transferred')
  .implement({
    fields: (t) => ({
      seq: t.exposeFloat('seq'),
      fromAfter: t.exposeFloat('fromAfter'),
      toAfter: t.exposeFloat('toAfter'),
      replayed: t.exposeBoolean('replayed'),
    }),
  });

const TransferInput = builder.inputType('TransferInput', {
  fields: (t) => ({
    organization: t.int({ required: true }),
    actor: t.int({ required: true }),
    idempotencyKey: t.string({ required: true }),
    item: t.int({ required: true }),
    from: t.int({ required: true }),
    to: t.int({ required: true }),
    quantity: t.float({ required: true }),
  }),
});

builder.mutationType({
  fields: (t) => ({
    stockTransfer: t.field({
      type: Transferred,
      nullable: true,
      args: { input: t.arg({ type: TransferInput, required: true }) },
      resolve: (_root, { input }) => transfer(input),
    }),
  }),
});

export const schema = builder.toSchema();
