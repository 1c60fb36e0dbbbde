import type { EntityClass } from '@mikro-orm/core';
import DataLoader from 'dataloader';
import type { Condition } from '../database/condition.ts';
import { dialectOf } from '../database/dialect.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import type { NestedRows } from '../database/nested-pages.ts';
import {
  COUNT,
  type ListSource,
  PARENT,
  type PageShape,
  sourceKey,
} from '../database/page-shape.ts';
import { countOfAll, countOfEach, pageOfAll, pageOfEach, rowsWhereIn } from '../database/read.ts';
import { type Row, tableOf } from '../database/rows.ts';
import { run, type Statement } from '../database/statement.ts';
import type { Value } from '../database/statement-values.ts';
import type { UniqueValue } from './marks.ts';

/** A page to read: its shape, and what fills the shape's parameters. */
export interface PageRequest extends PageShape {
  readonly limit: number;
  /** For each bound the ordering's value and the id, or the id alone when ordered by id. */
  readonly boundValues: readonly Value[];
  readonly nested?: readonly NestedRequest[] | undefined;
}

/** A page to read for each row of another, or of some rows, in the statement that reads these. */
export interface NestedRequest {
  readonly source: ListSource;
  readonly shape: PageRequest;
}

/** Rows that are wanted, and what of them, as paths of a `Projection`. */
interface WantedRows {
  readonly property: string;
  readonly values: readonly (number | string)[];
  readonly paths: readonly string[];
  readonly nested?: readonly NestedRequest[];
}

type AnyRow = Row<object> & Record<string, unknown>;
type AnyLoader = DataLoader<never, unknown, unknown>;

/**
 * Everything that a request reads of rows, batched: any number of parents cost one statement. Made
 * for each request, for one organization, from the ORM's metadata; features write no loader.
 */
export class Loaders {
  readonly #em: EntityManager;
  readonly #organizationId: number;
  readonly #loaders = new Map<string, AnyLoader>();
  readonly #known = new Map<EntityClass<object>, Map<number, AnyRow>>();

  constructor(em: EntityManager, organizationId: number) {
    this.#em = em;
    this.#organizationId = organizationId;
  }

  /** The row with a key; at once where the request has read it already. */
  row<E extends object>(
    entity: EntityClass<E>,
    id: number,
  ): Row<E> | null | Promise<Row<E> | null> {
    const known = this.#known.get(entity)?.get(id);
    return known ? (known as Row<E>) : this.rowBy(entity, 'id', id);
  }

  /** The row whose property, unique in the organization, has a value. */
  rowBy<E extends object>(
    entity: EntityClass<E>,
    property: string,
    value: number | string,
  ): Promise<Row<E> | null> {
    const statement = rowsWhereIn(this.#em, entity, property);
    const loader = this.#loader<number | string, Row<E> | null>(
      `row ${tableOf(this.#em, entity).name} ${property}`,
      async (values) => {
        const rows = await this.#run(statement, [values as number[]], values.length);
        this.remember(entity, rows as AnyRow[]);
        const byValue = new Map(
          rows.map((row) => [(row as Record<string, unknown>)[property], row]),
        );
        return values.map((each) => byValue.get(each) ?? null);
      },
    );
    return loader.load(value);
  }

  /** The row that a value names: its own, or that of a row which leads to it. */
  async find<E extends object>(
    entity: EntityClass<E>,
    unique: UniqueValue,
  ): Promise<Row<E> | null> {
    const { property, value, via } = unique;
    if (!via) {
      return property === 'id'
        ? this.row(entity, Number(value))
        : this.rowBy(entity, property, value);
    }
    const leading = (await this.rowBy(via.entity, property, value)) as AnyRow | null;
    return leading && this.row(entity, Number(leading[via.relation]));
  }

  /** What paths say of the rows whose property has one of some values: one statement. */
  async rowsWith(
    entity: EntityClass<object>,
    { property, values, paths, nested }: WantedRows,
  ): Promise<readonly object[]> {
    if (values.length === 0) return [];
    const statement = rowsWhereIn(this.#em, entity, property, paths, nested);
    return this.#run(statement, [values as number[], ...nestedValues(nested)], values.length);
  }

  /** Whether pages can be read along with the rows they are for. */
  get nestsPages(): boolean {
    return dialectOf(this.#em).nestsPages;
  }

  /** One page of an entity's rows. */
  async page(source: ListSource, request: PageRequest): Promise<AnyRow[]> {
    const statement = pageOfAll(this.#em, source, request);
    const rows = await this.#run(statement, [request.limit, ...chosenValues(request)]);
    if (!request.properties) this.remember(source.entity, rows as AnyRow[]);
    return rows as AnyRow[];
  }

  /** One page of a parent's rows; all parents that ask for the same page share a statement. */
  pageOf(source: ListSource, request: PageRequest, parent: number): Promise<AnyRow[]> {
    const loader = this.#loader<number, AnyRow[]>(
      `page ${sourceKey(source)} ${JSON.stringify(request)}`,
      async (parents) => {
        const statement = pageOfEach(this.#em, source, request);
        const values = [request.limit, parents, ...chosenValues(request)];
        const rows = (await this.#run(statement, values, parents.length)) as AnyRow[];
        if (!request.properties) this.remember(source.entity, rows);
        return groupByParent(rows, parents);
      },
    );
    return loader.load(parent);
  }

  /** One page for each of some parents, and, if asked, how many rows each has: one statement. */
  async pagesOf(
    source: ListSource,
    request: PageRequest,
    parents: readonly number[],
  ): Promise<NestedRows[]> {
    const statement = pageOfEach(this.#em, source, request);
    const values = [request.limit, parents, ...chosenValues(request)];
    const found = (await this.#run(statement, values, parents.length)) as AnyRow[];
    const groups = groupByParent(found, parents);
    return groups.map((rows) => ({
      rows: rows[0]?.['id'] === null ? [] : rows,
      count: Number(rows[0]?.[COUNT] ?? 0),
    }));
  }

  /** How many rows an entity has, or of them fulfil a condition. */
  async count(source: ListSource, where?: Condition): Promise<number> {
    const statement = countOfAll(this.#em, source, where);
    const [row] = await this.#run(statement, where?.values ?? []);
    return row?.count ?? 0;
  }

  /** How many rows a parent has, or of them fulfil a condition. */
  countOf(source: ListSource, parent: number, where?: Condition): Promise<number> {
    const loader = this.#loader<number, number>(
      `count ${sourceKey(source)} ${JSON.stringify(where)}`,
      async (parents) => {
        const values = [parents, ...(where?.values ?? [])];
        const rows = await this.#run(countOfEach(this.#em, source, where), values, parents.length);
        const counts = new Map(rows.map((row) => [row[PARENT], row.count]));
        return parents.map((each) => counts.get(each) ?? 0);
      },
    );
    return loader.load(parent);
  }

  /**
   * What a statement derives for a parent; null where it has nothing to say. The statement takes the
   * parents in `$2`, the values behind them, and names the parent of each row `PARENT`.
   */
  derived<R>(
    statement: Statement<R & { readonly [PARENT]: number }>,
    values: readonly Value[],
    parent: number,
  ): Promise<R | null> {
    const loader = this.#loader<number, R | null>(
      `derived ${statement.for(dialectOf(this.#em)).text} ${JSON.stringify(values)}`,
      async (parents) => {
        const rows = await this.#run(statement, [parents, ...values], parents.length);
        const found = new Map<number, R>(rows.map((row) => [row[PARENT], row]));
        return parents.map((each) => found.get(each) ?? null);
      },
    );
    return loader.load(parent);
  }

  /** Keeps rows that were read, so that a relation that leads to one of them needs no statement. */
  remember(entity: EntityClass<object>, rows: readonly AnyRow[]): void {
    let known = this.#known.get(entity);
    if (!known) {
      known = new Map();
      this.#known.set(entity, known);
    }
    for (const row of rows) known.set(Number(row['id']), row);
  }

  /** Forgets everything: after a mutation, what was read may be old. */
  clear(): void {
    this.#loaders.clear();
    this.#known.clear();
  }

  #run<R>(statement: Parameters<typeof run<R>>[2], values: readonly Value[], batch?: number) {
    const options = batch === undefined ? {} : { batch };
    return run(this.#em, this.#organizationId, statement, values, options);
  }

  #loader<K, V>(name: string, load: (keys: readonly K[]) => Promise<V[]>): DataLoader<K, V> {
    let loader = this.#loaders.get(name) as DataLoader<K, V> | undefined;
    if (!loader) {
      loader = new DataLoader<K, V>(load);
      this.#loaders.set(name, loader as unknown as AnyLoader);
    }
    return loader;
  }
}

/** What fills the parameters of a page behind its limit. */
const chosenValues = ({ boundValues, where, matches, nested }: PageRequest): readonly Value[] =>
  where || matches || nested
    ? [
        ...boundValues,
        ...(where?.values ?? []),
        ...(matches?.select.values ?? []),
        ...nestedValues(nested),
      ]
    : boundValues;

const nestedValues = (nested: readonly NestedRequest[] = []): Value[] =>
  nested.flatMap(({ shape }) => [shape.limit, ...chosenValues(shape)]);

function groupByParent(rows: readonly AnyRow[], parents: readonly number[]): AnyRow[][] {
  const groups = new Map<number, AnyRow[]>(parents.map((parent) => [parent, []]));
  for (const row of rows) groups.get(Number(row[PARENT]))?.push(row);
  return parents.map((parent) => groups.get(parent) ?? []);
}
