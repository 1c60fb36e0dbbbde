import { createHash } from 'node:crypto';
import type { EntityClass } from '@mikro-orm/core';
import type { ObjectRef } from '@pothos/core';
import type { Context } from '../context.ts';
import { both, type Condition } from '../database/condition.ts';
import { type ListSource, type Matches, type PageShape, RELEVANCE } from '../database/read.ts';
import { type Row, tableOf } from '../database/rows.ts';
import type { Value } from '../database/statement.ts';
import { isKeepable } from '../input.ts';
import { badRequest } from './bad-request.ts';
import { builder, type SchemaTypes } from './builder.ts';
import { COMPUTED, costs } from './declared-cost.ts';
import type { EntityRef } from './entity-type.ts';
import type { PageRequest } from './loading.ts';
import {
  type OrderBy,
  type Ordered,
  type Ordering,
  type Orderings,
  orderingOf,
} from './orderings.ts';
import { type Search, searchOf } from './search.ts';
import { conditionOf, type Where } from './where.ts';

type Types = PothosSchemaTypes.ExtendDefaultTypes<SchemaTypes>;
type AnyRow = Row<object> & Readonly<Record<string, unknown>>;
type Bound = PageShape['bounds'][number];

export const DEFAULT_PAGE = 20;
export const MAX_PAGE = 100;

/** What a client says of the page it wants, and of the list. */
export interface PageArguments {
  readonly where?: Where | null | undefined;
  readonly search?: string | null | undefined;
  readonly orderBy?: OrderBy | null | undefined;
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

/** How a list is found, and the orders that it offers. */
export type OrderedList<P extends string = string, O extends Orderings<P> = Orderings<P>> = Omit<
  ListSource,
  'entity'
> &
  Ordered<P, O> & { readonly search?: Search };

/** The same page of several parents' lists. */
export interface PagesRead extends Omit<PageRead, 'parent'> {
  readonly parents: readonly number[];
  /** Whether it is asked how many rows each list has. */
  readonly count: boolean;
}

/** A page to read. */
export interface PageRead {
  /** The name of the list, so that its cursors fit nowhere else. */
  readonly list: string;
  /** The key of the row whose rows are listed; null for all rows. */
  readonly parent: number | null;
  readonly page: PageArguments;
  /** The properties that are needed of the rows; all unless said. */
  readonly properties?: readonly string[] | undefined;
}

const connectionTypes = new Map<unknown, ObjectRef<Types, Connection>>();

/** The connection type of an entity, shared by every list of it. */
export function connectionType<E>(ref: EntityRef<E>): ObjectRef<Types, Connection> {
  let type = connectionTypes.get(ref);
  if (!type) {
    type = builder.connectionObject(
      {
        type: ref,
        name: `${ref.name}Connection`,
        description: `A page of a list of ${ref.name} rows.`,
        fields: (t) => ({
          totalCount: t.int({
            description: 'How many rows the whole list has. Counted only when asked for.',
            ...costs({ adds: COMPUTED }),
            resolve: (connection) => (connection as unknown as Connection).totalCount(),
          }),
        }),
      },
      {
        name: `${ref.name}Edge`,
        description: `A ${ref.name} row and where it stands in its list.`,
      },
    ) as unknown as ObjectRef<Types, Connection>;
    connectionTypes.set(ref, type);
  }
  return type;
}

/**
 * One page of a list: of a parent's rows, or of all where there is no parent.
 * @throws GraphQLError with the code BAD_REQUEST for page sizes and cursors that cannot be.
 */
export async function resolveConnection(
  context: Context,
  entity: EntityClass<object>,
  list: OrderedList,
  read: PageRead,
): Promise<Connection> {
  const { page } = read;
  const reader = new ListReader(
    context,
    { ...list, entity },
    stretchOf(context, entity, list, read),
  );
  const plan = planPage(page);
  const after = page.after ? reader.readCursor('after', page.after) : undefined;
  const before = page.before ? reader.readCursor('before', page.before) : undefined;
  const found = await reader.read(plan.backward, plan.size + 1, after, before);
  const more = found.length > plan.size;
  const rows = found.slice(0, plan.size);
  if (plan.backward) rows.reverse();
  return new Connection(reader, rows, { backward: plan.backward, more, after, before });
}

/** Pages of the same list for several parents, which are all different: one statement for all. */
export async function resolveConnections(
  context: Context,
  entity: EntityClass<object>,
  list: OrderedList,
  { parents, count, ...read }: PagesRead,
): Promise<Connection[]> {
  const source = { ...list, entity };
  const chosen = stretchOf(context, entity, list, { ...read, parent: null });
  const any = new ListReader(context, source, chosen);
  const { size, backward } = planPage(read.page);
  const after = read.page.after ? any.readCursor('after', read.page.after) : undefined;
  const before = read.page.before ? any.readCursor('before', read.page.before) : undefined;
  const request = any.request(backward, size + 1, any.between(after, before));
  const pages = await context.loaders.pagesOf(source, { ...request, count }, parents);
  return pages.map(({ rows: found, count: total }, index) => {
    const more = found.length > size;
    const rows = found.slice(0, size);
    if (backward) rows.reverse();
    const reader = any.of(parents[index] as number);
    return new Connection(reader, rows, { backward, more, after, before }, count ? total : null);
  });
}

/** Which rows of which parent are read, and in which order. */
function stretchOf(
  { em }: Context,
  entity: EntityClass<object>,
  list: OrderedList,
  { page, ...read }: PageRead,
): ChosenList {
  const where = conditionOf(em, entity, page.where);
  const found = list.search && searchOf(em, list.search, page.search);
  const chosen = { ...read, counted: both(where, found?.condition) };
  if (found && !page.orderBy) {
    const ordering = { by: RELEVANCE, descending: false };
    return { ...chosen, ordering, where, matches: found.matches };
  }
  return { ...chosen, ordering: orderingOf(list, page.orderBy), where: chosen.counted };
}

function planPage(page: PageArguments): { size: number; backward: boolean } {
  const { first, last } = page;
  if (typeof first === 'number' && typeof last === 'number') {
    throw badRequest('A page takes `first` or `last`, not both.');
  }
  return { size: pageSize(page), backward: typeof last === 'number' };
}

/**
 * How many rows a page is to have.
 * @throws GraphQLError with the code BAD_REQUEST for none, and for too many.
 */
export function pageSize({ first, last }: Pick<PageArguments, 'first' | 'last'>): number {
  const size = first ?? last ?? DEFAULT_PAGE;
  if (size >= 1 && size <= MAX_PAGE) return size;
  const name = typeof last === 'number' ? 'last' : 'first';
  throw badRequest(`\`${name}\` must be from 1 to ${MAX_PAGE}, got ${size}.`);
}

/** What is read of rows, with what their cursors are made of. */
function withPosition(properties: readonly string[], { by }: Ordering): readonly string[] {
  const needed = by === RELEVANCE ? ['id'] : ['id', by];
  const missing = needed.filter((each) => !properties.includes(each));
  return missing.length > 0 ? [...properties, ...new Set(missing)] : properties;
}

/** Where a row stands: the value it is ordered by, and its id. */
type Position = readonly [value: Value, id: number];

/** What a client chose of a list. */
interface ChosenList extends Omit<PageRead, 'page'> {
  readonly ordering: Ordering;
  readonly where: Condition | undefined;
  /** What a list that is ordered by how well its rows match has. */
  readonly matches?: Matches;
  /** The condition by which the list is counted. */
  readonly counted: Condition | undefined;
}

/** Reads stretches of one list in either direction, and knows its cursors. */
class ListReader {
  readonly #context: Context;
  readonly #source: ListSource;
  readonly #chosen: ChosenList;
  readonly #ordering: Ordering;
  readonly #parent: number | null;
  readonly #list: string;
  readonly #properties: readonly string[] | undefined;

  constructor(context: Context, source: ListSource, chosen: ChosenList) {
    const { list, parent, ordering, properties } = chosen;
    this.#context = context;
    this.#source = source;
    this.#chosen = chosen;
    this.#ordering = ordering;
    this.#list = list;
    this.#parent = parent;
    this.#properties = properties && withPosition(properties, ordering);
  }

  /** Rows behind one position and in front of another, from the end that `backward` says. */
  read(backward: boolean, limit: number, after?: Position, before?: Position): Promise<AnyRow[]> {
    return this.#read(backward, limit, this.between(after, before));
  }

  /** What bounds a stretch of the list. */
  between(after?: Position, before?: Position): [Bound, Position][] {
    const behind: [Bound, Position][] = after ? [[this.#descending ? '<' : '>', after]] : [];
    const inFront: [Bound, Position][] = before ? [[this.#descending ? '>' : '<', before]] : [];
    return [...behind, ...inFront];
  }

  /** The same list of a parent. */
  of(parent: number): ListReader {
    return new ListReader(this.#context, this.#source, { ...this.#chosen, parent });
  }

  /** Whether the list goes on beyond a position, which itself counts when `inclusive`. */
  async goesOn(
    backward: boolean,
    from: Position | undefined,
    inclusive: boolean,
  ): Promise<boolean> {
    const less = this.#descending !== backward;
    const operator = `${less ? '<' : '>'}${inclusive ? '=' : ''}` as Bound;
    const rows = await this.#read(backward, 1, from ? [[operator, from]] : []);
    return rows.length > 0;
  }

  count(): Promise<number> {
    const { loaders } = this.#context;
    const { counted: where } = this.#chosen;
    return this.#parent === null
      ? loaders.count(this.#source, where)
      : loaders.countOf(this.#source, this.#parent, where);
  }

  position(row: AnyRow): Position {
    return [row[this.#ordering.by] as Value, Number(row['id'])];
  }

  writeCursor(row: AnyRow): string {
    const [value, id] = this.position(row);
    const plain = value instanceof Date ? value.getTime() : value;
    const text = JSON.stringify([bindingOf(this.#list, this.#ordering), plain, id]);
    return Buffer.from(text).toString('base64url');
  }

  readCursor(argument: string, cursor: string): Position {
    const [binding, value, id] = parseCursor(cursor);
    const kind = this.#kind;
    const own = bindingOf(this.#list, this.#ordering);
    if (binding !== own || !fits(kind, value) || !Number.isSafeInteger(id)) {
      throw badRequest(`\`${argument}\` is not a cursor of this list and ordering.`);
    }
    return [kind === 'time' ? new Date(Number(value)) : (value as Value), Number(id)];
  }

  /** What the values are that the list is ordered by. */
  get #kind(): 'text' | 'number' | 'time' {
    const { by } = this.#ordering;
    if (by === RELEVANCE) return 'text';
    return tableOf(this.#context.em, this.#source.entity).kind(by);
  }

  get #descending(): boolean {
    return this.#ordering.descending;
  }

  request(backward: boolean, limit: number, bounds: [Bound, Position][]): PageRequest {
    const byId = this.#ordering.by === 'id';
    return {
      orderBy: this.#ordering.by,
      descending: this.#descending !== backward,
      limit,
      bounds: bounds.map(([operator]) => operator),
      where: this.#chosen.where,
      matches: this.#chosen.matches,
      properties: this.#properties,
      boundValues: bounds.flatMap(([, position]) => (byId ? [position[1]] : [...position])),
    };
  }

  #read(backward: boolean, limit: number, bounds: [Bound, Position][]): Promise<AnyRow[]> {
    const request = this.request(backward, limit, bounds);
    const { loaders } = this.#context;
    return this.#parent === null
      ? loaders.page(this.#source, request)
      : loaders.pageOf(this.#source, request, this.#parent);
  }
}

const bindings = new Map<string, string>();

/** What ties a cursor to its list and ordering. */
function bindingOf(list: string, { by, descending }: Ordering): string {
  const name = `${list} ${by} ${descending}`;
  let binding = bindings.get(name);
  if (!binding) {
    binding = createHash('sha1').update(name).digest('base64url').slice(0, 8);
    bindings.set(name, binding);
  }
  return binding;
}

/** The last moment that both databases can keep: the end of the year 9999. */
const LAST_MOMENT = Date.UTC(10_000, 0) - 1;

/** Whether a value from a cursor can stand beside a column: a cursor may have been tampered with. */
function fits(kind: 'text' | 'number' | 'time', value: unknown): boolean {
  if (kind === 'text') return typeof value === 'string' && isKeepable(value);
  if (!Number.isSafeInteger(value)) return false;
  return kind === 'number' || (Number(value) >= 0 && Number(value) <= LAST_MOMENT);
}

function parseCursor(cursor: string): unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(value) ? value : [];
  } catch {
    // Whatever is no JSON is no cursor of ours: the caller hears so from `readCursor`.
    return [];
  }
}

interface Stretch {
  readonly backward: boolean;
  /** Whether the direction of reading held more rows than the page. */
  readonly more: boolean;
  readonly after: Position | undefined;
  readonly before: Position | undefined;
}

/** A page as the resolvers see it. What costs a statement of its own is computed when selected. */
export class Connection {
  readonly #reader: ListReader;
  readonly #rows: readonly AnyRow[];
  readonly #stretch: Stretch;
  readonly #count: number | null;

  constructor(
    reader: ListReader,
    rows: readonly AnyRow[],
    stretch: Stretch,
    count: number | null = null,
  ) {
    this.#reader = reader;
    this.#rows = rows;
    this.#stretch = stretch;
    this.#count = count;
  }

  /** The rows of the page. */
  get rows(): readonly AnyRow[] {
    return this.#rows;
  }

  /** Where a row of the page stands in the list. */
  cursorOf(row: AnyRow): string {
    return this.#reader.writeCursor(row);
  }

  get edges() {
    const reader = this.#reader;
    return this.#rows.map((node) => ({
      node,
      get cursor() {
        return reader.writeCursor(node);
      },
    }));
  }

  totalCount(): number | Promise<number> {
    return this.#count ?? this.#reader.count();
  }

  get pageInfo() {
    const reader = this.#reader;
    const first = this.#rows[0];
    const last = this.#rows.at(-1);
    const { backward, more, after, before } = this.#stretch;
    return {
      startCursor: first ? reader.writeCursor(first) : null,
      endCursor: last ? reader.writeCursor(last) : null,
      get hasNextPage(): boolean | Promise<boolean> {
        if (!backward && more) return true;
        if (!before) return false;
        return last
          ? reader.goesOn(false, reader.position(last), false)
          : reader.goesOn(false, before, true);
      },
      get hasPreviousPage(): boolean | Promise<boolean> {
        if (backward && more) return true;
        if (!after) return false;
        return first
          ? reader.goesOn(true, reader.position(first), false)
          : reader.goesOn(true, after, true);
      },
    };
  }
}
