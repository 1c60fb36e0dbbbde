import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Columns } from './columns.ts';
import { ExchangeError } from './exchange.errors.ts';
import { explainFile } from './source-file.ts';
import { readTime } from './time-text.ts';

const Source = z.strictObject({
  /** The column of the file. */
  from: z.string().min(1).optional(),
  /** What the column is in every row, or where its cell is blank. */
  value: z.string().optional(),
  /** What some of the file's texts mean. */
  values: z.record(z.string(), z.string()).optional(),
  /** What stands between the values of a list. */
  separator: z.string().min(1).optional(),
  /** How numbers are written. */
  number: z
    .strictObject({
      decimal: z.enum(['.', ',']),
      thousands: z.enum(['.', ',', ' ', "'"]).optional(),
    })
    .optional(),
  /** How times are written, as `DD/MM/YYYY HH:mm`; taken as UTC. */
  time: z.string().optional(),
  /** Names of an object, and the columns of the file that hold their values; blank cells are left out. */
  each: z.record(z.string(), z.string().min(1)).optional(),
});

const MappingFile = z.strictObject({
  description: z.string().optional(),
  imports: z.enum(['locations', 'items', 'levels', 'movements']),
  /** What stands between cells. */
  delimiter: z.string().length(1).optional(),
  /** Columns of the file that are passed over; `*` for all that are not named. */
  ignore: z.array(z.string()).default([]),
  columns: z.record(z.string(), Source),
});

/** How the columns of a foreign file become ours. */
export type Mapping = z.output<typeof MappingFile>;
type MappedColumn = z.output<typeof Source>;

/**
 * Reads a mapping from its file.
 * @throws ExchangeError when it is none, or is for other files.
 */
export async function readMapping(
  file: string,
  imports: string,
  columns: Columns,
): Promise<Mapping> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw explainFile(error, file);
  });
  const result = MappingFile.safeParse(jsonOf(text, file));
  if (!result.success) {
    throw new ExchangeError(`${file} is no mapping:\n${z.prettifyError(result.error)}`);
  }
  const mapping = result.data;
  if (mapping.imports !== imports) {
    throw new ExchangeError(`${file} is a mapping for ${mapping.imports}, not for ${imports}.`);
  }
  for (const [name, { time }] of Object.entries(mapping.columns)) {
    if (!columns[name]) throw new ExchangeError(`${file}: ${imports} have no column ${name}.`);
    if (time !== undefined) readTime('', time);
  }
  for (const [name, { isRequired }] of Object.entries(columns)) {
    if (!isRequired || mapping.columns[name]) continue;
    throw new ExchangeError(`${file}: ${imports} need the column ${name}.`);
  }
  return mapping;
}

function jsonOf(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ExchangeError(`${file} is no JSON: ${(error as Error).message}`);
  }
}

/** The columns of a file that a mapping reads. */
export const namesOf = ({ columns }: Mapping): string[] =>
  Object.values(columns).flatMap(({ from, each }) => [
    ...(from === undefined ? [] : [from]),
    ...Object.values(each ?? {}),
  ]);

/** What a mapping makes of a row: a value as JSON has it, or text as a cell has it; blank for none. */
export function mapped(
  { from, value, values, separator, number, time, each }: MappedColumn,
  cellOf: (name: string) => unknown,
): unknown {
  if (each) return objectOf(each, cellOf);
  const cell = from === undefined ? '' : cellOf(from);
  if (typeof cell !== 'string') return cell;
  const text = values?.[cell.trim()] ?? cell;
  if (text.trim() === '') return value ?? '';
  if (separator !== undefined) return partsOf(text, separator);
  if (number) return numberText(text, number);
  return time === undefined ? text : (readTime(text, time) ?? text);
}

function objectOf(each: Readonly<Record<string, string>>, cellOf: (name: string) => unknown) {
  const cells = Object.entries(each).map(([name, from]) => [name, cellOf(from)] as const);
  return Object.fromEntries(cells.filter(([, cell]) => cell !== '' && cell !== null));
}

const partsOf = (text: string, separator: string): string[] =>
  text
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** A number as we write it; zeros behind the point that say nothing are left out. */
function numberText(text: string, { decimal, thousands }: NonNullable<MappedColumn['number']>) {
  const grouped = thousands === undefined ? text : text.replaceAll(thousands, '');
  const plain = decimal === ',' ? grouped.replace(',', '.') : grouped;
  return plain.trim().replace(/^(-?\d+)(?:\.0*|(\.\d*?)0+)$/, '$1$2');
}
