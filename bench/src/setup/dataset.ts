import { catalogTables } from './dataset-catalog.ts';
import { ledgerTables } from './dataset-ledger.ts';
import type { Base, Size, Table } from './dataset-shape.ts';

/** The whole dataset, table by table, in an order that foreign keys allow. */
export function* datasetTables(base: Base, size: Size): Generator<Table> {
  yield* catalogTables(base, size);
  yield* ledgerTables(base, size);
}
