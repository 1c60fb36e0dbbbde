import { childrenOf, isChildOf } from './children.ts';
import { andAlso, type Condition } from './condition.ts';
import type { Dialect } from './dialect.ts';
import type { EntityManager } from './entity-manager.ts';
import { bounds, type ListSource, order, type PageShape } from './page-shape.ts';
import { tableOf } from './rows.ts';

/** Where a page of a parent's rows stands in a statement. */
interface PlaceOfPage {
  /** The parent's key, as SQL. */
  readonly parent: string;
  /** The placeholder of the limit. */
  readonly limit: string;
  /** The number of the first placeholder of its other values. */
  readonly first: number;
}

/** A page of one parent's rows, in which they are `x`: some columns of them, as SQL. */
export function childPage(
  em: EntityManager,
  source: ListSource,
  shape: PageShape,
  { parent, limit, first }: PlaceOfPage,
): (columns: string, dialect: Dialect) => string {
  const children = childrenOf(em, source);
  const table = tableOf(em, source.entity);
  const firstOf = (columns: string, dialect: Dialect, isChild: string) => `select ${columns}
    from ${children.from(dialect)} where ${isChild} order by ${order(table, shape, 'x')} limit ${limit}`;
  const ofOne = (column: string, dialect: Dialect) =>
    `${dialect.owned('x')} and ${column} = ${parent} ${bounds(table, shape, first)}`;
  // The first by either relation are among the first by each, which an index has in order.
  const ofEither = (dialect: Dialect) => {
    const ids = children.parents.map(
      (column) => `select e.id from (${firstOf('x.id', dialect, ofOne(column, dialect))}) e`,
    );
    return `x.id in (${ids.join(' union ')})`;
  };
  return (columns, dialect) => {
    const [column = '', ...others] = children.parents;
    const isChild = others.length > 0 ? ofEither(dialect) : ofOne(column, dialect);
    return firstOf(`${children.distinct}${columns}`, dialect, isChild);
  };
}

/**
 * How many rows a parent has, as SQL: all, or those of a condition, whose values begin at a placeholder.
 * @param parent is the parent's key, as SQL.
 */
export function childCount(
  em: EntityManager,
  source: ListSource,
  condition: Condition | undefined,
  { parent, first }: Pick<PlaceOfPage, 'parent' | 'first'>,
): (dialect: Dialect) => string {
  // What belongs to a parent belongs to its organization: so the index of the relation is enough.
  const all = childrenOf(em, source, condition ? 'list' : 'count');
  return (dialect) => `(select count(${all.counted}) from ${all.from(dialect)}
    where ${isChildOf(all, parent)} ${andAlso(condition, first)})`;
}
