import { createHash } from 'node:crypto';
import type { EntityClass } from '@mikro-orm/core';
import type { ObjectRef } from '@pothos/core';
import { GraphQLError } from 'graphql';
import type { Context } from '../context.ts';
import type { ListSource, PageShape } from '../database/read.ts';
import { type Row, tableOf } from '../database/rows.ts';
import type { Value } from '../database/statement.ts';
import { isKeepable } from '../input.ts';
import { builder, type SchemaTypes } from './builder.ts';
import type { EntityRef } from './entity-type.ts';
import type { PageRequest } from './loading.ts';

type Types = PothosSchemaTypes.ExtendDefaultTypes<SchemaTypes>;
type AnyRow = Row<object> & Readonly<Record<string, unknown>>;
type Bound = PageShape['bounds'][number];

export const DEFAULT_PAGE = 20;
export const MAX_PAGE = 100;

/** What a client says of the page it wants. */
export interface PageArguments {
  readonly first?: number | null;
  readonly after?: string | null;
  readonly last?: number | null;
  readonly before?: string | null;
}

/** The order of a list: a property that an index carries, with the id to break ties. */
export interface Ordering {
  readonly by: string;
  readonly descending?: boolean;
}

/** How a parent's rows are found, and in which order. */
export interface ListOptions<T> extends Omit<ListSource, 'entity'> {
  readonly orderBy: Ordering & { readonly by: keyof Row<T> & string };
}

/** A list as the schema knows it; `list` names it, so that its cursors fit nowhere else. */
type NamedList = Omit<ListSource, 'entity'> & { readonly orderBy: Ordering; readonly list: string };

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
  list: NamedList,
  page: PageArguments,
  parent: number | null,
): Promise<Connection> {
  const reader = new ListReader(context, { ...list, entity }, list, parent);
  const plan = planPage(page);
  const after = page.after ? reader.readCursor('after', page.after) : undefined;
  const before = page.before ? reader.readCursor('before', page.before) : undefined;
  const found = await reader.read(plan.backward, plan.size + 1, after, before);
  const more = found.length > plan.size;
  const rows = found.slice(0, plan.size);
  if (plan.backward) rows.reverse();
  return new Connection(reader, rows, { backward: plan.backward, more, after, before });
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

/** Where a row stands: the value it is ordered by, and its id. */
type Position = readonly [value: Value, id: number];

/** Reads stretches of one list in either direction, and knows its cursors. */
class ListReader {
  readonly #context: Context;
  readonly #source: ListSource;
  readonly #ordering: Ordering;
  readonly #parent: number | null;
  readonly #binding: string;

  constructor(context: Context, source: ListSource, list: NamedList, parent: number | null) {
    this.#context = context;
    this.#source = source;
    this.#ordering = list.orderBy;
    this.#parent = parent;
    const { by, descending = false } = list.orderBy;
    this.#binding = createHash('sha1')
      .update(`${list.list} ${by} ${descending}`)
      .digest('base64url')
      .slice(0, 8);
  }

  /** Rows behind one position and in front of another, from the end that `backward` says. */
  read(backward: boolean, limit: number, after?: Position, before?: Position): Promise<AnyRow[]> {
    const behind: [Bound, Position][] = after ? [[this.#descending ? '<' : '>', after]] : [];
    const inFront: [Bound, Position][] = before ? [[this.#descending ? '>' : '<', before]] : [];
    return this.#read(backward, limit, [...behind, ...inFront]);
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
    return this.#parent === null
      ? loaders.count(this.#source)
      : loaders.countOf(this.#source, this.#parent);
  }

  position(row: AnyRow): Position {
    return [row[this.#ordering.by] as Value, Number(row['id'])];
  }

  writeCursor(row: AnyRow): string {
    const [value, id] = this.position(row);
    const plain = value instanceof Date ? value.getTime() : value;
    return Buffer.from(JSON.stringify([this.#binding, plain, id])).toString('base64url');
  }

  readCursor(argument: string, cursor: string): Position {
    const [binding, value, id] = parseCursor(cursor);
    const kind = tableOf(this.#context.em, this.#source.entity).kind(this.#ordering.by);
    if (binding !== this.#binding || !fits(kind, value) || !Number.isSafeInteger(id)) {
      throw badRequest(`\`${argument}\` is not a cursor of this list and ordering.`);
    }
    return [kind === 'time' ? new Date(Number(value)) : (value as Value), Number(id)];
  }

  get #descending(): boolean {
    return this.#ordering.descending === true;
  }

  #read(backward: boolean, limit: number, bounds: [Bound, Position][]): Promise<AnyRow[]> {
    const byId = this.#ordering.by === 'id';
    const request: PageRequest = {
      orderBy: this.#ordering.by,
      descending: this.#descending !== backward,
      limit,
      bounds: bounds.map(([operator]) => operator),
      boundValues: bounds.flatMap(([, position]) => (byId ? [position[1]] : [...position])),
    };
    const { loaders } = this.#context;
    return this.#parent === null
      ? loaders.page(this.#source, request)
      : loaders.pageOf(this.#source, request, this.#parent);
  }
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

  constructor(reader: ListReader, rows: readonly AnyRow[], stretch: Stretch) {
    this.#reader = reader;
    this.#rows = rows;
    this.#stretch = stretch;
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

  totalCount(): Promise<number> {
    return this.#reader.count();
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

/** A request that cannot be answered as it stands, and says why. */
export function badRequest(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST' } });
}
