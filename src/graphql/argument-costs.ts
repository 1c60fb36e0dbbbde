import {
  type FieldNode,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isListType,
  valueFromAST,
} from 'graphql';
import { DEFAULT_PAGE, MAX_PAGE } from './connections.ts';
import { type DeclaredCost, declaredCost } from './declared-cost.ts';

type AnyField = GraphQLField<unknown, unknown>;
type Variables = Readonly<Record<string, unknown>>;

/** The arguments that say how large a page is. */
const PAGE_ARGUMENTS = ['first', 'last'];

/** Whether a field answers a page: the lists in it have as many rows as its arguments say. */
export const isPaged = ({ args }: AnyField): boolean => args.some(({ name }) => name === 'first');

const costly = new WeakMap<AnyField, readonly GraphQLArgument[]>();

/** The arguments of a field on which its cost depends. */
export function costlyArguments(field: AnyField): readonly GraphQLArgument[] {
  let args = costly.get(field);
  if (!args) {
    args = field.args.filter(
      (argument) =>
        (isPaged(field) && PAGE_ARGUMENTS.includes(argument.name)) ||
        declares(argument) ||
        declaresWithin(argument.type),
    );
    costly.set(field, args);
  }
  return args;
}

const declares = (of: Parameters<typeof declaredCost>[0]): boolean =>
  Object.keys(declaredCost(of)).length > 0;

function declaresWithin(type: GraphQLInputType, seen = new Set<unknown>()): boolean {
  const named = getNamedType(type);
  if (!isInputObjectType(named) || seen.has(named)) return false;
  seen.add(named);
  return Object.values(named.getFields()).some(
    (field) => declares(field) || declaresWithin(field.type, seen),
  );
}

/** The value that a field is given for an argument; what cannot be one counts as none. */
function argumentValue(node: FieldNode, argument: GraphQLArgument, variables: Variables): unknown {
  const given = node.arguments?.find(({ name }) => name.value === argument.name);
  const value = given && valueFromAST(given.value, argument.type, variables);
  return value === undefined ? argument.defaultValue : value;
}

/**
 * How many rows a page is asked to have. A size that no page can have is refused by the list itself,
 * in words of its own, before it reads a row.
 */
export function pageRows(node: FieldNode, field: AnyField, variables: Variables): number {
  for (const argument of field.args) {
    if (!PAGE_ARGUMENTS.includes(argument.name)) continue;
    const size = argumentValue(node, argument, variables);
    if (typeof size === 'number') return Math.min(Math.max(size, 1), MAX_PAGE);
  }
  return DEFAULT_PAGE;
}

/** What the given arguments declare, and the fields of inputs within them. */
export function* argumentCosts(
  node: FieldNode,
  field: AnyField,
  variables: Variables,
): Iterable<readonly [declared: DeclaredCost, value: unknown]> {
  for (const argument of costlyArguments(field)) {
    const value = argumentValue(node, argument, variables);
    if (value === undefined || value === null) continue;
    yield [declaredCost(argument), value];
    yield* costsWithin(argument.type, value);
  }
}

function* costsWithin(
  type: GraphQLInputType,
  value: unknown,
): Iterable<readonly [declared: DeclaredCost, value: unknown]> {
  const nullable = getNullableType(type);
  if (isListType(nullable)) {
    for (const each of Array.isArray(value) ? value : []) yield* costsWithin(nullable.ofType, each);
  } else if (isInputObjectType(nullable) && value !== null) {
    for (const field of Object.values(nullable.getFields())) {
      const inner = (value as Readonly<Record<string, unknown>>)[field.name];
      if (inner === undefined || inner === null) continue;
      yield [declaredCost(field), inner];
      yield* costsWithin(field.type, inner);
    }
  }
}
