/** What the product's first start left behind, and what the rows of the dataset build upon. */
export interface Base {
  readonly organization: number;
  readonly user: number;
  readonly supplier: number;
  readonly customer: number;
  /** The highest id of a location. */
  readonly locations: number;
  /** The highest id, and the highest place, in the journal. */
  readonly journal: number;
  /** The time of the journal's newest entry, in milliseconds. */
  readonly recordedAt: number;
}

/** How large the dataset is. */
export interface Size {
  readonly items: number;
  readonly lines: number;
}

/** The types of columns, as PostgreSQL calls them. */
export type ColumnType = 'bigint' | 'integer' | 'text' | 'boolean' | 'jsonb' | 'timestamptz';

export type Cell = string | number | boolean | null;

/** Rows for one table, in the order of their ids. Times are milliseconds, JSON is text. */
export interface Table {
  readonly name: string;
  readonly columns: Readonly<Record<string, ColumnType>>;
  readonly count: number;
  readonly rows: Iterable<readonly Cell[]>;
}

/** The sizes that the issue asks for, times the scale. */
export function sizeOf(scale: number): Size {
  const items = Math.max(100, Math.round(20_000 * scale));
  return { items, lines: 25 * items };
}

/** Every level of an item: at the supplier, at three real places, and at the customer. */
export const LEVELS_PER_ITEM = 5;
export const REAL_PLACES = 3;
export const TAGS_PER_ITEM = 3;
export const CATEGORIES = 200;
export const LOCATIONS = 500;
export const TAGS = 100;

/** The number from which everything is made. */
export const SEED = 20_261_122;
