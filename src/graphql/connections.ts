import type { EntityClass } from '@mikro-orm/core';
import type { ObjectRef } from '@pothos/core';
import type { Context } from '../context.ts';
import { both } from '../database/condition.ts';
import type { NestedRows } from '../database/nested-pages.ts';
import { type ListSource, RELEVANCE } from '../database/page-shape.ts';
import { badRequest } from './bad-request.ts';
import { builder, type SchemaTypes } from './builder.ts';
import { Connection } from './connection.ts';
import { COMPUTED, costs } from './declared-cost.ts';
import type { EntityRef } from './entity-types.ts';
import {
  type ChosenList,
  type ListedRow,
  ListReader,
  type PageArguments,
  type PageRead,
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
  const { reader, request, connect } = stretchOf(context, entity, list, read);
  return connect(reader, await reader.read(request));
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
  const any = stretchOf(context, entity, list, { ...read, parent: null });
  return {
    source: { ...list, entity },
    shape: { ...any.request, count },
    connectionOf: (parent, { rows, count: total }) =>
      any.connect(any.reader.of(parent), rows as ListedRow[], count ? total : null),
  };
}

/** How a page of a list is read, and what is made of the rows that are found. */
function stretchOf(
  context: Context,
  entity: EntityClass<object>,
  list: OrderedList,
  read: PageRead,
) {
  const { page } = read;
  const source = { ...list, entity };
  const reader = new ListReader(context, source, choiceOf(context, entity, list, read));
  const { size, limit, backward } = planPage(read);
  const after = typeof page.after === 'string' ? reader.readCursor('after', page.after) : undefined;
  const before =
    typeof page.before === 'string' ? reader.readCursor('before', page.before) : undefined;
  const connect = (of: ListReader, found: readonly ListedRow[], count: number | null = null) => {
    const more = found.length > size;
    const rows = found.slice(0, size);
    if (backward) rows.reverse();
    return new Connection(of, rows, { backward, more, after, before }, count);
  };
  return {
    reader,
    request: reader.request(backward, limit, reader.between(after, before)),
    connect,
  };
}

/** Which rows of which parent are read, and in which order. */
function choiceOf(
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
