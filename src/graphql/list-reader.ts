import { createHash } from 'node:crypto';
import type { Context } from '../context.ts';
import type { Condition } from '../database/condition.ts';
import {
  type ListSource,
  type Matches,
  type PageShape,
  RELEVANCE,
} from '../database/page-shape.ts';
import { type Row, tableOf } from '../database/rows.ts';
import type { Value } from '../database/statement-values.ts';
import { isKeepable } from '../input.ts';
import { badRequest } from './bad-request.ts';
import type { NestedRequest, PageRequest } from './loading.ts';
import type { OrderBy, Ordering } from './orderings.ts';
import type { Where } from './where.ts';

/** A row of a list, whatever it is of. */
export type ListedRow = Row<object> & Readonly<Record<string, unknown>>;
type Bound = PageShape['bounds'][number];

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

/** A page to read. */
export interface PageRead {
  /** The name of the list, so that its cursors fit nowhere else. */
  readonly list: string;
  /** The key of the row whose rows are listed; null for all rows. */
  readonly parent: number | null;
  readonly page: PageArguments;
  /** The properties that are needed of the rows; all unless said. */
  readonly properties?: readonly string[] | undefined;
  /** What is read along with the rows. */
  readonly nested?: readonly NestedRequest[] | undefined;
  /** Whether it is asked if the list goes on, so that a row more is read; it is unless said. */
  readonly lookahead?: boolean | undefined;
  /** Whether nobody asks where the rows stand: then what they are ordered by need not be read. */
  readonly unplaced?: boolean | undefined;
}

/** What is read of rows: always the id, and what their cursors are made of, if somebody asks for those. */
function columnsOf(chosen: ChosenList): readonly string[] | undefined {
  const { properties, ordering, unplaced } = chosen;
  const isStored = ordering.by !== RELEVANCE && !unplaced;
  return properties && [...new Set([...properties, 'id', ...(isStored ? [ordering.by] : [])])];
}

/** Where a row stands: the value it is ordered by, and its id. */
export type Position = readonly [value: Value, id: number];

/** What a client chose of a list. */
export interface ChosenList extends Omit<PageRead, 'page'> {
  readonly ordering: Ordering;
  readonly where: Condition | undefined;
  /** What a list that is ordered by how well its rows match has. */
  readonly matches?: Matches;
  /** The condition by which the list is counted. */
  readonly counted: Condition | undefined;
}

/** Reads stretches of one list in either direction, and knows its cursors. */
export class ListReader {
  readonly #context: Context;
  readonly #source: ListSource;
  readonly #chosen: ChosenList;
  readonly #ordering: Ordering;
  readonly #parent: number | null;
  readonly #properties: readonly string[] | undefined;
  #bound: string | undefined;

  constructor(
    context: Context,
    source: ListSource,
    chosen: ChosenList,
    { parent, properties }: Pick<PageRead, 'parent' | 'properties'> = {
      parent: chosen.parent,
      properties: columnsOf(chosen),
    },
  ) {
    this.#context = context;
    this.#source = source;
    this.#chosen = chosen;
    this.#ordering = chosen.ordering;
    this.#parent = parent;
    this.#properties = properties;
  }

  /** The rows that a request asks for. */
  read(request: PageRequest): Promise<ListedRow[]> {
    const { loaders } = this.#context;
    return this.#parent === null
      ? loaders.page(this.#source, request)
      : loaders.pageOf(this.#source, request, this.#parent);
  }

  /** What bounds a stretch of the list. */
  between(after?: Position, before?: Position): [Bound, Position][] {
    const behind: [Bound, Position][] = after ? [[this.#descending ? '<' : '>', after]] : [];
    const inFront: [Bound, Position][] = before ? [[this.#descending ? '>' : '<', before]] : [];
    return [...behind, ...inFront];
  }

  /** The same list of a parent. */
  of(parent: number): ListReader {
    const properties = this.#properties;
    return new ListReader(this.#context, this.#source, this.#chosen, { parent, properties });
  }

  /** Whether the list goes on beyond a position, which itself counts when `inclusive`. */
  async goesOn(
    backward: boolean,
    from: Position | undefined,
    inclusive: boolean,
  ): Promise<boolean> {
    const less = this.#descending !== backward;
    const operator = `${less ? '<' : '>'}${inclusive ? '=' : ''}` as Bound;
    const request = this.request(backward, 1, from ? [[operator, from]] : []);
    const rows = await this.read({ ...request, nested: undefined });
    return rows.length > 0;
  }

  count(): Promise<number> {
    const { loaders } = this.#context;
    const { counted: where } = this.#chosen;
    return this.#parent === null
      ? loaders.count(this.#source, where)
      : loaders.countOf(this.#source, this.#parent, where);
  }

  position(row: ListedRow): Position {
    return [row[this.#ordering.by] as Value, Number(row['id'])];
  }

  writeCursor(row: ListedRow): string {
    const [value, id] = this.position(row);
    const plain = value instanceof Date ? value.getTime() : value;
    const text = JSON.stringify([this.#binding, plain, id]);
    return Buffer.from(text).toString('base64url');
  }

  readCursor(argument: string, cursor: string): Position {
    const [binding, value, id] = parseCursor(cursor);
    const kind = this.#kind;
    if (binding !== this.#binding || !fits(kind, value) || !Number.isSafeInteger(id)) {
      throw badRequest(`\`${argument}\` is not a cursor of this list and ordering.`);
    }
    return [kind === 'time' ? new Date(Number(value)) : (value as Value), Number(id)];
  }

  get #binding(): string {
    this.#bound ??= bindingOf(this.#chosen);
    return this.#bound;
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
      nested: this.#chosen.nested,
      boundValues: bounds.flatMap(([, position]) => (byId ? [position[1]] : [...position])),
    };
  }
}

const bindings = new Map<string, string>();

/** What ties a cursor to its list and ordering: how well rows match is another one for each search. */
function bindingOf({ list, ordering, matches }: ChosenList): string {
  const name = `${list} ${ordering.by} ${ordering.descending}`;
  if (matches) return digest(`${name} ${JSON.stringify(matches.select.values)}`);
  let binding = bindings.get(name);
  if (!binding) {
    binding = digest(name);
    bindings.set(name, binding);
  }
  return binding;
}

const digest = (text: string): string =>
  createHash('sha1').update(text).digest('base64url').slice(0, 8);

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
