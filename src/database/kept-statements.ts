import type { Statement } from './statement.ts';

const statements = new Map<string, Statement<unknown>>();

/** How many distinct statements are kept, here and in the database, for what requests choose to read. */
const MOST_STATEMENTS = 1000;

/**
 * Builds a statement once for each distinct text. What requests chose is kept until there is too much
 * of it: whatever is chosen beyond that is built, and prepared by the database, every time.
 */
export function once<R>(
  key: readonly string[],
  make: () => Statement<R>,
  chosen = false,
): Statement<R> {
  const name = key.join('|');
  const known = statements.get(name);
  if (known) return known as Statement<R>;
  const statement = make();
  if (chosen && statements.size >= MOST_STATEMENTS) return statement.unkept();
  statements.set(name, statement);
  return statement;
}
