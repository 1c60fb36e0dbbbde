import { Kind, type OperationDefinitionNode } from 'graphql';
import { nameOf, type RequestFacts } from '../http/request-facts.ts';

/** How many names of operations are told apart, and of those how many by one organization. */
const MOST_NAMES = 200;
const MOST_OF_ONE = 100;

/** No name can look like these: a name has no brackets. */
const NOTHING_RAN = '(none)';
const OTHERS = '(other)';
const ANONYMOUS = '(anonymous)';

/** What an operation is counted as. */
export interface OperationLabels {
  readonly operation: string;
  readonly kind: string;
}

/** What is counted for requests of which no operation was run. */
export const NO_OPERATION: OperationLabels = { operation: NOTHING_RAN, kind: 'none' };

/**
 * Gives operations the names that they are counted by. Clients make them up, so only the first so many
 * are told apart: each costs memory here, and a series in whatever keeps the metrics.
 */
export class OperationNames {
  readonly #names = new Set<string>();
  readonly #countOf = new Map<number, number>();
  /** By the operation of a document, which is kept when it comes again. */
  readonly #known = new WeakMap<OperationDefinitionNode, OperationLabels>();

  labelsOf({ operation, viewer }: RequestFacts): OperationLabels {
    if (!operation || !viewer) return NO_OPERATION;
    const known = this.#known.get(operation);
    if (known) return known;
    const name = nameOf(operation);
    const told = name === null ? rootOf(operation) : this.#admit(name, viewer.organizationId);
    const labels = { operation: told, kind: operation.operation };
    this.#known.set(operation, labels);
    return labels;
  }

  #admit(name: string, organizationId: number): string {
    if (this.#names.has(name)) return name;
    const count = this.#countOf.get(organizationId) ?? 0;
    if (this.#names.size >= MOST_NAMES || count >= MOST_OF_ONE) return OTHERS;
    this.#names.add(name);
    this.#countOf.set(organizationId, count + 1);
    return name;
  }
}

/** What has no name is told by its first field, which the schema bounds. */
function rootOf({ selectionSet: { selections } }: OperationDefinitionNode): string {
  const [first] = selections;
  return first?.kind === Kind.FIELD ? `{${first.name.value}}` : ANONYMOUS;
}
