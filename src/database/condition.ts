import { type Dialect, dialectOf } from './dialect.ts';
import type { EntityManager } from './entity-manager.ts';
import type { Value } from './statement-values.ts';

/** A condition on the rows of a list: SQL whose text is the same for all values, and the values. */
export interface Condition {
  /** About the row of the alias `x`; `$w1`, `$w2` and so on stand for the values. */
  readonly text: string;
  readonly values: readonly Value[];
}

/** Collects the values of a condition while its SQL is written, so that none of them is in the text. */
export class ConditionWriter {
  readonly em: EntityManager;
  readonly dialect: Dialect;
  readonly #values: Value[] = [];
  #aliases = 0;

  constructor(em: EntityManager) {
    this.em = em;
    this.dialect = dialectOf(em);
  }

  /** The placeholder of a value. */
  value(value: Value): string {
    return `$w${this.#values.push(value)}`;
  }

  /** A name for a table that the condition looks into. */
  alias(): string {
    this.#aliases += 1;
    return `w${this.#aliases}`;
  }

  condition(text: string): Condition {
    return { text, values: this.#values };
  }
}

const VALUE = /\$w(\d+)/g;

/** The SQL of a condition, its values from a placeholder on. */
export const placed = ({ text }: Condition, first: number): string =>
  text.replace(VALUE, (_, number) => `$${first - 1 + Number(number)}`);

/** The SQL of a condition behind others, its values from a placeholder on; nothing without one. */
export const andAlso = (condition: Condition | undefined, first: number): string =>
  condition ? `and (${placed(condition, first)})` : '';

/** A condition that is fulfilled by what fulfils both, where there are two. */
export function both(
  one: Condition | undefined,
  other: Condition | undefined,
): Condition | undefined {
  if (!one || !other) return one ?? other;
  const after = (_: string, number: string) => `$w${one.values.length + Number(number)}`;
  const text = `(${one.text}) and (${other.text.replace(VALUE, after)})`;
  return { text, values: [...one.values, ...other.values] };
}
