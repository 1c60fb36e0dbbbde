import { createHash } from 'node:crypto';
import type { Columns } from './columns.ts';
import { type Problem, Problems } from './problem.ts';
import { readTable, type TableFile } from './table.ts';
import { TABLES, type TableName } from './tables.ts';

/** A file that is to be imported. */
export interface ImportFile extends Omit<TableFile, 'hash' | 'onBytes'> {
  readonly table: TableName;
}

/** What a first reading of a file finds out, without the database. */
export interface FileSurvey {
  readonly file: ImportFile;
  /** Of the unpacked file, in hexadecimal. */
  readonly hash: string;
  /** Rows whose cells can be used. */
  readonly rows: number;
  /** The codes of locations where stock moves, as they are spelled first. */
  readonly codes: ReadonlySet<string>;
  readonly problems: readonly Problem[];
}

/** The columns in which each table names where stock is. */
const PLACES: Readonly<Record<TableName, readonly string[]>> = {
  ...{ locations: [], items: [] },
  ...{ levels: ['location'], movements: ['from', 'to'] },
};

/**
 * Reads a file once, and tells what is wrong with its cells.
 * @throws ExchangeError when it cannot be read.
 */
export async function surveyFile(
  file: ImportFile,
  onBytes: (bytes: number) => void,
): Promise<FileSurvey> {
  const columns: Columns = TABLES[file.table].columns;
  const hash = createHash('sha256');
  const problems = new Problems();
  const codes = new Set<string>();
  let rows = 0;
  const source = { ...file, hash, onBytes };
  for await (const { values } of readTable(source, columns, (found) => problems.add(found))) {
    rows += 1;
    for (const place of PLACES[file.table]) {
      const code = values[place];
      if (typeof code === 'string') codes.add(code);
    }
  }
  return { file, hash: hash.digest('hex'), rows, codes, problems: problems.list };
}
