import {
  type Collection,
  type EntityClass,
  type EntityMetadata,
  type EntityProperty,
  JsonType,
  type Opt,
} from '@mikro-orm/core';
import type { EntityManager } from './entity-manager.ts';

declare const entityOf: unique symbol;

type ToOne<V> = NonNullable<V> extends { unwrap(): object } ? true : false;
type Scalar<V> = V extends Opt<infer T> ? T : V;
type RowKeys<E> = {
  [K in keyof E & string]: E[K] extends (...args: never[]) => unknown
    ? never
    : NonNullable<E[K]> extends Collection<object>
      ? never
      : K;
}[keyof E & string];

/**
 * What a read gives: a plain object with an entity's scalar properties, and the key of the row at the
 * other end for each to-one relation. Never managed, never hydrated.
 */
export type Row<E> = {
  readonly [K in RowKeys<E>]-?: ToOne<E[K]> extends true
    ? null extends E[K]
      ? number | null
      : number
    : Exclude<Scalar<E[K]>, undefined>;
} & { readonly [entityOf]?: E };

/** Names of an entity's to-one relations. */
export type RelationName<E> = {
  [K in keyof E & string]: ToOne<E[K]> extends true ? K : never;
}[keyof E & string];

/** Turns what a driver returns for a row into what `Row` promises; changes the object it is given. */
export type Decode = (row: Record<string, unknown>) => void;

/** An entity as SQL sees it. Property names go in, quoted column names come out. */
export interface Table {
  readonly entity: string;
  readonly name: string;
  /** The names of all properties that have a column, in the order of the columns. */
  readonly properties: readonly string[];
  /** The columns of some properties, or of all, each named like its property. */
  columns(alias?: string, properties?: readonly string[]): string;
  column(property: string): string;
  /** What a property's values are, as far as ordering and binding them goes. */
  kind(property: string): 'text' | 'number' | 'time';
  /** The entity that a to-one relation leads to. */
  target(property: string): EntityClass<object>;
  /** For rows that come from SQLite, which knows neither booleans, nor times, nor JSON. */
  readonly decode: Decode;
  /** The same for one property; undefined where SQLite has what it takes. */
  convert(property: string): Converter | undefined;
}

const tables = new WeakMap<EntityMetadata, Table>();

/** The table of an entity, from the ORM's metadata. */
export function tableOf(em: EntityManager, entity: EntityClass<object>): Table {
  const meta: EntityMetadata = em.getMetadata().get(entity);
  let table = tables.get(meta);
  if (!table) {
    table = makeTable(meta);
    tables.set(meta, table);
  }
  return table;
}

/**
 * Makes something of the entities' tables with the first call, and gives it again with every other:
 * the tables are named alike on both databases.
 */
export function madeOnce<T>(make: (em: EntityManager) => T): (em: EntityManager) => T {
  let made: T | undefined;
  return (em) => {
    made ??= make(em);
    return made;
  };
}

function makeTable(meta: EntityMetadata): Table {
  const stored = meta.props.filter((property) => property.fieldNames?.length === 1);
  const properties = new Map(stored.map((property) => [String(property.name), property]));
  const find = (name: string): EntityProperty => {
    const property = properties.get(name);
    if (!property) throw new Error(`${meta.className} has no column for ${name}`);
    return property;
  };
  const columnOf = (property: EntityProperty) => `"${property.fieldNames[0]}"`;
  return {
    entity: meta.className,
    name: `"${meta.tableName}"`,
    properties: [...properties.keys()],
    columns: (alias, names) =>
      (names?.map(find) ?? stored)
        .map((property) => `${alias ? `${alias}.` : ''}${columnOf(property)} as "${property.name}"`)
        .join(', '),
    column: (name) => columnOf(find(name)),
    kind: (name) => kindOf(find(name)),
    target: (name) => {
      const target = find(name).targetMeta?.class;
      if (!target) throw new Error(`${meta.className}.${name} is not a relation`);
      return target as EntityClass<object>;
    },
    decode: decoderOf(stored.map((property) => [property.name, converterOf(property)])),
    convert: (name) => converterOf(find(name)),
  };
}

function kindOf(property: EntityProperty): 'text' | 'number' | 'time' {
  if (property.runtimeType === 'Date') return 'time';
  return property.runtimeType === 'string' ? 'text' : 'number';
}

/** Converts what has to be, and looks at nothing else: a page has thousands of values. */
export function decoderOf(
  columns: readonly (readonly [name: string, convert: Converter | undefined])[],
): Decode {
  const converted = columns.flatMap(([name, convert]) => (convert ? [{ name, convert }] : []));
  return (row) => {
    for (const { name, convert } of converted) {
      const value = row[name];
      if (value !== null) row[name] = convert(value);
    }
  };
}

type Converter = (value: unknown) => unknown;

function converterOf({ customType, runtimeType }: EntityProperty): Converter | undefined {
  // What a JSON column holds has any type, so that only the column tells.
  return customType instanceof JsonType ? parseJson : CONVERTERS[runtimeType];
}

const parseJson: Converter = (value) => JSON.parse(String(value));

const CONVERTERS: Readonly<Record<string, Converter>> = {
  boolean: (value) => value === 1,
  Date: (value) => new Date(Number(value)),
};

/** The row of a managed entity, as a read would give it after the flush. */
export function rowOf<E extends object>(em: EntityManager, entity: E): Row<E> {
  const meta: EntityMetadata = em.getMetadata().get(entity.constructor as EntityClass<E>);
  const values = meta.props
    .filter((property) => property.fieldNames?.length === 1)
    .map(({ name, targetMeta }) => {
      const value = entity[name as keyof E] as unknown;
      const key = targetMeta && value ? (value as { id: number }).id : (value ?? null);
      return [name, key] as const;
    });
  return Object.fromEntries(values) as Row<E>;
}
