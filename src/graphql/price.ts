import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql';
import { formulaOf, Immeasurable } from './cost.ts';
import { costRefusal } from './cost-refusal.ts';
import { type Formula, sumOf, totalsOf } from './formula.ts';
import { LIMITS, tooComplex } from './limits.ts';

/** What an operation costs, as its answer says it. */
export interface Cost {
  readonly requested: number;
  readonly limit: number;
}

/** What an operation costs, and why it is not run if it is not. */
export interface Price {
  readonly cost: Cost | null;
  /** How much of the cost is work that is done however few rows there are. */
  readonly work: number;
  readonly refusal: GraphQLError | null;
}

type Variables = Readonly<Record<string, unknown>>;

const pricings = new WeakMap<DocumentNode, Map<string, Pricing>>();

/**
 * What an operation of a valid document costs with some variables, known before anything of it runs.
 * @returns null where nothing will run: there is no such operation, or its variables cannot be used.
 */
export function priceOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
  variables: Variables | null | undefined,
): Price | null {
  let ofDocument = pricings.get(document);
  if (!ofDocument) {
    ofDocument = new Map();
    pricings.set(document, ofDocument);
  }
  const operation = getOperationAST(document, operationName);
  if (!operation || !schema.getRootType(operation.operation)) return null;
  const name = operation.name?.value ?? '';
  let pricing = ofDocument.get(name);
  if (!pricing) {
    pricing = new Pricing(schema, document, operation);
    ofDocument.set(name, pricing);
  }
  return pricing.price(variables ?? {});
}

/** For how many combinations of what its directives depend on an operation's formulas are kept. */
const MOST_FORMULAS = 8;

/** A formula, with the price if it is always the same. */
interface Known {
  readonly formula: Formula | null;
  readonly price: Price | null;
}

/** Finds the price of one operation: its formula is made once, and often there is one price only. */
class Pricing {
  readonly #schema: GraphQLSchema;
  readonly #document: DocumentNode;
  readonly #operation: OperationDefinitionNode;
  /** The variables on which it depends what is included. */
  readonly #conditions: ReadonlySet<string>;
  readonly #known = new Map<string, Known>();

  constructor(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) {
    this.#schema = schema;
    this.#document = document;
    this.#operation = operation;
    this.#conditions = conditionsIn(document);
  }

  price(given: Variables): Price | null {
    const conditions = this.#coerced(this.#conditions, given);
    if (!conditions) return null;
    const { price, formula } = this.#knownFor(conditions);
    if (price || !formula) return price;
    const variables = this.#coerced(formula.variables, given);
    return variables && priceBy(formula, variables);
  }

  #knownFor(conditions: Variables): Known {
    const key = this.#conditions.size > 0 ? JSON.stringify(conditions) : '';
    let known = this.#known.get(key);
    if (!known) {
      known = this.#find(conditions);
      if (this.#known.size < MOST_FORMULAS) this.#known.set(key, known);
    }
    return known;
  }

  #find(conditions: Variables): Known {
    try {
      const formula = formulaOf(this.#schema, this.#document, this.#operation, conditions);
      return { formula, price: formula.variables.size > 0 ? null : priceBy(formula, {}) };
    } catch (error) {
      // A condition that is null is told by the executor's own rules.
      if (error instanceof GraphQLError) return refused(error);
      if (error instanceof Immeasurable) return refused(tooComplex(IMMEASURABLE));
      throw error;
    }
  }

  /** The values of some variables; null when they cannot be used, which the executor will say. */
  #coerced(names: ReadonlySet<string>, given: Variables): Variables | null {
    if (names.size === 0) return NONE;
    const definitions = (this.#operation.variableDefinitions ?? []).filter(({ variable }) =>
      names.has(variable.name.value),
    );
    return getVariableValues(this.#schema, definitions, given).coerced ?? null;
  }
}

const NONE: Variables = {};

const IMMEASURABLE =
  'The fragments of the document lead to more fields than can be counted. Spread fewer fragments ' +
  'within fragments.';

const refused = (refusal: GraphQLError): Known => ({
  formula: null,
  price: { cost: null, work: 0, refusal },
});

function priceBy(formula: Formula, variables: Variables): Price {
  const totals = totalsOf(formula, variables);
  const cost = { requested: sumOf(formula.root, totals), limit: LIMITS.cost };
  const work = sumOf(formula.root, totalsOf(formula, variables, 'work'));
  const isTooMuch = cost.requested > LIMITS.cost;
  return { cost, work, refusal: isTooMuch ? costRefusal(formula, totals, variables) : null };
}

/** The variables in the directives `@skip` and `@include` of a document. */
function conditionsIn(document: DocumentNode): ReadonlySet<string> {
  const names = new Set<string>();
  visit(document, {
    Directive: ({ name, arguments: given = [] }) => {
      if (name.value !== 'skip' && name.value !== 'include') return;
      for (const { value } of given) {
        if (value.kind === Kind.VARIABLE) names.add(value.name.value);
      }
    },
  });
  return names;
}
