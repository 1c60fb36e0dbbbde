import type { EntityClass } from '@mikro-orm/core';
import { childrenOf, isChildOf } from './children.ts';
import { andAlso, type Condition, placed } from './condition.ts';
import type { Dialect } from './dialect.ts';
import type { EntityManager } from './entity-manager.ts';
import { once } from './kept-statements.ts';
import { project } from './projection.ts';
import { type Row, type Table, tableOf } from './rows.ts';
import { Statement } from './statement.ts';

/** Which rows a list is made of: all of an entity's, or those that belong to a parent. */
export interface ListSource {
  readonly entity: EntityClass<object>;
  /** The to-one relation of the entity that leads to the parent. */
  readonly by?: string;
  /** Another one: a row belongs to a parent that either of the two leads to. */
  readonly orBy?: string;
  /** For many-to-many: the entity between, and its relations to the parent and to the listed one. */
  readonly through?: {
    readonly entity: EntityClass<object>;
    readonly owner: string;
    readonly target: string;
    /** Whether the entity between can lead from a parent to the same row more than once. */
    readonly repeats?: boolean;
  };
}

/** The rows that a search finds, and how well. */
export interface Matches {
  /** A select of `id` and `rank`, a text of which the smallest is the best. */
  readonly select: Condition;
  /** The property by which rows of one rank are ordered. */
  readonly tiesBy: string;
}

/** The name of the ordering of a search: by how well rows match, the best first. */
export const RELEVANCE = '$relevance';

/** The order of a list and the stretch of it that a page needs. */
export interface PageShape {
  /** The property to order by; ties are broken by id. */
  readonly orderBy: string;
  readonly descending: boolean;
  /** How each cursor bounds the page; their values follow the limit as parameters, in pairs. */
  readonly bounds: readonly ('>' | '>=' | '<' | '<=')[];
  /** Which rows the list has; all unless said. Its values follow those of the bounds. */
  readonly where?: Condition | undefined;
  /** What a list that is ordered by `RELEVANCE` has. Its values follow those of the condition. */
  readonly matches?: Matches | undefined;
  /** What to read, as paths of a `Projection`; all properties unless said. */
  readonly properties?: readonly string[] | undefined;
  /** Whether each row is to tell, under `COUNT`, how many rows its parent has. */
  readonly count?: boolean | undefined;
}

/** Under this name a row tells which parent it was read for. */
export const PARENT = '$parent';

/** Under this name a row tells how many rows its parent has, where it was asked. */
export const COUNT = '$count';

/** Rows whose column has one of the values in `$2`: of an organization, like every read here. */
export function rowsWhereIn<E extends object>(
  em: EntityManager,
  entity: EntityClass<E>,
  property: string,
  paths?: readonly string[],
): Statement<Row<E>> {
  const key = ['in', entity.name, property, `${paths}`];
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
      const text = (dialect: Dialect) => `select ${read.own('x')}${read.related}
        from ${table.name} x ${read.joins(dialect, column)}
        where ${owned(dialect)} and ${dialect.isIn(column(property), '$2', type)}`;
      return new Statement(text, read.decode);
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
    const text = (dialect: Dialect) => `select ${found.column}${read.own('x')}${read.related}
      from ${found.join}${table.name} x ${found.on}
        ${read.joins(dialect, (name) => `x.${table.column(name)}`)}
      where x.organization_id = $1 ${bounds(table, shape, 3)} order by ${order(table, shape, 'x')} limit $2`;
    return new Statement<Row<object>>(text, read.decode);
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
    const firstOf = (columns: string, dialect: Dialect, isChild: string) => `select ${columns}
      from ${children.from(dialect)} where ${isChild} order by ${order(table, shape, 'x')} limit $2`;
    const ofOne = (parent: string, dialect: Dialect) =>
      `${dialect.owned('x')} and ${parent} = p.value ${bounds(table, shape, 4)}`;
    // The first by either relation are among the first by each, which an index has in order.
    const ofEither = (dialect: Dialect) => {
      const ids = children.parents.map(
        (parent) => `select e.id from (${firstOf('x.id', dialect, ofOne(parent, dialect))}) e`,
      );
      return `x.id in (${ids.join(' union ')})`;
    };
    const inner = (columns: string, dialect: Dialect) => {
      const [parent = '', ...others] = children.parents;
      const isChild = others.length > 0 ? ofEither(dialect) : ofOne(parent, dialect);
      return firstOf(`${children.distinct}${columns}`, dialect, isChild);
    };
    // Both take the first rows of each parent from an index; a window function would read them all.
    const all = childrenOf(em, source, shape.where ? 'list' : 'count');
    const count = shape.count ? `p.count as "${COUNT}", ` : '';
    // What belongs to a parent belongs to its organization: so the index of the relation is enough.
    // The limit has each parent's rows counted once, and not again for each row of its page.
    const parents = (dialect: Dialect) =>
      shape.count
        ? `(select l.value, l.key,
            (select count(${all.counted}) from ${all.from(dialect)} where ${isChildOf(all, 'l.value')} ${where(shape, 4)}) as count
          from ${dialect.listed('$3')} l ${dialect.orderedJoin} ${all.parentTable} o
            on o.id = l.value and ${dialect.owned('o')} limit 100000) p left join`
        : `${dialect.listed('$3')} p cross join`;
    const text = {
      postgresql: (dialect: Dialect) => `select p.value as "${PARENT}", ${count}c.*${read.related}
        from ${parents(dialect)} lateral (${inner(read.within('x', shape.orderBy), dialect)}) c
        ${shape.count ? 'on true' : ''} ${read.joins(dialect, (name) => `c."${name}"`)}
        order by p.key, ${aliasedOrder(shape)}`,
      sqlite: (
        dialect: Dialect,
      ) => `select p.value as "${PARENT}", ${count}${read.own('c')}${read.related}
        from ${parents(dialect)} ${table.name} c on c.id in (${inner('x.id', dialect)})
        ${read.joins(dialect, (name) => `c.${table.column(name)}`)}
        order by p.key, ${order(table, shape, 'c')}`,
    };
    return new Statement<Row<object>>((dialect) => text[dialect.name](dialect), read.decode);
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
  const children = childrenOf(em, source, where ? 'list' : 'count');
  const key = ['counts', children.key, where?.text ?? ''];
  const make = () => {
    // What belongs to a parent belongs to its organization: so the index of the relation is enough.
    const text = (
      dialect: Dialect,
    ) => `select o.id as "${PARENT}", (select count(${children.counted})
        from ${children.from(dialect)} where ${isChildOf(children, 'o.id')} ${andAlso(where, 3)}) as "count"
      from ${children.parentTable} o
      where ${dialect.owned('o')} and ${dialect.isIn('o.id', '$2')}`;
    return new Statement<{ [PARENT]: number; count: number }>(text);
  };
  return once(key, make, where !== undefined);
}

const shapeKey = (shape: PageShape): string =>
  [
    ...[shape.orderBy, shape.descending ? 'desc' : 'asc', ...shape.bounds],
    `${shape.properties} ${shape.count} ${shape.where?.text ?? ''} ${shape.matches?.select.text ?? ''}`,
  ].join(' ');

function order(table: Table, shape: PageShape, alias: string): string {
  const direction = shape.descending ? 'desc' : 'asc';
  const id = `${alias}.id ${direction}`;
  if (shape.orderBy === 'id') return id;
  return `${orderColumn(table, shape, alias)} ${direction}, ${id}`;
}

/** What rows are ordered by. A rank is one letter, so that the text behind it breaks its ties. */
function orderColumn(table: Table, { orderBy, matches }: PageShape, alias: string): string {
  if (orderBy !== RELEVANCE || !matches) return `${alias}.${table.column(orderBy)}`;
  return `(m.rank || ${alias}.${table.column(matches.tiesBy)})`;
}

function aliasedOrder({ orderBy, descending }: PageShape): string {
  const direction = descending ? 'desc' : 'asc';
  const id = `c.id ${direction}`;
  return orderBy === 'id' ? id : `c."${orderBy}" ${direction}, ${id}`;
}

/** What the bounds and the condition of a page say of its rows, their values from a parameter on. */
function bounds(table: Table, shape: PageShape, firstParameter: number): string {
  const within = shape.bounds.map((operator, index) => {
    const parameter = firstParameter + index * valuesOfBound(shape);
    if (shape.orderBy === 'id') return `and x.id ${operator} $${parameter}`;
    const column = orderColumn(table, shape, 'x');
    return `and (${column}, x.id) ${operator} ($${parameter}, $${parameter + 1})`;
  });
  return [...within, where(shape, firstParameter)].join(' ');
}

/** The condition of a page, when the bounds' values begin with a parameter. */
const where = (shape: PageShape, firstParameter: number): string =>
  andAlso(shape.where, firstParameter + boundValues(shape));

/** How many values the bounds of a page have. */
const boundValues = (shape: PageShape): number => shape.bounds.length * valuesOfBound(shape);

const valuesOfBound = ({ orderBy }: PageShape): number => (orderBy === 'id' ? 1 : 2);
