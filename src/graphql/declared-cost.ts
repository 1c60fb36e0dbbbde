/**
 * What a field, an argument or a field of an input says of its cost, where the rule for its type is
 * not enough. What an argument says holds for the field that is given it.
 */
export interface DeclaredCost {
  /** How many rows the field answers for each parent, by the value of the argument that says so. */
  readonly rows?: (value: unknown) => number;
  /** What the rows of the field are multiplied by. */
  readonly times?: number;
  /** What is added for each parent. */
  readonly adds?: number;
  /** The field leads to rows that were counted where they were listed. */
  readonly isCounted?: true;
}

/** What a value costs that is computed for each row, in rows that could be answered instead. */
export const COMPUTED = 2;

/** Declares a cost, among the options of a field, an argument or a field of an input. */
export const costs = (declared: DeclaredCost) => ({ extensions: { cost: declared } });

/** What is declared; nothing where nothing is. */
export const declaredCost = ({
  extensions,
}: {
  readonly extensions: Readonly<Record<string, unknown>>;
}): DeclaredCost => (extensions['cost'] as DeclaredCost | undefined) ?? {};
