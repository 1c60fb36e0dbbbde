import { andAlso, type Condition } from '../database/condition.ts';
import type { Dialect } from '../database/dialect.ts';

/** A summary has no more rows than this; one more is read, to tell that there are too many. */
export const MOST_GROUPS = 10_000;

/** What the rows of a summary can be told apart by: its name, and the key of a row's group as SQL. */
export interface GroupKey {
  readonly name: string;
  readonly sql: string;
}

/** What a summary is made of, as SQL. */
interface SummaryParts {
  /** Tables that the others read, in front of the select: ended by a comma, or nothing. */
  readonly given?: string;
  readonly keys: readonly GroupKey[];
  /** What is told of each group besides its keys. */
  readonly figures: readonly string[];
  /** The rows that are summed up, from their tables to their conditions. */
  readonly from: string;
}

/** The rows that keys lead to, and the column by which people know them. */
const ORDERED_BY: Readonly<Record<string, { readonly table: string; readonly column: string }>> = {
  item: { table: 'items', column: 'sku_key' },
  category: { table: 'categories', column: 'name_key' },
  location: { table: 'locations', column: 'code_key' },
  lot: { table: 'lots', column: 'code_key' },
};

/**
 * The SQL of a summary: one row for each group, ordered by the names that people know the keys by, in
 * the order of the keys; a key that leads nowhere comes last. Grouped by item, a row tells the item's
 * `decimals`.
 */
export function summarySql(
  dialect: Dialect,
  { given = '', keys, figures, from }: SummaryParts,
): string {
  const named = keys.flatMap(({ name }) => {
    const leadsTo = ORDERED_BY[name];
    return leadsTo ? [{ name, ...leadsTo }] : [];
  });
  const joins = named.map(({ name, table }) => {
    const row = `of_${name}`;
    return `left join ${table} ${row} on ${row}.id = g."${name}" and ${dialect.owned(row)}`;
  });
  const orders = keys.flatMap(({ name }) => {
    const column = ORDERED_BY[name]?.column;
    return [...(column ? [`of_${name}.${column} nulls last`] : []), `g."${name}"`];
  });
  const decimals = keys.some(({ name }) => name === 'item') ? ', of_item.decimals' : '';
  return `with ${given} g as (
      select ${[...keys.map(({ name, sql }) => `${sql} as "${name}"`), ...figures].join(', ')}
      from ${from}
      group by ${keys.map((_, index) => index + 1).join(', ')})
    select g.*${decimals} from g ${joins.join(' ')}
    order by ${orders.join(', ')} limit ${MOST_GROUPS + 1}`;
}

/** A sum as text: it may be larger than a number holds exactly. */
export const sumOf = (units: string, name: string): string =>
  `cast(sum(${units}) as text) as "${name}"`;

/**
 * Which rows of an alias are summed up: all of the organization, or those of a condition, whose values
 * begin with a placeholder. A condition's own index is the better way to its rows.
 */
export const summedUp = (
  dialect: Dialect,
  alias: string,
  { where, first }: { readonly where: Condition | undefined; readonly first: number },
): string =>
  where ? `${dialect.owned(alias)} ${andAlso(where, first)}` : `${alias}.organization_id = $1`;
