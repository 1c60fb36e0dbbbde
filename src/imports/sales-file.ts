import { createHash, type Hash } from 'node:crypto';
import { CsvError, type Info, type Parser, parse } from 'csv-parse';
import { foldKey } from '../database/key.ts';
import { ExchangeError } from '../exchange/exchange.errors.ts';
import { explainFile, feedFile, type SourceFile } from '../exchange/source-file.ts';
import { type BadLine, describeBadLine } from './bad-line.ts';
import type { SalesPreset } from './presets.ts';

/** Longest line, in characters: a quote that nobody closes must not take the whole file for one. */
const MAX_RECORD = 100_000;
/** Longest text of a column that is kept. */
const MAX_TEXT = 200;

/** A line of a file of sales. */
interface SalesLine {
  readonly line: number;
  readonly invoice: string;
  readonly sku: string;
  readonly skuKey: string;
  readonly itemName: string;
  /** Units that went out; below zero they came back. Never 0. */
  readonly quantity: number;
  readonly time: Date;
}

/** Lines that follow each other with the same invoice: what becomes one movement. */
export interface Run {
  readonly invoice: string;
  readonly lines: SalesLine[];
}

interface Reading extends SourceFile {
  readonly preset: SalesPreset;
  /** Is told of every line that cannot be used; throws to stop there. */
  readonly onBadLine: (bad: BadLine) => void;
}

/**
 * Reads the runs of a file of sales, plain or gzip, in the order of the file and in constant memory.
 * @throws ExchangeError when the file cannot be read, or is not the CSV that the preset describes.
 */
export async function* readRuns(reading: Reading): AsyncGenerator<Run> {
  let run: Run | undefined;
  for await (const line of readLines(reading)) {
    if (run && run.invoice !== line.invoice) {
      yield run;
      run = undefined;
    }
    run ??= { invoice: line.invoice, lines: [] };
    run.lines.push(line);
  }
  if (run) yield run;
}

async function* readLines(reading: Reading): AsyncGenerator<SalesLine> {
  const { file } = reading;
  try {
    const parser = await feedFile(reading, parserOf(reading));
    for await (const line of parser) yield line as SalesLine;
  } catch (error) {
    throw explain(error, file);
  }
}

function parserOf(reading: Reading): Parser {
  const fold = skuFolder();
  return parse({
    bom: true,
    columns: (header: string[]) => checkHeader(header, reading),
    relax_column_count: true,
    max_record_size: MAX_RECORD,
    skip_empty_lines: true,
    skip_records_with_error: true,
    on_skip: (error) => {
      const { line, column, value } = positionOf(error);
      reading.onBadLine({ line, column, code: 'NOT_CSV', value });
      return undefined;
    },
    on_record: (record: Record<string, string>, { lines }: Info) => {
      const line = readLine(record, lines, reading);
      return line && { ...line, skuKey: fold(line.sku) };
    },
  });
}

/** Folds SKUs, each of them once: a file has far fewer items than lines. */
function skuFolder(): (sku: string) => string {
  const keys = new Map<string, string>();
  return (sku) => {
    const known = keys.get(sku);
    if (known !== undefined) return known;
    const key = foldKey(sku);
    keys.set(sku, key);
    return key;
  };
}

function readLine(
  record: Record<string, string>,
  line: number,
  { preset, onBadLine }: Reading,
): Omit<SalesLine, 'skuKey'> | null {
  const { columns } = preset;
  const bad = (column: string, code: BadLine['code']): null => {
    onBadLine({ line, column, code, value: record[column] ?? '' });
    return null;
  };
  const text = (column: string) => (record[column] ?? '').trim();
  for (const column of [columns.invoice, columns.sku]) {
    if (text(column) === '') return bad(column, 'BLANK');
    if (text(column).length > MAX_TEXT) return bad(column, 'TOO_LONG');
  }
  const quantity = /^-?\d{1,15}$/.test(text(columns.quantity)) ? Number(text(columns.quantity)) : 0;
  if (quantity === 0) return bad(columns.quantity, 'NOT_A_QUANTITY');
  const time = preset.readTime(text(columns.time));
  if (!time) return bad(columns.time, 'NOT_A_TIME');
  const sku = text(columns.sku);
  const itemName = text(columns.itemName).slice(0, MAX_TEXT);
  return { line, invoice: text(columns.invoice), sku, itemName, quantity, time };
}

function checkHeader(header: readonly string[], { file, preset }: Reading): string[] {
  const names = header.map((name) => name.trim());
  const missing = Object.values(preset.columns).filter((name) => !names.includes(name));
  if (missing.length === 0) return names;
  throw new ExchangeError(
    `${file}, line 1: not the CSV that the preset ${preset.name} reads; missing columns: ${missing.join(', ')}.`,
  );
}

function positionOf(error: CsvError | undefined): { line: number; column: string; value: string } {
  const { lines, column, raw } = (error ?? {}) as {
    lines?: number;
    column?: unknown;
    raw?: string;
  };
  return { line: lines ?? 0, column: String(column ?? '?'), value: raw ?? error?.message ?? '' };
}

function explain(error: unknown, file: string): unknown {
  if (!(error instanceof CsvError)) return explainFile(error, file);
  const bad: BadLine = { ...positionOf(error), code: 'NOT_CSV' };
  return new ExchangeError(`${file} is not CSV: ${describeBadLine(bad)} (${error.code}).`);
}

/** A hash for `Reading.hash`. */
export const fileHash = (): Hash => createHash('sha256');
