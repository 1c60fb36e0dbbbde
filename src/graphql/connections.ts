import type { EntityClass } from '@mikro-orm/core';
import type { ObjectRef } from '@pothos/core';
import type { Context } from '../context.ts';
import { both } from '../database/condition.ts';
import type { NestedRows } from '../database/nested-pages.ts';
import { type ListSource, RELEVANCE } from '../database/page-shape.ts';
import { badRequest } from './bad-request.ts';
import { builder, type SchemaTypes } from './builder.ts';
import { COMPUTED, costs } from './declared-cost.ts';
import type { EntityRef } from './entity-types.ts';
import {
  type ChosenList,
  type ListedRow,
  ListReader,
  type PageArguments,
  type PageRead,
  type Position,
} from './list-reader.ts';
import type { NestedRequest } from './loading.ts';
import { type Ordered, type Orderings, orderingOf } from './orderings.ts';
import { type Search, searchOf } from './search.ts';
import { conditionOf } from './where.ts';

type Types = PothosSchemaTypes.ExtendDefaultTypes<SchemaTypes>;

export const DEFAULT_PAGE = 20;
export const MAX_PAGE = 100;

/** How a list is found, and the orders that it offers. */
export type OrderedList<P extends string = string, O extends Orderings<P> = Orderings<P>> = Omit<
  ListSource,
  'entity'
> &
  Ordered<P, O> & { readonly search?: Search };

/** The same page of several parents' lists. */
export interface PagesRead extends Omit<PageRead, 'parent'> {
  /** Whether it is asked how many rows each list has. */
  readonly count: boolean;
}

/** How the same page of several parents' lists is read: what to read, and what it makes. */
export interface PagesPlan extends NestedRequest {
  /** The page of a parent, from what was read for it. */
  readonly connectionOf: (parent: number, read: NestedRows) => Connection;
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
  const plan = planPage(read);
  const after = typeof page.after === 'string' ? reader.readCursor('after', page.after) : undefined;
  const before =
    typeof page.before === 'string' ? reader.readCursor('before', page.before) : undefined;
  const found = await reader.read(plan.backward, plan.limit, after, before);
  const more = found.length > plan.size;
  const rows = found.slice(0, plan.size);
  if (plan.backward) rows.reverse();
  return new Connection(reader, rows, { backward: plan.backward, more, after, before });
}

/**
 * Pages of the same list for several parents.
 * @throws GraphQLError with the code BAD_REQUEST for page sizes and cursors that cannot be.
 */
export function planConnections(
  context: Context,
  entity: EntityClass<object>,
  list: OrderedList,
  { count, ...read }: PagesRead,
): PagesPlan {
  const source = { ...list, entity };
  const chosen = stretchOf(context, entity, list, { ...read, parent: null });
  const any = new ListReader(context, source, chosen);
  const { size, limit, backward } = planPage(read);
  const after =
    typeof read.page.after === 'string' ? any.readCursor('after', read.page.after) : undefined;
  const before =
    typeof read.page.before === 'string' ? any.readCursor('before', read.page.before) : undefined;
  const request = any.request(backward, limit, any.between(after, before));
  return {
    source,
    shape: { ...request, count },
    connectionOf: (parent, { rows: found, count: total }) => {
      const more = found.length > size;
      const rows = found.slice(0, size) as ListedRow[];
      if (backward) rows.reverse();
      const stretch = { backward, more, after, before };
      return new Connection(any.of(parent), rows, stretch, count ? total : null);
    },
  };
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

interface PagePlan {
  readonly size: number;
  /** How many rows to read: one more, where it tells whether the list goes on. */
  readonly limit: number;
  readonly backward: boolean;
}

function planPage({ page, lookahead = true }: Pick<PageRead, 'page' | 'lookahead'>): PagePlan {
  const { first, last } = page;
  if (typeof first === 'number' && typeof last === 'number') {
    throw badRequest('A page takes `first` or `last`, not both.');
  }
  const size = pageSize(page);
  return { size, limit: lookahead ? size + 1 : size, backward: typeof last === 'number' };
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
  readonly #rows: readonly ListedRow[];
  readonly #stretch: Stretch;
  readonly #count: number | null;

  constructor(
    reader: ListReader,
    rows: readonly ListedRow[],
    stretch: Stretch,
    count: number | null = null,
  ) {
    this.#reader = reader;
    this.#rows = rows;
    this.#stretch = stretch;
    this.#count = count;
  }

  /** The rows of the page. */
  get rows(): readonly ListedRow[] {
    return this.#rows;
  }

  /** Where a row of the page stands in the list. */
  cursorOf(row: ListedRow): string {
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
