import { stringify } from 'csv-stringify/sync';
import type { Columns } from './columns.ts';

/** How a file is written. */
export interface TableFormat {
  readonly format: 'csv' | 'jsonl';
  /** Writes an apostrophe before what a spreadsheet would compute, and before an apostrophe. */
  readonly escapesFormulas: boolean;
  /** Writes columns too that an import passes over. */
  readonly tellsAll: boolean;
}

/** What a spreadsheet takes for a formula, or what was escaped already. */
const FORMULA = /^[=+\-@\t\r']/;

/** Writes rows as the text of a file: CSV as RFC 4180 has it with a header, or JSON Lines. */
export class TableText {
  readonly #columns: Columns;
  readonly #names: readonly string[];
  readonly #format: TableFormat;

  constructor(columns: Columns, format: TableFormat) {
    this.#columns = columns;
    this.#names = Object.keys(columns).filter(
      (name) => format.tellsAll || !columns[name]?.isOnlyTold,
    );
    this.#format = format;
  }

  /** The first row of CSV. */
  header(): string {
    return csv([this.#names]);
  }

  rows(rows: readonly Readonly<Record<string, unknown>>[]): string {
    const values = rows.map((row) => this.#names.map((name) => row[name] ?? null));
    if (this.#format.format === 'csv') return csv(values.map((row) => row.map(this.#cell)));
    const object = (row: readonly unknown[]) =>
      Object.fromEntries(row.map((value, index) => [this.#names[index] as string, value]));
    return values.map((row) => `${JSON.stringify(object(row))}\n`).join('');
  }

  readonly #cell = (value: unknown, index: number): string => {
    if (value === null) return '';
    const text = this.#columns[this.#names[index] as string]?.kind.format(value) ?? '';
    return this.#format.escapesFormulas && FORMULA.test(text) ? `'${text}` : text;
  };
}

const csv = (rows: readonly (readonly string[])[]): string =>
  stringify(
    rows.map((row) => [...row]),
    OPTIONS,
  );

/** A lone carriage return would end a line for whoever reads it without quotes. */
const OPTIONS = { record_delimiter: '\r\n', quoted_match: /[\r\n]/ };
