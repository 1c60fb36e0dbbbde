import type { EntityClass } from '@mikro-orm/core';
import type { Dialect } from './dialect.ts';
import type { EntityManager } from './entity-manager.ts';
import { type Decode, decoderOf, type Table, tableOf } from './rows.ts';

/**
 * What is read of an entity's rows: some of their properties, or all, and properties of the rows that
 * their to-one relations lead to, by their paths: `category.parent.name`. A row holds the value of a
 * path under its text; where a relation leads nowhere, that is null.
 */
export interface Projection {
  /** Tells projections apart. */
  readonly key: string;
  /** The columns of the row itself, as SQL. */
  own(alias: string): string;
  /** The same with those that its relations go by, and one more: for a select that others read from. */
  within(alias: string, more: string): string;
  /** The columns of the rows that its relations lead to, as SQL: with a comma in front, or nothing. */
  readonly related: string;
  /** All that is read, of rows of an alias that `within` selected, and of those that they lead to. */
  listed(alias: string): readonly ListedColumn[];
  /** The joins to these rows; `column` gives the SQL of a column of the row itself. */
  joins(dialect: Dialect, column: (property: string) => string): string;
  readonly decode: Decode;
}

/** A column that is read. */
interface ListedColumn {
  /** The path by which a row has its value. */
  readonly name: string;
  readonly sql: () => string;
  readonly isTime: boolean;
}

/** A to-one relation along which a projection goes. */
interface Join {
  readonly alias: string;
  readonly property: string;
  readonly table: Table;
  readonly below: Map<string, Join>;
}

export function project(
  em: EntityManager,
  entity: EntityClass<object>,
  paths?: readonly string[],
): Projection {
  const table = tableOf(em, entity);
  if (!paths) {
    const key = '*';
    const { decode } = table;
    const own = (alias: string) => table.columns(alias);
    const listed = (alias: string) => ownListed(table, table.properties, alias);
    return { key, own, within: own, related: '', listed, joins: () => '', decode };
  }
  const tree = new Joins(em, table);
  const own = new Set(paths.filter((path) => !path.includes('.')));
  const relations = new Set<string>();
  for (const path of paths.filter((each) => each.includes('.'))) {
    relations.add(path.split('.')[0] as string);
    tree.add(path);
  }
  const chosen = table.properties.filter((name) => own.has(name));
  const withRelations = (more: string) =>
    table.properties.filter((name) => own.has(name) || relations.has(name) || name === more);
  return {
    key: [...chosen, ...tree.paths].join(),
    own: (alias) => table.columns(alias, chosen),
    within: (alias, more) => table.columns(alias, withRelations(more)),
    related: tree.columns,
    listed: (alias) => [...ownListed(table, chosen, alias), ...tree.listed],
    joins: (dialect, column) => tree.sql(dialect, column),
    decode: decoderOf([
      ...chosen.map((name) => [name, table.convert(name)] as const),
      ...tree.converters,
    ]),
  };
}

const ownListed = (table: Table, properties: readonly string[], alias: string): ListedColumn[] =>
  properties.map((name) => ({
    name,
    sql: () => `${alias}."${name}"`,
    isTime: table.kind(name) === 'time',
  }));

type Converters = Parameters<typeof decoderOf>[0];

/** The relations along which a projection goes, as a tree. */
class Joins {
  readonly #em: EntityManager;
  readonly #table: Table;
  readonly #top = new Map<string, Join>();
  readonly #columns: { path: string; join: Join; property: string }[] = [];
  #count = 0;

  constructor(em: EntityManager, table: Table) {
    this.#em = em;
    this.#table = table;
  }

  add(path: string): void {
    const steps = path.split('.');
    const property = steps.pop() as string;
    let [table, level] = [this.#table, this.#top];
    let join: Join | undefined;
    for (const step of steps) {
      join = level.get(step);
      if (!join) {
        this.#count += 1;
        const target = tableOf(this.#em, table.target(step));
        const column = table.column(step);
        join = { alias: `j${this.#count}`, property: column, table: target, below: new Map() };
        level.set(step, join);
      }
      [table, level] = [join.table, join.below];
    }
    if (join) this.#columns.push({ path, join, property });
  }

  get paths(): string[] {
    return this.#columns.map(({ path }) => path);
  }

  get columns(): string {
    return this.#columns
      .map(
        ({ path, join, property }) => `, ${join.alias}.${join.table.column(property)} as "${path}"`,
      )
      .join('');
  }

  get listed(): ListedColumn[] {
    return this.#columns.map(({ path, join: { alias, table }, property }) => ({
      name: path,
      sql: () => `${alias}.${table.column(property)}`,
      isTime: table.kind(property) === 'time',
    }));
  }

  get converters(): Converters {
    return this.#columns.map(({ path, join, property }) => [path, join.table.convert(property)]);
  }

  sql(dialect: Dialect, column: (property: string) => string): string {
    const below = (join: Join): string =>
      [...join.below.values()]
        .map((next) => one(next, `${join.alias}.${next.property}`) + below(next))
        .join('');
    const one = ({ table, alias }: Join, key: string) =>
      ` ${dialect.toOne(table.name, alias, key)}`;
    return [...this.#top]
      .map(([property, join]) => one(join, column(property)) + below(join))
      .join('');
  }
}
