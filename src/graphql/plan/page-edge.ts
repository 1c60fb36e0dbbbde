import { canNest, type NestedRows } from '../../database/nested-pages.ts';
import type { Connection } from '../connection.ts';
import type { PagesPlan } from '../connections.ts';
import type { PageArguments } from '../list-reader.ts';
import type { NestedRequest } from '../loading.ts';
import type { AnyRow, FieldMark } from '../marks.ts';
import type { Arguments } from './edges.ts';
import { type Edge, loadAll, nestedIn, type PlanRun, pathsOf, type Selection } from './plan.ts';

/** What a connection is asked for besides its rows. */
interface Asked {
  count: boolean;
  /** Where rows stand: their cursors. Whether the list goes on is seen from there. */
  position: boolean;
  hasNextPage: boolean;
  hasPreviousPage: boolean;
}

/** A page as it is written: its rows, and what was asked for besides. */
export interface LoadedPage {
  readonly connection: Connection;
  readonly totalCount: number;
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
}

/** A page of which only the rows are asked for. */
const bare = (connection: Connection): LoadedPage => ({
  connection,
  totalCount: 0,
  hasNextPage: false,
  hasPreviousPage: false,
});

/** How pages are read along with the rows they are for, which have them under a name. */
interface Nesting {
  readonly pages: PagesPlan;
  readonly name: string;
}

type PageMark = Extract<FieldMark, { kind: 'page' }>;

/** A page of a list for each row, or the one page of a list of all. */
export class PageEdge implements Edge {
  readonly #mark: PageMark;
  readonly #list: string;
  readonly #page: Arguments;
  readonly selections: Selection[] = [];
  #paths: readonly string[] | undefined;
  /** Under which a run keeps how its pages are nested, where they are. */
  readonly #nesting = {};
  readonly asked: Asked = {
    ...{ count: false, position: false },
    ...{ hasNextPage: false, hasPreviousPage: false },
  };

  constructor(mark: PageMark, { list, page }: { list: string; page: Arguments }) {
    this.#mark = mark;
    this.#list = list;
    this.#page = page;
  }

  nest(name: string, run: PlanRun): NestedRequest | null {
    const pages = this.#pages(run);
    if (!pages || !canNest(pages)) return null;
    run.keep(this.#nesting, { pages, name } satisfies Nesting);
    return pages;
  }

  async load(rows: readonly AnyRow[], run: PlanRun): Promise<void> {
    const byId = new Map(rows.map((row) => [row.id, row]));
    const connections = await this.#read(byId, run);
    const { count, hasNextPage, hasPreviousPage } = this.asked;
    const pages = await Promise.all(
      count || hasNextPage || hasPreviousPage
        ? connections.map((connection) => this.#complete(connection))
        : connections.map(bare),
    );
    run.keep(this, new Map([...byId.keys()].map((id, index) => [id, pages[index]])));
    const listed = connections.flatMap((connection) => connection.rows) as unknown as AnyRow[];
    await loadAll(this.selections, listed, run);
  }

  async #read(rows: ReadonlyMap<number, AnyRow>, run: PlanRun): Promise<Connection[]> {
    const nested = run.of<Nesting | undefined>(this.#nesting);
    if (nested) {
      const { pages, name } = nested;
      return [...rows].map(([id, row]) => pages.connectionOf(id, row[name] as NestedRows));
    }
    const pages = this.#pages(run);
    if (!pages) return [await this.#pageOfAll(run)];
    const ids = [...rows.keys()];
    const found = await run.context.loaders.pagesOf(pages.source, pages.shape, ids);
    return found.map((read, index) => pages.connectionOf(ids[index] as number, read));
  }

  /** How the pages of rows are read; null where the list is that of all. */
  #pages(run: PlanRun): PagesPlan | null {
    const { connectAll } = this.#mark;
    return connectAll?.(run.context, { ...this.#wanted(run), count: this.asked.count }) ?? null;
  }

  #pageOfAll(run: PlanRun): Promise<Connection> {
    const { connect } = this.#mark;
    if (!connect) throw new Error(`Nobody knows how to read ${this.#list}`);
    return connect(run.context, { ...this.#wanted(run), parent: null });
  }

  #wanted(run: PlanRun) {
    this.#paths ??= pathsOf(this.selections);
    const page = this.#page(run) as PageArguments;
    const { position, hasNextPage, hasPreviousPage } = this.asked;
    const lookahead = hasNextPage || hasPreviousPage;
    const unplaced = !(position || lookahead);
    const nested = nestedIn(this.selections, run);
    return { list: this.#list, page, properties: this.#paths, lookahead, unplaced, nested };
  }

  async #complete(connection: Connection): Promise<LoadedPage> {
    const { count, hasNextPage, hasPreviousPage } = this.asked;
    return {
      connection,
      totalCount: count ? await connection.totalCount() : 0,
      hasNextPage: hasNextPage && (await connection.pageInfo.hasNextPage),
      hasPreviousPage: hasPreviousPage && (await connection.pageInfo.hasPreviousPage),
    };
  }

  pageOf(row: AnyRow, run: PlanRun): LoadedPage {
    return run.of<Map<number, LoadedPage>>(this).get(row.id) as LoadedPage;
  }
}
