import type { EntityClass } from '@mikro-orm/core';
import type { Context } from '../context.ts';
import type { Row } from '../database/rows.ts';

/** The units of a property, less those of another; null where the property is. */
export function unitsOf(row: object, property: string, less?: string): number | null {
  const values = row as Readonly<Record<string, number | null>>;
  const units = values[property] ?? null;
  return units === null || !less ? units : units - (values[less] ?? 0);
}

/** How many decimals the quantities of a row have: its item says so. */
export function decimalsBy(relation: string | undefined, item: EntityClass<object> | undefined) {
  return (row: Row<object>, context: Context): number | Promise<number> => {
    const values = row as unknown as Readonly<Record<string, number>>;
    if (!relation || !item) return decimalsOf(row);
    const found = context.loaders.row(item, values[relation] ?? 0);
    if (found instanceof Promise) return found.then(decimalsOf);
    return decimalsOf(found);
  };
}

/** How many decimals the quantities of an item have. */
export function decimalsOf(item: object | null): number {
  if (!item || !('decimals' in item)) throw new Error('A quantity without its item');
  return Number(item.decimals);
}
