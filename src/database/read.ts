import type { EntityClass } from '@mikro-orm/core';
import type { Dialect } from './dialect.ts';
import type { EntityManager } from './entity-manager.ts';
import { type Row, type Table, tableOf } from './rows.ts';
import { Statement } from './statement.ts';

/** Which rows a list is made of: all of an entity's, or those that belong to a parent. */
export interface ListSource {
  readonly entity: EntityClass<object>;
  /** The to-one relation of the entity that leads to the parent. */
  readonly by?: string;
  /** For many-to-many: the entity between, and its relations to the parent and to the listed one. */
  readonly through?: {
    readonly entity: EntityClass<object>;
    readonly owner: string;
    readonly target: string;
  };
}

/** The order of a list and the stretch of it that a page needs. */
export interface PageShape {
  /** The property to order by; ties are broken by id. */
  readonly orderBy: string;
  readonly descending: boolean;
  /** How each cursor bounds the page; their values follow the limit as parameters, in pairs. */
  readonly bounds: readonly ('>' | '>=' | '<' | '<=')[];
}

/** Under this name a row tells which parent it was read for. */
export const PARENT = '$parent';

const statements = new Map<string, Statement<unknown>>();

/** Builds a statement once for each distinct text. */
function once<R>(key: readonly string[], make: () => Statement<R>): Statement<R> {
  const name = key.join('|');
  let statement = statements.get(name);
  if (!statement) {
    statement = make();
    statements.set(name, statement);
  }
  return statement as Statement<R>;
}

/** Rows whose column has one of the values in `$2`: of an organization, like every read here. */
export function rowsWhereIn<E extends object>(
  em: EntityManager,
  entity: EntityClass<E>,
  property: string,
): Statement<Row<E>> {
  const table = tableOf(em, entity);
  const type = table.kind(property) === 'text' ? 'text' : 'bigint';
  return once(['in', table.name, property], () => {
    // The index of an id or a relation begins with it; that of a name begins with the organization.
    const owned = (dialect: Dialect) =>
      type === 'text' ? 'x.organization_id = $1' : dialect.owned('x');
    const text = (dialect: Dialect) => `select ${table.columns('x')} from ${table.name} x
      where ${owned(dialect)} and ${dialect.isIn(`x.${table.column(property)}`, '$2', type)}`;
    return new Statement(text, table.decode);
  });
}

/** One page of an entity's rows: `$2` is the limit. */
export function pageOfAll(
  em: EntityManager,
  source: ListSource,
  shape: PageShape,
): Statement<Row<object>> {
  const table = tableOf(em, source.entity);
  return once(['page', table.name, shapeKey(shape)], () => {
    const text = `select ${table.columns('x')} from ${table.name} x
      where x.organization_id = $1 ${bounds(table, shape, 3)} order by ${order(table, shape, 'x')} limit $2`;
    return new Statement(() => text, table.decode);
  });
}

/** One page for each parent in `$3`, in one statement, `$2` rows at most each. */
export function pageOfEach(
  em: EntityManager,
  source: ListSource,
  shape: PageShape,
): Statement<Row<object>> {
  const table = tableOf(em, source.entity);
  const children = childrenOf(em, source);
  return once(['each', table.name, children.key, shapeKey(shape)], () => {
    const inner = (columns: string, dialect: Dialect) => `select ${columns} from ${children.from}
      where ${dialect.owned('x')} and ${children.parent} = p.value ${bounds(table, shape, 4)}
      order by ${order(table, shape, 'x')} limit $2`;
    // Both take the first rows of each parent from an index; a window function would read them all.
    const text = {
      postgresql: (dialect: Dialect) => `select p.value as "${PARENT}", c.*
        from ${dialect.listed('$3')} p cross join lateral (${inner(table.columns('x'), dialect)}) c
        order by p.key, ${aliasedOrder(shape)}`,
      sqlite: (dialect: Dialect) => `select p.value as "${PARENT}", ${table.columns('c')}
        from ${dialect.listed('$3')} p cross join ${table.name} c on c.id in (${inner('x.id', dialect)})
        order by p.key, ${order(table, shape, 'c')}`,
    };
    return new Statement((dialect) => text[dialect.name](dialect), table.decode);
  });
}

/** How many rows an entity has. */
export function countOfAll(em: EntityManager, source: ListSource): Statement<{ count: number }> {
  const table = tableOf(em, source.entity);
  return once(['count', table.name], () => {
    const text = `select count(*) as "count" from ${table.name} where organization_id = $1`;
    return new Statement(() => text);
  });
}

/** How many rows each parent in `$2` has; parents without one are left out. */
export function countOfEach(
  em: EntityManager,
  source: ListSource,
): Statement<{ [PARENT]: number; count: number }> {
  const children = childrenOf(em, source, 'count');
  return once(['counts', children.key], () => {
    const text = (
      dialect: Dialect,
    ) => `select ${children.parent} as "${PARENT}", count(*) as "count"
      from ${children.from} where ${dialect.owned('x')} and ${dialect.isIn(children.parent, '$2')}
      group by ${children.parent}`;
    return new Statement(text);
  });
}

interface Children {
  readonly key: string;
  readonly from: string;
  /** The column that holds the parent. */
  readonly parent: string;
}

/** The rows of a parent, as `x`: joined to the entity between, or that alone when it is to count. */
function childrenOf(
  em: EntityManager,
  source: ListSource,
  purpose: 'list' | 'count' = 'list',
): Children {
  const table = tableOf(em, source.entity);
  if (source.through) {
    const between = tableOf(em, source.through.entity);
    const { owner, target } = source.through;
    const key = `${between.name}.${owner}.${target}`;
    const column = between.column(owner);
    if (purpose === 'count') return { key, from: `${between.name} x`, parent: `x.${column}` };
    const from = `${between.name} v join ${table.name} x on x.id = v.${between.column(target)}`;
    return { key, from, parent: `v.${column}` };
  }
  if (!source.by) throw new Error(`${table.entity} is listed for a parent, but by which relation?`);
  const parent = `x.${table.column(source.by)}`;
  return { key: `${table.name}.${source.by}`, from: `${table.name} x`, parent };
}

const shapeKey = (shape: PageShape): string =>
  [shape.orderBy, shape.descending ? 'desc' : 'asc', ...shape.bounds].join(' ');

function order(table: Table, shape: PageShape, alias: string): string {
  const direction = shape.descending ? 'desc' : 'asc';
  const id = `${alias}.id ${direction}`;
  if (shape.orderBy === 'id') return id;
  return `${alias}.${table.column(shape.orderBy)} ${direction}, ${id}`;
}

function aliasedOrder({ orderBy, descending }: PageShape): string {
  const direction = descending ? 'desc' : 'asc';
  const id = `c.id ${direction}`;
  return orderBy === 'id' ? id : `c."${orderBy}" ${direction}, ${id}`;
}

function bounds(table: Table, shape: PageShape, firstParameter: number): string {
  return shape.bounds
    .map((operator, index) => {
      const parameter = firstParameter + index * (shape.orderBy === 'id' ? 1 : 2);
      if (shape.orderBy === 'id') return `and x.id ${operator} $${parameter}`;
      const column = table.column(shape.orderBy);
      return `and (x.${column}, x.id) ${operator} ($${parameter}, $${parameter + 1})`;
    })
    .join(' ');
}
