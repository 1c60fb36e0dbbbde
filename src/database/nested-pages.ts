import { childCount, childPage } from './child-page.ts';
import type { Dialect } from './dialect.ts';
import type { EntityManager } from './entity-manager.ts';
import { aliasedOrder, boundValues, type NestedPage, ownValues, PARENT } from './page-shape.ts';
import { project } from './projection.ts';
import type { Decode } from './rows.ts';

type UnknownRow = Record<string, unknown>;

/** A page of a row's own rows, as the row holds it under `nestedName`. */
export interface NestedRows {
  readonly rows: UnknownRow[];
  /** How many there are in all; 0 where nobody asked. */
  readonly count: number;
}

/** Under this name a row has the page that was nested in it at a place. */
export const nestedName = (place: number): string => `$${place}`;

/** So many values an array of JSON is built from in one call of PostgreSQL's. */
const MOST_VALUES = 100;

/** Whether a page can be read in the statement that reads the rows it is for, where any can. */
export function canNest({ shape }: NestedPage): boolean {
  const { properties, matches, nested = [] } = shape;
  if (!properties || matches) return false;
  return properties.length + 2 * nested.length <= MOST_VALUES;
}

interface PlaceOfPages {
  /** The key of the rows in which the pages are nested, as SQL. */
  readonly key: string;
  /** The number of the first placeholder. */
  readonly first: number;
  readonly depth?: number | undefined;
}

/**
 * Reads pages of the rows of a statement along with them, each as one value: an array of JSON for each
 * row. A statement of its own would cost another way to the database and back, and more of its time.
 */
export class NestedPages {
  /** Gives the rows' key a name that no table within hides; nothing without pages. */
  readonly join: string;
  /** The number of the placeholder behind the last of theirs. */
  readonly next: number;
  readonly #pages: readonly ReadPage[];

  constructor(
    em: EntityManager,
    nested: readonly NestedPage[] = [],
    { key, first, depth = 0 }: PlaceOfPages,
  ) {
    const name = `p${depth}`;
    const pages: ReadPage[] = [];
    let next = first;
    for (const [place, page] of nested.entries()) {
      const at = { key: `${name}.value`, first: next, depth: depth + 1 };
      const read = new ReadPage(em, page, nestedName(place), at);
      pages.push(read);
      next = read.next;
    }
    this.next = next;
    this.#pages = pages;
    this.join = pages.length > 0 ? `cross join lateral (select ${key} as value) ${name}` : '';
  }

  /** The columns that hold them. */
  get columns(): readonly Column[] {
    return this.#pages.flatMap((page) => page.columns);
  }

  /** The same behind other columns of a select. */
  select(dialect: Dialect): string {
    return this.columns.map(({ name, sql }) => `, ${sql(dialect)} as "${name}"`).join('');
  }

  /** Turns what a row holds of the pages into `NestedRows`; undefined without pages. */
  get unpack(): Decode | undefined {
    const pages = this.#pages;
    if (pages.length === 0) return undefined;
    return (row) => {
      for (const page of pages) page.unpack(row);
    };
  }
}

/** A column of a select. */
interface Column {
  readonly name: string;
  readonly sql: (dialect: Dialect) => string;
}

/** How one page is read, and what it holds is made rows again. */
class ReadPage {
  readonly #name: string;
  readonly columns: readonly Column[];
  readonly next: number;
  /** What each row has, in the order of its array. */
  readonly #values: readonly { readonly name: string; readonly isTime?: boolean }[];
  readonly #unpackRow: Decode | undefined;

  constructor(
    em: EntityManager,
    { source, shape }: NestedPage,
    name: string,
    { key, first, depth }: PlaceOfPages,
  ) {
    const at = { parent: key, limit: `$${first}`, first: first + 1 };
    const page = childPage(em, source, shape, at);
    const read = project(em, source.entity, shape.properties);
    const deeper = { key: 'c.id', first: at.first + ownValues(shape), depth };
    const nested = new NestedPages(em, shape.nested, deeper);
    const columns = [...read.listed('c'), ...nested.columns];
    this.#name = name;
    this.#values = columns;
    this.#unpackRow = nested.unpack;
    this.next = nested.next;
    const rows = (dialect: Dialect) => {
      const values = columns.map(({ sql }) => sql(dialect));
      return `(select json_agg(json_build_array(${values.join(', ')}) order by ${aliasedOrder(shape)})
        from (${page(read.within('x', shape.orderBy), dialect)}) c
        ${read.joins(dialect, (property) => `c."${property}"`)} ${nested.join})`;
    };
    const count = {
      name: `${name}.count`,
      sql: childCount(em, source, shape.where, {
        parent: key,
        first: at.first + boundValues(shape),
      }),
    };
    this.columns = [{ name, sql: rows }, ...(shape.count ? [count] : [])];
  }

  unpack(row: UnknownRow): void {
    const rows = (row[this.#name] ?? []) as unknown[][];
    const count = Number(row[`${this.#name}.count`] ?? 0);
    const parent = row['id'];
    row[this.#name] = { rows: rows.map((values) => this.#rowOf(values, parent)), count };
  }

  #rowOf(values: readonly unknown[], parent: unknown): UnknownRow {
    const row: UnknownRow = { [PARENT]: parent };
    for (const [place, { name, isTime }] of this.#values.entries()) {
      const value = values[place];
      row[name] = isTime && value !== null ? new Date(value as string) : value;
    }
    this.#unpackRow?.(row);
    return row;
  }
}
