import type { EntityClass } from '@mikro-orm/core';
import { andAlso, type Condition } from './condition.ts';
import type { Table } from './rows.ts';

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

/** Under this name a row tells which parent it was read for. */
export const PARENT = '$parent';

/** Under this name a row tells how many rows its parent has, where it was asked. */
export const COUNT = '$count';

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
  /** Pages of each row's own rows. Their values follow all others: the limit, then as here. */
  readonly nested?: readonly NestedPage[] | undefined;
}

/** A page that is read for each row of another, in the same statement. */
export interface NestedPage {
  readonly source: ListSource;
  readonly shape: PageShape;
}

/** Tells shapes apart. */
export const shapeKey = (shape: PageShape): string =>
  [
    ...[shape.orderBy, shape.descending ? 'desc' : 'asc', ...shape.bounds],
    `${shape.properties} ${shape.count} ${shape.where?.text ?? ''} ${shape.matches?.select.text ?? ''}`,
    nestedKey(shape.nested),
  ].join(' ');

/** Tells apart what is nested in rows. */
export const nestedKey = (nested: readonly NestedPage[] = []): string =>
  nested.map(({ source, shape }) => `{${sourceKey(source)} ${shapeKey(shape)}}`).join('');

/** Tells apart what lists are made of. */
export function sourceKey({ entity, by, orBy, through }: ListSource): string {
  const between = through && [through.entity.name, through.owner, through.target, through.repeats];
  return `${[entity.name, by, orBy, between]}`;
}

/** What the rows of a page are ordered by, as SQL. */
export function order(table: Table, shape: PageShape, alias: string): string {
  const direction = shape.descending ? 'desc' : 'asc';
  const id = `${alias}.id ${direction}`;
  if (shape.orderBy === 'id') return id;
  return `${orderColumn(table, shape, alias)} ${direction}, ${id}`;
}

/** What rows are ordered by. A rank is one letter, so that the text behind it breaks its ties. */
export function orderColumn(table: Table, { orderBy, matches }: PageShape, alias: string): string {
  if (orderBy !== RELEVANCE || !matches) return `${alias}.${table.column(orderBy)}`;
  return `(m.rank || ${alias}.${table.column(matches.tiesBy)})`;
}

/** The same where the rows are `c`, each column named like its property. */
export function aliasedOrder({ orderBy, descending }: PageShape): string {
  const direction = descending ? 'desc' : 'asc';
  const id = `c.id ${direction}`;
  return orderBy === 'id' ? id : `c."${orderBy}" ${direction}, ${id}`;
}

/** What the bounds and the condition of a page say of its rows, their values from a parameter on. */
export function bounds(table: Table, shape: PageShape, firstParameter: number): string {
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
export const boundValues = (shape: PageShape): number => shape.bounds.length * valuesOfBound(shape);

/** How many values a page has behind its limit, before those of what is nested in its rows. */
export const ownValues = (shape: PageShape): number =>
  boundValues(shape) +
  (shape.where?.values.length ?? 0) +
  (shape.matches?.select.values.length ?? 0);

const valuesOfBound = ({ orderBy }: PageShape): number => (orderBy === 'id' ? 1 : 2);
