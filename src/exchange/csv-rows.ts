import { CsvError, parse } from 'csv-parse';
import { feedFile, type SourceFile } from './source-file.ts';

/** Longest row, in characters: a quote that nobody closes must not take the whole file for one. */
const MAX_ROW = 1_000_000;

/** A row of CSV that is not blank. */
interface CsvRow {
  /** Its number in a spreadsheet: 1 for the first. */
  readonly row: number;
  readonly cells: readonly string[];
}

/** What is wrong with a text, and where. */
export interface Unreadable {
  readonly row: number;
  readonly value: string;
  readonly message: string;
}

/**
 * Reads the rows of CSV as RFC 4180 has it, the header among them, in constant memory. The ends of lines
 * may be of any kind.
 * @param onUnreadable is told where the text is no CSV. Nothing behind it is read: where a quote is amiss,
 *   nobody knows what is within quotes.
 */
export async function* csvRows(
  source: SourceFile & { readonly delimiter?: string },
  onUnreadable: (what: Unreadable) => void,
): AsyncGenerator<CsvRow> {
  let row = 0;
  const parser = parse({
    bom: true,
    delimiter: source.delimiter ?? ',',
    max_record_size: MAX_ROW,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
  });
  try {
    for await (const record of await feedFile(source, parser)) {
      row += 1;
      const cells = record as string[];
      if (cells.length > 1 || cells[0] !== '') yield { row, cells };
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    onUnreadable({ row: row + 1, value: '', message: `The text is no CSV: ${error.message}` });
  }
}
