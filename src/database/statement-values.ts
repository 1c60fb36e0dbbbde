/**
 * Rows that travel to the database as one parameter of JSON, or as one of each field, for
 * `Dialect.jsonRows` to unpack.
 */
export class JsonRows {
  readonly rows: readonly object[];

  constructor(rows: readonly object[]) {
    this.rows = rows;
  }
}

/** What a statement takes for a placeholder. */
export type Value =
  | string
  | number
  | boolean
  | Date
  | null
  | readonly (number | null)[]
  | readonly string[]
  | JsonRows;

/** From so many rows on, reading them costs more than the parameters. */
const MANY_ROWS = 50;

/** Whether a value is better sent as an array of each field. */
export const isMany = (value: Value): boolean =>
  value instanceof JsonRows && value.rows.length >= MANY_ROWS;
