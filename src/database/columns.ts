import { p } from '@mikro-orm/core';
import { Organization } from './organization.entity.ts';

/** The largest quantity, in an item's smallest unit: what JavaScript and SQLite count exactly. */
export const MAX_QUANTITY = Number.MAX_SAFE_INTEGER;

/** What every table but `organizations` begins with. */
export const tenantProperties = {
  id: p.bigint('number').primary().autoincrement(),
  organization: () => p.manyToOne(Organization).ref(),
};

/** Names the columns of rows that people edit. */
export const editableProperties = {
  createdAt: p.datetime(3),
  updatedAt: p.datetime(3),
  version: p.integer().version(),
};

/** A quantity in its item's smallest unit; pair it with `quantityCheck`. */
export const quantity = () => p.bigint('number');

/** Keeps a quantity within what JavaScript and SQLite count exactly. */
export function quantityCheck(table: string, column: string, least = -MAX_QUANTITY) {
  return {
    name: `${table}_${column}_check`,
    expression: `${column} >= ${least} and ${column} <= ${MAX_QUANTITY}`,
  };
}
