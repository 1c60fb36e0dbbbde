import type { Columns } from './columns.ts';
import { type Mapping, namesOf } from './mapping.ts';
import type { Problem } from './problem.ts';

interface Header {
  readonly file: string;
  readonly mapping?: Mapping | undefined;
  readonly row: number;
  /** The names of the columns that the file has. */
  readonly names: readonly string[];
  readonly columns: Columns;
  /** Whether these are all that it has, so that what is not there is missing. */
  readonly isWhole: boolean;
}

/** What is wrong with the names of a file's columns. */
export function checkHeader({ mapping, names, columns, isWhole, ...place }: Header): Problem[] {
  const all = mapping ? namesOf(mapping) : Object.keys(columns);
  const known = new Set([...all, ...(mapping?.ignore ?? [])]);
  const problem = (column: string, code: Problem['code'], message: string): Problem => ({
    ...{ file: place.file, row: place.row, column, code },
    ...{ value: column, message },
  });
  const unknown = mapping?.ignore.includes('*') ? [] : names.filter((name) => !known.has(name));
  const double = names.filter((name, index) => names.indexOf(name) < index);
  const needed = mapping ? all : all.filter((name) => columns[name]?.isRequired);
  const missing = isWhole ? needed.filter((name) => !names.includes(name)) : [];
  const list = all.join(', ');
  return [
    ...unknown.map((name) =>
      problem(
        name,
        'UNKNOWN_COLUMN',
        `There is no column ${JSON.stringify(name)}; there are: ${list}.`,
      ),
    ),
    ...double.map((name) => problem(name, 'DOUBLE_COLUMN', `The column ${name} is there twice.`)),
    ...missing.map((name) => problem(name, 'MISSING_COLUMN', `The column ${name} is missing.`)),
  ];
}
