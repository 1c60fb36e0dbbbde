import { z } from 'zod';
import { DECIMAL_PATTERN } from '../database/quantity.ts';
import { optionalLongText, optionalText, requiredText } from '../input.ts';
import { joinList, splitList } from './list-text.ts';

/** What a column's values are: in a cell of CSV, in JSON, and to the program. */
export interface Kind<T> {
  /** The value, as JSON has it, of a cell that is not blank. Whatever is not understood stays text. */
  readonly parse: (text: string) => unknown;
  /** The cell of a value, as JSON has it, that is not null. */
  readonly format: (value: unknown) => string;
  /** Says what is wrong with a value that is not null. */
  readonly check: z.ZodType<T>;
}

const asIs = (text: string): string => text;

/** Longest text of a decimal number: more digits than any quantity can have. */
const DECIMAL_LENGTH = 40;

/** A line of text that says something. */
export const line: Kind<string> = {
  parse: asIs,
  format: String,
  check: z.string('must be text').pipe(requiredText),
};

/** A line of text that may say nothing. */
export const text: Kind<string | null> = { parse: asIs, format: String, check: optionalText };

/** Text of any number of lines. */
export const longText: Kind<string | null> = {
  parse: asIs,
  format: String,
  check: optionalLongText,
};

/** A whole number. */
export const whole: Kind<number> = {
  parse: (text) => (/^-?\d{1,15}$/.test(text.trim()) ? Number(text) : text),
  format: String,
  check: z.int('must be a whole number'),
};

/** Yes or no. */
export const flag: Kind<boolean> = {
  parse: (text) => ({ true: true, false: false })[text.trim().toLowerCase()] ?? text,
  format: String,
  check: z.boolean('must be true or false'),
};

/** One of some words, in capitals or not. */
export const oneOf = <W extends string>(words: readonly W[]): Kind<W> => ({
  parse: (text) => text.trim().toUpperCase(),
  format: String,
  check: z.enum(words, `must be one of ${words.join(', ')}`),
});

/** A decimal number as text, which no float has touched. */
export const decimal: Kind<string> = {
  parse: (text) => text.trim(),
  format: String,
  check: z
    .string('must be a decimal number as text, such as "1.25"')
    .max(DECIMAL_LENGTH, 'has too many digits')
    .regex(DECIMAL_PATTERN, 'must be a decimal number, such as 12 or 1.25'),
};

/** A moment, to the millisecond. */
export const moment: Kind<Date> = {
  parse: (text) => text.trim(),
  format: String,
  check: z.iso
    .datetime({ offset: true, error: 'must be a time, such as 2026-11-22T09:30:00Z' })
    .transform((text) => new Date(text)),
};

/** A day of the calendar. */
export const day: Kind<string> = {
  parse: (text) => text.trim(),
  format: String,
  check: z.iso.date('must be a day, such as 2026-11-22'),
};

/** Texts with signs between them. */
export const list: Kind<string[]> = {
  parse: splitList,
  format: (value) => joinList(value as string[]),
  check: z.array(z.string('must be text'), 'must be a list of texts'),
};

/** A JSON object; in the order of its names, as PostgreSQL has an order of its own. */
export const object: Kind<Record<string, unknown>> = {
  parse: parseJson,
  format: (value) => {
    const text = JSON.stringify(value);
    return text === '{}' ? '' : text;
  },
  check: z.record(z.string(), z.unknown(), 'must be a JSON object'),
};

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
