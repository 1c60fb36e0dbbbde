import { DomainError } from '../errors.ts';
import { checkInput } from '../input.ts';
import type { Columns, RowOf } from './columns.ts';
import { type Mapping, mapped } from './mapping.ts';
import type { Problem } from './problem.ts';
import { type Cells, rawRows } from './raw-rows.ts';
import { explainFile, type SourceFile } from './source-file.ts';

/** A file of rows. */
export interface TableFile extends SourceFile {
  readonly format: 'csv' | 'jsonl';
  readonly mapping?: Mapping | undefined;
  /** Whether cells that a spreadsheet would compute were written with an apostrophe before them. */
  readonly escapesFormulas?: boolean | undefined;
}

/** A row of a file whose cells can be used, each for itself. */
export interface TableRow<C extends Columns> {
  readonly row: number;
  readonly values: RowOf<C>;
  /** A problem of this row. */
  problem(column: string, facts: Pick<Problem, 'code' | 'message'>): Problem;
}

/**
 * Reads the rows of a file, in its order and in constant memory. Rows with a problem are left out.
 * @param onProblem is told of every cell that cannot be used, and of what is no table.
 * @throws ExchangeError when the file cannot be read.
 */
export async function* readTable<C extends Columns>(
  file: TableFile,
  columns: C,
  onProblem: (problem: Problem) => void,
): AsyncGenerator<TableRow<C>> {
  const reader = new RowReader(file, columns, onProblem);
  try {
    for await (const { row, cells } of rawRows({ file, columns, onProblem })) {
      const read = reader.read(row, cells);
      if (read) yield read;
    }
  } catch (error) {
    throw explainFile(error, file.file);
  }
}

/** Reads cells as the values of columns. */
class RowReader<C extends Columns> {
  readonly #file: TableFile;
  readonly #columns: C;
  readonly #names: readonly string[];
  readonly #onProblem: (problem: Problem) => void;

  constructor(file: TableFile, columns: C, onProblem: (problem: Problem) => void) {
    this.#file = file;
    this.#columns = columns;
    this.#names = Object.keys(columns).filter((name) => !columns[name]?.isOnlyTold);
    this.#onProblem = onProblem;
  }

  /** Null when a cell cannot be used. */
  read(row: number, cells: Cells): TableRow<C> | null {
    const problem: TableRow<C>['problem'] = (column, { code, message }) => {
      const name = this.#file.mapping?.columns[column]?.from ?? column;
      const { file } = this.#file;
      return { file, row, column: name, code, value: textOf(cells(name)), message };
    };
    const values: Record<string, unknown> = {};
    let isGood = true;
    for (const name of this.#names) {
      try {
        values[name] = this.#value(name, cells);
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        isGood = false;
        this.#onProblem(problem(name, error));
      }
    }
    return isGood ? { row, values: values as RowOf<C>, problem } : null;
  }

  /** @throws InvalidInput. */
  #value(name: string, cells: Cells): unknown {
    const { kind, isRequired } = this.#columns[name] as Columns[string];
    const raw = this.#raw(name, cells);
    if (raw === undefined && !isRequired) return undefined;
    if (raw === undefined || raw === null || raw === '') {
      return isRequired ? checkInput(kind.check, '', [name]) : null;
    }
    const value = typeof raw === 'string' && this.#isText() ? kind.parse(raw) : raw;
    return checkInput(kind.check, value, [name]);
  }

  #raw(name: string, cells: Cells): unknown {
    const { mapping, escapesFormulas } = this.#file;
    if (mapping) {
      const source = mapping.columns[name];
      return source && mapped(source, cells);
    }
    const cell = cells(name);
    return escapesFormulas && typeof cell === 'string' ? cell.replace(/^'/, '') : cell;
  }

  /** Whether values are written as text, whatever they are. */
  #isText(): boolean {
    return this.#file.format === 'csv' || this.#file.mapping !== undefined;
  }
}

const textOf = (cell: unknown): string =>
  typeof cell === 'string' ? cell : cell === undefined ? '' : JSON.stringify(cell);
