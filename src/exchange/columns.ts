import type { Kind } from './kinds.ts';

/** A column of a file. */
interface Column<T = unknown> {
  readonly kind: Kind<T>;
  /** What it says, for people. */
  readonly says: string;
  /** Whether every row must say something there. */
  readonly isRequired?: boolean;
  /** Whether it is only told, as nobody but the server can know it: an import passes over it. */
  readonly isOnlyTold?: boolean;
}

/** The columns of a file by name, in their order. */
export type Columns = Readonly<Record<string, Column>>;

/** A row as the program has it: null where a cell is blank, undefined where there is no such column. */
export type RowOf<C extends Columns> = {
  readonly [K in keyof C]?: (C[K] extends Column<infer T> ? T : never) | null;
};

/** A row as a file tells it: by the names of its columns, with values as JSON has them. */
export type ToldRow<C extends Columns> = Readonly<Record<keyof C, unknown>>;
