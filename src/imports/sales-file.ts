import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { PassThrough, pipeline, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { CsvError, type Info, type Parser, parse } from 'csv-parse';
import { foldKey } from '../database/key.ts';
import { type BadLine, describeBadLine, ImportError } from './import.errors.ts';
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

interface Reading {
  readonly file: string;
  readonly preset: SalesPreset;
  /** Is told of every line that cannot be used; throws to stop there. */
  readonly onBadLine: (bad: BadLine) => void;
  /** Is told how many bytes of the file were read so far. */
  readonly onBytes?: (bytes: number) => void;
  /** Is fed the unpacked file. */
  readonly hash?: Hash;
}

/**
 * Reads the runs of a file of sales, plain or gzip, in the order of the file and in constant memory.
 * @throws ImportError when the file cannot be read, or is not the CSV that the preset describes.
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
  const { file, preset } = reading;
  try {
    const parser = await openFile(reading);
    for await (const line of parser) yield line as SalesLine;
  } catch (error) {
    throw explain(error, file, preset);
  }
}

async function openFile(reading: Reading): Promise<Parser> {
  const unpack = (await isGzip(reading.file)) ? createGunzip() : new PassThrough();
  let bytes = 0;
  const countBytes = tap((chunk) => {
    bytes += chunk.length;
    reading.onBytes?.(bytes);
  });
  const hashText = tap((chunk) => reading.hash?.update(chunk));
  const fold = skuFolder();
  const parser = parse({
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
  // A failure anywhere destroys the parser with it, and reaches whoever reads from there.
  pipeline(createReadStream(reading.file), countBytes, unpack, hashText, parser, () => undefined);
  return parser;
}

/** Lets a stream pass, and looks at it. */
function tap(look: (chunk: Buffer) => void): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      look(chunk);
      done(null, chunk);
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
  throw new ImportError(
    `${file}, line 1: not the CSV that the preset ${preset.name} reads; missing columns: ${missing.join(', ')}.`,
  );
}

async function isGzip(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await handle.close();
  }
}

function positionOf(error: CsvError | undefined): { line: number; column: string; value: string } {
  const { lines, column, raw } = (error ?? {}) as {
    lines?: number;
    column?: unknown;
    raw?: string;
  };
  return { line: lines ?? 0, column: String(column ?? '?'), value: raw ?? error?.message ?? '' };
}

function explain(error: unknown, file: string, preset: SalesPreset): unknown {
  if (error instanceof CsvError) {
    const bad: BadLine = { ...positionOf(error), code: 'NOT_CSV' };
    return new ImportError(`${file} is not CSV: ${describeBadLine(bad)} (${error.code}).`);
  }
  const { code } = error as { code?: string };
  if (code === 'ENOENT') return new ImportError(`${file}: there is no such file.`);
  if (code === 'EISDIR') return new ImportError(`${file} is a directory, not a file.`);
  if (code === 'EACCES') return new ImportError(`${file}: no permission to read it.`);
  if (code?.startsWith('Z_')) return new ImportError(`${file} is not a whole gzip file (${code}).`);
  if (code === 'ERR_STREAM_PREMATURE_CLOSE') {
    return new ImportError(`${file} ends too early for the preset ${preset.name}.`);
  }
  return error;
}

/** A hash for `Reading.hash`. */
export const fileHash = (): Hash => createHash('sha256');
