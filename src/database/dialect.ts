import { SqlitePlatform } from '@mikro-orm/sql';
import type { EntityManager } from './entity-manager.ts';

/** Types of the fields of a JSON array that a statement reads as rows. */
type JsonFields = Readonly<
  Record<string, 'bigint' | 'boolean' | 'date' | 'json' | 'text' | 'timestamptz'>
>;

/** The few places where the two databases want different SQL. Placeholders are `$1`, `$2` on both. */
export interface Dialect {
  readonly name: 'sqlite' | 'postgresql';
  /**
   * The row of an alias belongs to the organization in `$1`, where other conditions find the row.
   * Without statistics SQLite takes an index on the organization for the best way to any row, and
   * reads all rows of the organization; a plus keeps it from that.
   */
  owned(alias: string): string;
  /** `column` is one of the list in a placeholder. */
  isIn(column: string, placeholder: string, type?: 'bigint' | 'text'): string;
  /** A list in a placeholder as the rows `(key, value)`, `key` in the list's order. */
  listed(placeholder: string): string;
  /** A JSON array of objects in a placeholder as a table expression that is named by the caller. */
  jsonRows(placeholder: string, fields: JsonFields): string;
  /** A moment in a placeholder, where nothing around it tells its type. */
  time(placeholder: string): string;
  /** Puts a clause that locks the rows of a select behind it, where rows can be locked. */
  forUpdate(alias: string): string;
  /** The larger of two values. */
  greatest(first: string, second: string): string;
  /** Sets the order in which a join is run, where the planner has to be told. */
  readonly orderedJoin: string;
}

const postgresql: Dialect = {
  name: 'postgresql',
  owned: (alias) => `${alias}.organization_id = $1`,
  isIn: (column, placeholder, type = 'bigint') => `${column} = any(${placeholder}::${type}[])`,
  listed: (placeholder) =>
    `(select value, ordinality as key from unnest(${placeholder}::bigint[]) with ordinality as u(value))`,
  jsonRows: (placeholder, fields) => {
    const columns = Object.entries(fields).map(([name, type]) => `"${name}" ${type}`);
    return `(select * from json_to_recordset(${placeholder}::json) as j(${columns.join(', ')}))`;
  },
  time: (placeholder) => `${placeholder}::timestamptz`,
  // Whoever inserts a row that refers to a locked one must not wait: no key changes here.
  forUpdate: (alias) => `for no key update of ${alias}`,
  greatest: (first, second) => `greatest(${first}, ${second})`,
  orderedJoin: 'join',
};

const sqlite: Dialect = {
  name: 'sqlite',
  owned: (alias) => `+${alias}.organization_id = $1`,
  isIn: (column, placeholder) => `${column} in (select value from json_each(${placeholder}))`,
  listed: (placeholder) => `json_each(${placeholder})`,
  jsonRows: (placeholder, fields) => {
    const columns = Object.keys(fields).map((name) => `value ->> '${name}' as "${name}"`);
    return `(select ${columns.join(', ')} from json_each(${placeholder}))`;
  },
  time: (placeholder) => placeholder,
  // The one writer that a SQLite file has needs no row locks.
  forUpdate: () => '',
  greatest: (first, second) => `max(${first}, ${second})`,
  orderedJoin: 'cross join',
};

/** The dialect of the database behind an EntityManager. */
export function dialectOf(em: EntityManager): Dialect {
  return em.getPlatform() instanceof SqlitePlatform ? sqlite : postgresql;
}
