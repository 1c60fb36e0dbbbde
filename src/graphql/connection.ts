import type { ListedRow, ListReader, Position } from './list-reader.ts';

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
