import type { EntityClass } from '@mikro-orm/core';
import {
  type FieldNode,
  type GraphQLField,
  type GraphQLLeafType,
  type GraphQLObjectType,
  getArgumentValues,
  getNamedType,
  isLeafType,
  isNonNullType,
  visit,
} from 'graphql';
import type { Context } from '../../context.ts';
import type { FieldMark } from '../marks.ts';
import type { Arguments } from './edges.ts';
import { leafWriter } from './leaves.ts';
import { type Selection, Unplanned, type Write } from './plan.ts';

export type AnyField = GraphQLField<unknown, Context>;

/** A mark of one kind. */
export type Mark<K extends FieldMark['kind']> = Extract<FieldMark, { kind: K }>;

/** Fields of a selection, by the names that they have in the answer. */
export type Fields = ReadonlyMap<string, readonly FieldNode[]>;

/** Where rows were found: for which rows, and by which of their own relations. */
export interface Origin {
  readonly selection: Selection;
  readonly by: string;
  readonly entity: string;
}

/** Rows of a type, as a selection has them: at the end of a path, where they were read with others. */
export interface RowsOf {
  readonly selection: Selection;
  readonly type: GraphQLObjectType;
  readonly origin: Origin | null;
  /** Empty, or the relations that lead to them, with a dot behind each. */
  readonly path: string;
}

/** A field in an operation, of rows of a type. */
export interface Place extends RowsOf {
  readonly field: AnyField;
  readonly nodes: readonly FieldNode[];
}

/** A field of a connection. */
export interface ConnectionPlace {
  readonly type: GraphQLObjectType;
  readonly nodes: readonly FieldNode[];
  readonly origin: Origin | null;
}

/** The name of a member of an object in an answer, with what stands before its value. */
export function memberName(key: string, index: number): string {
  return `${index > 0 ? ',' : ''}${JSON.stringify(key)}:`;
}

/** What writes `__typename`; nothing else of introspection can be planned. */
export function typename(type: GraphQLObjectType, node: FieldNode): Write {
  if (node.name.value !== '__typename') throw new Unplanned(`${node.name.value} is introspection`);
  const name = JSON.stringify(type.name);
  return () => name;
}

/** What is written where a relation leads nowhere. */
export function nothing(nullable: boolean): string {
  if (nullable) return 'null';
  throw new Unplanned('A row is missing where one must be');
}

/** What writes the values of a field. */
export function leafOf(field: AnyField): (value: unknown) => string {
  const type = getNamedType(field.type);
  if (!isLeafType(type)) throw new Unplanned(`${type.name} is no leaf`);
  return leafWriter(type as GraphQLLeafType, !isNonNullType(field.type));
}

/** Has a property read, and says under which name a row has it. */
export function need({ selection, path }: RowsOf, property: string): string {
  selection.needs.add(`${path}${property}`);
  return `${path}${property}`;
}

/** Whether a relation leads back to the rows for which these were found. */
export function isBack(
  { origin, path }: RowsOf,
  property: string,
  target: EntityClass<object>,
): boolean {
  return path === '' && origin?.by === property && origin.entity === target.name;
}

/** Arguments without variables are the same in every run. */
export function argumentsOf({ field, nodes }: Place): Arguments {
  const [node] = nodes as [FieldNode];
  let constant = true;
  visit(node, {
    Variable: () => {
      constant = false;
    },
    SelectionSet: () => false,
  });
  if (!constant) return (run) => getArgumentValues(field as never, node, run.variables);
  let values: Record<string, unknown> | undefined;
  return () => {
    values ??= getArgumentValues(field as never, node, {});
    return values;
  };
}
