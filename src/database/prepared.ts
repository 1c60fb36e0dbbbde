/** What a placeholder of the finished text stands for: a value, or a field of all the rows in it. */
export interface Parameter {
  /** The place among the statement's values. */
  readonly index: number;
  readonly field?: string;
}

/** A statement as a database is given it. */
export interface Prepared {
  readonly text: string;
  /** Under this name PostgreSQL keeps it; null when nobody keeps it. */
  readonly name: string | null;
  /** One for each placeholder, where they are not simply the values. */
  readonly parameters: readonly Parameter[] | null;
}
