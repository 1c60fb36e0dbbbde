import type { EntityClass } from '@mikro-orm/core';
import { childCount, childPage } from './child-page.ts';
import { childrenOf } from './children.ts';
import { andAlso, type Condition, placed } from './condition.ts';
import type { Dialect } from './dialect.ts';
import type { EntityManager } from './entity-manager.ts';
import { once } from './kept-statements.ts';
import { NestedPages } from './nested-pages.ts';
import {
  aliasedOrder,
  bounds,
  boundValues,
  COUNT,
  type ListSource,
  type NestedPage,
  nestedKey,
  order,
  orderColumn,
  ownValues,
  PARENT,
  type PageShape,
  RELEVANCE,
  shapeKey,
} from './page-shape.ts';
import { project } from './projection.ts';
import { type Row, type Table, tableOf } from './rows.ts';
import { Statement } from './statement.ts';

/**
 * Rows whose column has one of the values in `$2`: of an organization, like every read here. The values
 * of what is nested in them follow.
 */
export function rowsWhereIn<E extends object>(
  em: EntityManager,
  entity: EntityClass<E>,
  property: string,
  paths?: readonly string[],
  nested?: readonly NestedPage[],
): Statement<Row<E>> {
  const key = ['in', entity.name, property, `${paths}`, nestedKey(nested)];
  return once(
    key,
    () => {
      const table = tableOf(em, entity);
      const read = project(em, entity, paths);
      const type = table.kind(property) === 'text' ? 'text' : 'bigint';
      const column = (name: string) => `x.${table.column(name)}`;
      // The index of an id or a relation begins with it; that of a name with the organization.
      const owned = (dialect: Dialect) =>
        type === 'text' ? 'x.organization_id = $1' : dialect.owned('x');
      const pages = new NestedPages(em, nested, { key: 'x.id', first: 3 });
      const text = (
        dialect: Dialect,
      ) => `select ${read.own('x')}${read.related}${pages.select(dialect)}
        from ${table.name} x ${read.joins(dialect, column)} ${pages.join}
        where ${owned(dialect)} and ${dialect.isIn(column(property), '$2', type)}`;
      return new Statement(text, read.decode, pages.unpack);
    },
    paths !== undefined,
  );
}

/** One page of an entity's rows: `$2` is the limit. */
export function pageOfAll(
  em: EntityManager,
  source: ListSource,
  shape: PageShape,
): Statement<Row<object>> {
  const key = ['page', source.entity.name, shapeKey(shape)];
  const make = () => {
    const table = tableOf(em, source.entity);
    const read = project(em, source.entity, shape.properties);
    const found = matched(table, shape);
    const pages = new NestedPages(em, shape.nested, { key: 'x.id', first: 3 + ownValues(shape) });
    const text = (
      dialect: Dialect,
    ) => `select ${found.column}${read.own('x')}${read.related}${pages.select(dialect)}
      from ${found.join}${table.name} x ${found.on}
        ${read.joins(dialect, (name) => `x.${table.column(name)}`)} ${pages.join}
      where x.organization_id = $1 ${bounds(table, shape, 3)} order by ${order(table, shape, 'x')} limit $2`;
    return new Statement<Row<object>>(text, read.decode, pages.unpack);
  };
  return once(key, make, isChosen(shape));
}

/** The rows that a search finds, joined in front of the table, and how well each matches. */
function matched(table: Table, shape: PageShape): Record<'column' | 'join' | 'on', string> {
  const { matches } = shape;
  if (!matches) return { column: '', join: '', on: '' };
  const first = 3 + boundValues(shape) + (shape.where?.values.length ?? 0);
  return {
    column: `${orderColumn(table, shape, 'x')} as "${RELEVANCE}", `,
    join: `(${placed(matches.select, first)}) m join `,
    on: 'on x.id = m.id',
  };
}

/**
 * One page for each parent in `$3`, in one statement, `$2` rows at most each. With a count, a parent
 * that has no row on its page has one without an id.
 */
export function pageOfEach(
  em: EntityManager,
  source: ListSource,
  shape: PageShape,
): Statement<Row<object>> {
  const children = childrenOf(em, source);
  const key = ['each', source.entity.name, children.key, shapeKey(shape)];
  const make = () => {
    const table = tableOf(em, source.entity);
    const read = project(em, source.entity, shape.properties);
    const inner = childPage(em, source, shape, { parent: 'p.value', limit: '$2', first: 4 });
    const counted = { parent: 'l.value', first: 4 + boundValues(shape) };
    const total = childCount(em, source, shape.where, counted);
    const pages = new NestedPages(em, shape.nested, { key: 'c.id', first: 4 + ownValues(shape) });
    // Both take the first rows of each parent from an index; a window function would read them all.
    const count = shape.count ? `p.count as "${COUNT}", ` : '';
    // The limit has each parent's rows counted once, and not again for each row of its page.
    const parents = (dialect: Dialect) =>
      shape.count
        ? `(select l.value, l.key, ${total(dialect)} as count
          from ${dialect.listed('$3')} l ${dialect.orderedJoin} ${children.parentTable} o
            on o.id = l.value and ${dialect.owned('o')} limit 100000) p left join`
        : `${dialect.listed('$3')} p cross join`;
    const text = {
      postgresql: (
        dialect: Dialect,
      ) => `select p.value as "${PARENT}", ${count}c.*${read.related}${pages.select(dialect)}
        from ${parents(dialect)} lateral (${inner(read.within('x', shape.orderBy), dialect)}) c
        ${shape.count ? 'on true' : ''} ${read.joins(dialect, (name) => `c."${name}"`)} ${pages.join}
        order by p.key, ${aliasedOrder(shape)}`,
      sqlite: (
        dialect: Dialect,
      ) => `select p.value as "${PARENT}", ${count}${read.own('c')}${read.related}
        from ${parents(dialect)} ${table.name} c on c.id in (${inner('x.id', dialect)})
        ${read.joins(dialect, (name) => `c.${table.column(name)}`)}
        order by p.key, ${order(table, shape, 'c')}`,
    };
    const written = (dialect: Dialect) => text[dialect.name](dialect);
    return new Statement<Row<object>>(written, read.decode, pages.unpack);
  };
  return once(key, make, isChosen(shape));
}

/** Whether it is a request that chose what is read, or of which rows. */
const isChosen = ({ properties, where, matches }: PageShape): boolean =>
  properties !== undefined || where !== undefined || matches !== undefined;

/** How many rows an entity has: all, or those of a condition, whose values begin with `$2`. */
export function countOfAll(
  em: EntityManager,
  source: ListSource,
  where?: Condition,
): Statement<{ count: number }> {
  const table = tableOf(em, source.entity);
  const key = ['count', table.name, where?.text ?? ''];
  const text = `select count(*) as "count" from ${table.name} x
    where x.organization_id = $1 ${andAlso(where, 2)}`;
  return once(key, () => new Statement(() => text), where !== undefined);
}

/** How many rows each parent in `$2` has: all, or those of a condition, whose values begin with `$3`. */
export function countOfEach(
  em: EntityManager,
  source: ListSource,
  where?: Condition,
): Statement<{ [PARENT]: number; count: number }> {
  const children = childrenOf(em, source);
  const key = ['counts', children.key, where?.text ?? ''];
  const make = () => {
    const count = childCount(em, source, where, { parent: 'o.id', first: 3 });
    const text = (dialect: Dialect) => `select o.id as "${PARENT}", ${count(dialect)} as "count"
      from ${children.parentTable} o
      where ${dialect.owned('o')} and ${dialect.isIn('o.id', '$2')}`;
    return new Statement<{ [PARENT]: number; count: number }>(text);
  };
  return once(key, make, where !== undefined);
}
