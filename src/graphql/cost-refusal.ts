import type { FieldNode, GraphQLError } from 'graphql';
import { amount, type Formula, type Part, sumOf } from './formula.ts';
import { figure, LIMITS, tooComplex } from './limits.ts';

/** How many paths a refusal names. */
const NAMED = 3;

/** The share of the whole below which a path is not worth naming. */
const LEAST_SHARE = 0.05;

interface Path {
  readonly nodes: readonly FieldNode[];
  readonly text: string;
  readonly cost: number;
}

/** The refusal of an operation that costs too much: which fields make it so, and what to do. */
export function costRefusal(
  formula: Formula,
  totals: readonly number[],
  variables: Readonly<Record<string, unknown>>,
): GraphQLError {
  const requested = sumOf(formula.root, totals);
  const paths = new Paths(totals, variables, requested * LEAST_SHARE);
  paths.follow(formula.root, { nodes: [], text: '', cost: 1 });
  const heaviest = paths.found
    .sort((one, other) => other.cost - one.cost)
    .filter(({ cost }, index) => index === 0 || cost >= requested * LEAST_SHARE)
    .slice(0, NAMED);
  const parts = heaviest.map(
    ({ text, cost }) => `${text}: ${figure(cost)} of ${figure(requested)}`,
  );
  const node = heaviest[0]?.nodes.at(-1);
  return tooComplex(
    `The operation costs ${figure(requested)}, counted in rows that it may answer; the limit is ` +
      `${figure(LIMITS.cost)}. Most of it: ${parts.join('; ')}. Ask for smaller pages with \`first\` ` +
      'or `last`, or for less at once.',
    node ? { nodes: [node] } : {},
  );
}

/** Follows what costs much: branches below the least share are left out, so that it ends soon. */
class Paths {
  readonly found: Path[] = [];
  readonly #totals: readonly number[];
  readonly #variables: Readonly<Record<string, unknown>>;
  readonly #least: number;

  constructor(
    totals: readonly number[],
    variables: Readonly<Record<string, unknown>>,
    least: number,
  ) {
    this.#totals = totals;
    this.#variables = variables;
    this.#least = least;
  }

  /** @param parent tells by its `cost` how many rows these parts are asked of. */
  follow(parts: readonly Part[], parent: Path): void {
    const total = ({ index }: Part) => (this.#totals[index] ?? 0) * parent.cost;
    const [most] = parts.toSorted((one, other) => total(other) - total(one));
    for (const part of parts) {
      // Where all are small, one of the largest still stands for them.
      if (part === most || total(part) >= this.#least) this.#at(part, parent);
    }
  }

  #at(part: Part, parent: Path): void {
    const own = amount(part.own, this.#variables);
    const rows = amount(part.rows, this.#variables);
    const step =
      own > 0
        ? `${parent.text && `${parent.text} → `}${labelOf(part, this.#variables)}`
        : parent.text;
    const here = { nodes: [...parent.nodes, part.node], text: step };
    if (own > 0) this.found.push({ ...here, cost: own * parent.cost });
    const sums = part.below.map((each) => sumOf(each, this.#totals));
    const heaviest = part.below[sums.indexOf(Math.max(...sums))];
    if (heaviest) this.follow(heaviest, { ...here, cost: rows * parent.cost });
  }
}

function labelOf({ node, size }: Part, variables: Readonly<Record<string, unknown>>): string {
  const name = node.alias ? `${node.alias.value}: ${node.name.value}` : node.name.value;
  if (size === null) return name;
  const isLast = node.arguments?.some((argument) => argument.name.value === 'last');
  return `${name}(${isLast ? 'last' : 'first'}: ${amount(size, variables)})`;
}
