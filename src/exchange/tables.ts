import type { EntityManager } from '../database/entity-manager.ts';
import type { Columns } from './columns.ts';
import { ITEM_COLUMNS } from './item-columns.ts';
import { exportItems } from './item-export.ts';
import { LEVEL_COLUMNS } from './level-columns.ts';
import { exportLevels } from './level-export.ts';
import { LOCATION_COLUMNS } from './location-columns.ts';
import { exportLocations } from './location-export.ts';
import { MOVEMENT_COLUMNS } from './movement-columns.ts';
import { exportMovements } from './movement-export.ts';

/** What files can be of, in the order in which an empty database takes them. */
export const TABLE_NAMES = ['locations', 'items', 'levels', 'movements'] as const;
export type TableName = (typeof TABLE_NAMES)[number];

interface Table {
  readonly columns: Columns;
  /** All rows, page by page. */
  readonly export: (
    em: EntityManager,
    organizationId: number,
  ) => AsyncGenerator<Readonly<Record<string, unknown>>[]>;
}

/** Each with its columns, and how its rows are read. */
export const TABLES: Readonly<Record<TableName, Table>> = {
  locations: { columns: LOCATION_COLUMNS, export: exportLocations },
  items: { columns: ITEM_COLUMNS, export: exportItems },
  levels: { columns: LEVEL_COLUMNS, export: exportLevels },
  movements: { columns: MOVEMENT_COLUMNS, export: exportMovements },
};
