import { z } from 'zod';
import { type InputPath, InvalidInput } from './errors.ts';

/** Longest name, code, unit or reference, in characters. */
const MAX_TEXT = 200;
/** Longest note or description, in characters. */
const MAX_LONG_TEXT = 10_000;

/** Whether both databases can keep a text: PostgreSQL takes neither NUL nor half a character. */
export const isKeepable = (text: string): boolean => text.isWellFormed() && !text.includes('\0');

const clean = z
  .string()
  .refine(isKeepable, 'must be Unicode text without NUL')
  .transform((text) => text.trim());

/** A line of text that must say something. */
export const requiredText = clean.pipe(
  z.string().min(1, 'must not be blank').max(MAX_TEXT, `takes at most ${MAX_TEXT} characters`),
);

/** A line of text that may be left out; blank counts as left out. */
export const optionalText = clean
  .pipe(z.string().max(MAX_TEXT, `takes at most ${MAX_TEXT} characters`))
  .nullish()
  .transform((text) => text || null);

/** Text of any number of lines that may be left out; blank counts as left out. */
export const optionalLongText = clean
  .pipe(z.string().max(MAX_LONG_TEXT, `takes at most ${MAX_LONG_TEXT} characters`))
  .nullish()
  .transform((text) => text || null);

/**
 * Checks an input and fills in what was left out.
 * @throws InvalidInput for the first value that cannot be used, with its path below `root`.
 */
export function checkInput<S extends z.ZodType>(
  schema: S,
  input: unknown,
  root: InputPath = ['input'],
): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = [...root, ...(issue?.path ?? []).map(String)];
  throw new InvalidInput(`${nameOf(path)} ${issue?.message ?? 'cannot be used'}.`, path);
}

/** What a message calls the value at the end of a path: an index alone would say little. */
function nameOf(path: readonly string[]): string {
  const last = path.at(-1) ?? '';
  return /^\d+$/.test(last) ? `${path.at(-2)}[${last}]` : last;
}
