import type { FieldNode } from 'graphql';

type Variables = Readonly<Record<string, unknown>>;

/** A number, or what follows from the variables of a request. */
export type Amount = number | ((variables: Variables) => number);

export const amount = (of: Amount, variables: Variables): number =>
  typeof of === 'number' ? of : of(variables);

/** A field in an operation that leads to rows, or is computed. */
export interface Part {
  /** Its place in the formula: behind all parts that it leads to. */
  readonly index: number;
  readonly node: FieldNode;
  /** How large a page it answers, if it does. */
  readonly size: Amount | null;
  /** What it costs for each parent. */
  readonly own: Amount;
  /** How much of that is done however few rows there are. */
  readonly work: Amount;
  /** For how many parents the fields below it are asked, for each parent of its own. */
  readonly rows: Amount;
  /** What is asked of these rows, by the types that they can have: the most expensive one counts. */
  readonly below: readonly (readonly Part[])[];
}

/** What an operation costs, as far as its variables leave it open. */
export interface Formula {
  readonly parts: readonly Part[];
  readonly root: readonly Part[];
  /** The variables that make a difference. */
  readonly variables: ReadonlySet<string>;
}

/**
 * What each part of a formula costs for each parent, with all that it leads to.
 * @param counted which part of its cost counts: all of it, or the work that no row is.
 */
export function totalsOf(
  { parts }: Formula,
  variables: Variables,
  counted: 'own' | 'work' = 'own',
): readonly number[] {
  const totals: number[] = [];
  for (const part of parts) {
    const most = Math.max(0, ...part.below.map((each) => sumOf(each, totals)));
    const below = most > 0 ? most * amount(part.rows, variables) : 0;
    totals.push(amount(part[counted], variables) + below);
  }
  return totals;
}

/** What some parts cost together. */
export const sumOf = (parts: readonly Part[], totals: readonly number[]): number =>
  parts.reduce((sum, { index }) => sum + (totals[index] ?? 0), 0);
