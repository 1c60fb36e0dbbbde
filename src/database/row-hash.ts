import { createHash } from 'node:crypto';
import type { EntityManager } from './entity-manager.ts';
import { sortedJson } from './sorted-json.ts';
import { type StoredRow, storedRows } from './stored-rows.ts';
import type { StoredKind, StoredTable } from './stored-tables.ts';

/** What tells whether two tables hold the same rows, on whichever databases they are. */
export interface TableHash {
  readonly rows: number;
  /** SHA-256 in hexadecimal, over the rows in the order of their ids. */
  readonly sha256: string;
}

/**
 * Hashes all rows of a table: each row a line of JSON, its values in the order of the columns' names,
 * whole numbers and times (in milliseconds) as digits, JSON with its keys sorted.
 * @param onRows is told after each batch how many rows it had.
 * @throws Error for a number that is no exact whole one: two databases may differ in what it says.
 */
export async function hashTable(
  em: EntityManager,
  table: StoredTable,
  onRows: (count: number) => void,
): Promise<TableHash> {
  const columns = table.columns.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const line = (row: StoredRow) =>
    `${JSON.stringify(columns.map(({ name, kind }) => text(row[name] ?? null, kind)))}\n`;
  const hash = createHash('sha256');
  let count = 0;
  for await (const rows of storedRows(em, table)) {
    hash.update(rows.map(line).join(''));
    count += rows.length;
    onRows(rows.length);
  }
  return { rows: count, sha256: hash.digest('hex') };
}

function text(value: string | number | null, kind: StoredKind): string | null {
  if (value === null) return null;
  if (kind === 'json') return JSON.stringify(sortedJson(JSON.parse(String(value))));
  if (typeof value === 'string') return value;
  if (!Number.isSafeInteger(value)) throw new Error(`${value} is no exact whole number`);
  return String(value);
}
