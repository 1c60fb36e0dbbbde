import { PassThrough } from 'node:stream';
import { z } from 'zod';
import type { Unreadable } from './csv-rows.ts';
import { ExchangeError } from './exchange.errors.ts';
import { feedFile, type SourceFile } from './source-file.ts';

/** Longest line, in characters. */
const MAX_LINE = 1_000_000;

/** A line that is an object. */
interface JsonRow {
  /** The number of its line: 1 for the first. */
  readonly row: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

const Fields = z.record(z.string(), z.unknown());

/**
 * Reads the objects of JSON Lines, in constant memory.
 * @param onUnreadable is told of each line that is no object.
 */
export async function* jsonRows(
  source: SourceFile,
  onUnreadable: (what: Unreadable) => void,
): AsyncGenerator<JsonRow> {
  let row = 0;
  for await (const line of linesOf(source)) {
    row += 1;
    if (line.trim() === '') continue;
    const fields = objectIn(line);
    if (fields) yield { row, fields };
    else onUnreadable({ row, value: line, message: 'The line is no JSON object.' });
  }
}

function objectIn(line: string): Readonly<Record<string, unknown>> | null {
  try {
    return Fields.parse(JSON.parse(line));
  } catch {
    return null;
  }
}

async function* linesOf(source: SourceFile): AsyncGenerator<string> {
  const text = await feedFile(source, new PassThrough({ encoding: 'utf8' }));
  let rest = '';
  let isFirst = true;
  for await (const chunk of text) {
    const lines = (rest + (isFirst ? String(chunk).replace(/^\uFEFF/, '') : chunk)).split('\n');
    isFirst = false;
    rest = lines.pop() ?? '';
    yield* lines;
    if (rest.length > MAX_LINE) {
      throw new ExchangeError(`${source.file} has a line of more than ${MAX_LINE} characters.`);
    }
  }
  if (rest !== '') yield rest;
}
