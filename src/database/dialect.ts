import { SqlitePlatform } from '@mikro-orm/sql';
import type { EntityManager } from './entity-manager.ts';

/** Types of the fields of `JsonRows`. */
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
  /** `JsonRows` in a placeholder as a table expression that is named by the caller. */
  jsonRows(placeholder: string, fields: JsonFields): string;
  /** A moment in a placeholder, where nothing around it tells its type. */
  time(placeholder: string): string;
  /** The milliseconds since 1970 of a column of a time. */
  milliseconds(column: string): string;
  /** The day of a time, or the first of its month, on a calendar so many seconds ahead of UTC's. */
  localDate(unit: 'day' | 'month', column: string, seconds: string): string;
  /** Puts a clause that locks the rows of a select behind it, where rows can be locked. */
  forUpdate(alias: string): string;
  /** Puts a clause that keeps the rows of a select as they are until the commit behind it, likewise. */
  forShare(alias: string): string;
  /** Puts a write in front of a select, as one statement, where the database can. */
  alsoWrite(write: string): string;
  /**
   * Joins the one row of a table with a key, looked up for each row: however many rows the planner
   * takes a limit in a placeholder for, it is not to read the whole table for them.
   */
  toOne(table: string, alias: string, key: string): string;
  /** A number of a list in a placeholder, by its place: 0 for the first. */
  nth(placeholder: string, place: string): string;
  /** The larger of two values. */
  greatest(first: string, second: string): string;
  /** Whether rows are read with pages of their own in them: where each statement is a way of its own. */
  readonly nestsPages: boolean;
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
  milliseconds: (column) => `cast(extract(epoch from ${column}) * 1000 as bigint)`,
  localDate: (unit, column, seconds) => {
    const local = `(${column} + ${seconds} * interval '1 second') at time zone 'UTC'`;
    return `cast(date_trunc('${unit}', ${local}) as date)`;
  },
  // Whoever inserts a row that refers to a locked one must not wait: no key changes here.
  forUpdate: (alias) => `for no key update of ${alias}`,
  forShare: (alias) => `for share of ${alias}`,
  alsoWrite: (write) => `with written as (${write})`,
  toOne: (table, alias, key) => `left join lateral (select * from ${table} t
    where t.id = ${key} and t.organization_id = $1 offset 0) ${alias} on true`,
  nth: (placeholder, place) => `(${placeholder}::bigint[])[${place} + 1]`,
  greatest: (first, second) => `greatest(${first}, ${second})`,
  nestsPages: true,
  orderedJoin: 'join',
};

/**
 * Each field of the rows travels as an array of its own, which `Statement` makes a parameter: many rows
 * are read in a fifth of the time that JSON takes, while for a few the many parameters cost more.
 */
const manyRows: Dialect = {
  ...postgresql,
  jsonRows: (placeholder, fields) => {
    const arrays = Object.entries(fields).map(
      ([name, type]) => `${placeholder}{${name}}::${type}[]`,
    );
    const names = Object.keys(fields).map((name) => `"${name}"`);
    return `(select * from unnest(${arrays.join(', ')}) as j(${names.join(', ')}))`;
  },
};

const sqlite: Dialect = {
  name: 'sqlite',
  owned: (alias) => `+${alias}.organization_id = $1`,
  isIn: (column, placeholder) => `${column} in (select value from json_each(${placeholder}))`,
  listed: (placeholder) => `json_each(${placeholder})`,
  jsonRows: (placeholder, fields) => {
    const columns = Object.keys(fields).map((name) => `value ->> '${name}' as "${name}"`);
    // `jsonb_each` hands each object over as it parsed it; `json_each` would have it parsed anew for
    // every field.
    return `(select ${columns.join(', ')} from jsonb_each(${placeholder}))`;
  },
  time: (placeholder) => placeholder,
  milliseconds: (column) => column,
  localDate: (unit, column, seconds) => {
    // Divided as a whole number, what lies before 1970 would be rounded up.
    const local = `${column} / 1000.0 + ${seconds}`;
    return `date(${local}, 'unixepoch'${unit === 'month' ? ", 'start of month'" : ''})`;
  },
  // The one writer that a SQLite file has needs no row locks.
  forUpdate: () => '',
  forShare: () => '',
  alsoWrite: () => '',
  toOne: (table, alias, key) =>
    `left join ${table} ${alias} on ${alias}.id = ${key} and +${alias}.organization_id = $1`,
  nth: (placeholder, place) => `(${placeholder} ->> ${place})`,
  greatest: (first, second) => `max(${first}, ${second})`,
  nestsPages: false,
  orderedJoin: 'cross join',
};

/** The dialect for a statement that takes many rows: the same, but for how they travel. */
export const forManyRows = (dialect: Dialect): Dialect =>
  dialect === postgresql ? manyRows : dialect;

/** The dialect of the database behind an EntityManager. */
export function dialectOf(em: EntityManager): Dialect {
  return em.getPlatform() instanceof SqlitePlatform ? sqlite : postgresql;
}
