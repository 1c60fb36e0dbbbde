/** What stands between the values of a list in one cell; within a value a backslash goes before it. */
const BETWEEN = '|';

/** A list as one text. */
export const joinList = (values: readonly string[]): string =>
  values.map((value) => value.replace(/[\\|]/g, '\\$&')).join(BETWEEN);

/** The list in a text, whose values may have spaces around them. */
export function splitList(text: string): string[] {
  const values = [''];
  for (const [part] of text.matchAll(/\\?./gsu)) {
    if (part === BETWEEN) values.push('');
    else values[values.length - 1] += part.length > 1 && part[0] === '\\' ? part.slice(1) : part;
  }
  return values.map((value) => value.trim());
}
