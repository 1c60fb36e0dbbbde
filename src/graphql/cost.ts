import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isLeafType,
  isListType,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql';
import { collectFields, collectSubfields } from 'graphql/execution/collectFields.js';
import { argumentCosts, costlyArguments, isPaged, pageRows } from './argument-costs.ts';
import { COMPUTED, declaredCost } from './declared-cost.ts';
import { type Amount, amount, type Formula, type Part } from './formula.ts';
import { markOf } from './marks.ts';

/** How many rows a list counts as that has no pages and declares nothing: parts never are many. */
const LIST = 10;

/** What a mutation costs besides what it answers: it reads, decides and writes. */
const MUTATION = 10;

/**
 * How many fields are looked at to find the cost of an operation. Fragments within fragments can make
 * more of a short document; those that people write need some hundreds.
 */
const MOST_STEPS = 5000;

type AnyField = GraphQLField<unknown, unknown>;
type Fields = ReadonlyMap<string, readonly FieldNode[]>;
type Variables = Readonly<Record<string, unknown>>;

/** An operation of which too much would have to be looked at. */
export class Immeasurable extends Error {}

/**
 * Makes the formula for the cost of an operation, in rows: every object that it may answer, and what
 * is declared besides. It reads fields as the executor does, so that a field that is named twice
 * counts once; what was met once is not looked at again, however many fragments lead there.
 * @param conditions has the variables that its directives depend on.
 * @throws Immeasurable
 */
export function formulaOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  conditions: Variables,
): Formula {
  return new Reader(schema, document, conditions).formula(operation);
}

class Reader {
  readonly #schema: GraphQLSchema;
  readonly #fragments: Record<string, FragmentDefinitionNode> = {};
  readonly #conditions: Variables;
  readonly #inOrder: Part[] = [];
  readonly #parts = new Map<string, Part | null>();
  readonly #names = new Map<FieldNode, number>();
  readonly #variables = new Set<string>();
  #steps = 0;

  constructor(schema: GraphQLSchema, document: DocumentNode, conditions: Variables) {
    this.#schema = schema;
    this.#conditions = conditions;
    for (const definition of document.definitions) {
      if (definition.kind !== Kind.FRAGMENT_DEFINITION) continue;
      this.#fragments[definition.name.value] = definition;
    }
  }

  formula({ operation, selectionSet }: OperationDefinitionNode): Formula {
    const type = this.#schema.getRootType(operation);
    if (!type) throw new Error(`The schema has no ${operation}`);
    const fields = collectFields(
      this.#schema,
      this.#fragments,
      this.#conditions,
      type,
      selectionSet,
    );
    const root = this.#read(type, fields, null);
    return { parts: this.#inOrder, root, variables: this.#variables };
  }

  #read(type: GraphQLObjectType, fields: Fields, page: Page | null): Part[] {
    return [...fields.values()].flatMap((nodes) => this.#known({ type, nodes, page }) ?? []);
  }

  #known(place: Place): Part | null {
    this.#steps += 1;
    if (this.#steps > MOST_STEPS) throw new Immeasurable();
    const { type, nodes, page } = place;
    const [node] = nodes as [FieldNode];
    const field = type.getFields()[node.name.value];
    // Introspection reads no rows.
    if (!field) return null;
    const key = [type.name, page?.name ?? '', ...nodes.map((each) => this.#name(each))].join(' ');
    let part = this.#parts.get(key);
    if (part === undefined) {
      part = this.#part(place, field, node);
      this.#parts.set(key, part);
    }
    return part;
  }

  #part(place: Place, field: AnyField, node: FieldNode): Part | null {
    const measure = (variables: Variables) => this.#measure(place, field, node, variables);
    const names = costlyArguments(field).flatMap(({ name }) => variablesIn(node, name));
    for (const name of names) this.#variables.add(name);
    // In a page whose size a variable says, the rows of its lists vary with it.
    const varies = names.length > 0 || typeof place.page?.rows === 'function';
    const fixed = varies ? null : measure({});
    const rows = fixed?.rows ?? ((variables: Variables) => measure(variables).rows);
    const own = fixed?.own ?? ((variables: Variables) => measure(variables).own);
    const work = fixed?.work ?? ((variables: Variables) => measure(variables).work);
    const page = isPaged(field) ? { rows, name: this.#name(node) } : null;
    const below = this.#below(field, place.nodes, page);
    if (own === 0 && below.every(({ length }) => length === 0)) return null;
    // There is one page, in which the lists have its rows.
    const size = page && rows;
    const each = { size, own, work, rows: page ? 1 : rows, below };
    const part = { index: this.#inOrder.length, node, ...each };
    this.#inOrder.push(part);
    return part;
  }

  /** What a field costs for each parent by itself, how much of it is work, and how many rows it leads to. */
  #measure(
    { type, page }: Place,
    field: AnyField,
    node: FieldNode,
    variables: Variables,
  ): { own: number; work: number; rows: number } {
    const declared = declaredCost(field);
    const isList = isListType(getNullableType(field.type));
    const listed = isList ? (page?.rows ?? LIST) : 1;
    let rows = isPaged(field) ? pageRows(node, field, variables) : amount(listed, variables);
    let times = declared.times ?? 1;
    let adds = declared.adds ?? 0;
    if (markOf(field)?.kind === 'sum') adds += COMPUTED;
    if (type === this.#schema.getMutationType()) adds += MUTATION;
    for (const [each, value] of argumentCosts(node, field, variables)) {
      rows = each.rows?.(value) ?? rows;
      times *= each.times ?? 1;
      adds += each.adds ?? 0;
    }
    const isCounted = declared.isCounted || listed === page?.rows;
    const counted = isCounted || isLeafType(getNamedType(field.type)) ? 0 : rows;
    // What has to be looked for is, however few are found.
    const work = adds + (times > 1 ? counted * times : 0);
    return { own: counted * times + adds, work, rows };
  }

  #below(field: AnyField, nodes: readonly FieldNode[], page: Page | null): Part[][] {
    const type = getNamedType(field.type);
    if (isLeafType(type)) return [];
    const types = isAbstractType(type) ? this.#schema.getPossibleTypes(type) : [type];
    return types.map((each) => {
      const object = each as GraphQLObjectType;
      const fields = collectSubfields(
        this.#schema,
        this.#fragments,
        this.#conditions,
        object,
        nodes,
      );
      return this.#read(object, fields, page);
    });
  }

  #name(node: FieldNode): number {
    const name = this.#names.get(node) ?? this.#names.size;
    this.#names.set(node, name);
    return name;
  }
}

/** A field in an operation: of which type, by which of its nodes, within which page. */
interface Place {
  readonly type: GraphQLObjectType;
  readonly nodes: readonly FieldNode[];
  readonly page: Page | null;
}

/** A page whose lists have as many rows as it was asked for. */
interface Page {
  readonly name: number;
  readonly rows: Amount;
}

/** The variables in what a field is given for an argument. */
function variablesIn({ arguments: given = [] }: FieldNode, argument: string): string[] {
  const value = given.find(({ name }) => name.value === argument)?.value;
  const names: string[] = [];
  if (value) {
    visit(value, {
      Variable: ({ name }) => {
        names.push(name.value);
      },
    });
  }
  return names;
}
