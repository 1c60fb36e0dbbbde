import type { Columns } from './columns.ts';
import { csvRows, type Unreadable } from './csv-rows.ts';
import { checkHeader } from './header.ts';
import { jsonRows } from './json-rows.ts';
import type { Problem } from './problem.ts';
import type { TableFile } from './table.ts';

/** What stands in a row, by the name of the file's column; undefined where there is nothing. */
export type Cells = (name: string) => unknown;

interface RawRow {
  readonly row: number;
  readonly cells: Cells;
}

interface Reading {
  readonly file: TableFile;
  readonly columns: Columns;
  readonly onProblem: (problem: Problem) => void;
}

/** The rows of a file under the names of its columns. Of CSV with a wrong header there are none. */
export function rawRows(reading: Reading): AsyncGenerator<RawRow> {
  return reading.file.format === 'jsonl' ? rowsOfJson(reading) : rowsOfCsv(reading);
}

/** Tells of a text that cannot be read. */
const unreadable =
  ({ file, onProblem }: Reading) =>
  (what: Unreadable): void =>
    onProblem({ ...what, file: file.file, column: '', code: 'NOT_READABLE' });

async function* rowsOfJson(reading: Reading): AsyncGenerator<RawRow> {
  const known = new Set<string>();
  for await (const { row, fields } of jsonRows(reading.file, unreadable(reading))) {
    const names = Object.keys(fields).filter((name) => !known.has(name));
    for (const name of names) known.add(name);
    tellHeader(reading, { row, names, isWhole: false });
    yield { row, cells: (name) => (Object.hasOwn(fields, name) ? fields[name] : undefined) };
  }
}

async function* rowsOfCsv(reading: Reading): AsyncGenerator<RawRow> {
  const { mapping } = reading.file;
  const onUnreadable = unreadable(reading);
  const source = mapping?.delimiter
    ? { ...reading.file, delimiter: mapping.delimiter }
    : reading.file;
  let header: ReadonlyMap<string, number> | undefined;
  for await (const { row, cells } of csvRows(source, onUnreadable)) {
    if (header) {
      const places = header;
      if (cells.length === places.size)
        yield { row, cells: (name) => cells[places.get(name) ?? -1] };
      else
        onUnreadable({ row, value: cells.join(), message: otherLength(cells.length, places.size) });
      continue;
    }
    const names = cells.map((name) => name.trim());
    if (!tellHeader(reading, { row, names, isWhole: true })) return;
    header = new Map(names.map((name, index) => [name, index]));
  }
  if (!header) onUnreadable({ row: 1, value: '', message: 'There is no header.' });
}

const otherLength = (cells: number, header: number): string =>
  `The row has ${cells} cells, the header ${header}.`;

/** Tells what is wrong with names of columns; whether nothing is. */
function tellHeader(
  { file, columns, onProblem }: Reading,
  header: { readonly row: number; readonly names: readonly string[]; readonly isWhole: boolean },
): boolean {
  const problems = checkHeader({ ...header, file: file.file, mapping: file.mapping, columns });
  for (const problem of problems) onProblem(problem);
  return problems.length === 0;
}
