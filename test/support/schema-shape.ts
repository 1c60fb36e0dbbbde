import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';

export type AnyField = GraphQLField<unknown, unknown>;

/** How many rows a field leads to, and whether they come in pages. */
export type Shape = 'one' | 'list' | 'page';

export function fieldsOf(type: GraphQLObjectType): AnyField[] {
  return Object.values(type.getFields());
}

export function queryOf(schema: GraphQLSchema): GraphQLObjectType {
  return schema.getQueryType() as GraphQLObjectType;
}

export function isLeaf({ type }: AnyField): boolean {
  return isLeafType(getNamedType(type));
}

export function isConnection({ type }: AnyField): boolean {
  return getNamedType(type).name.endsWith('Connection');
}

export function shapeOf(field: AnyField): Shape {
  if (isConnection(field)) return 'page';
  return isListType(getNullableType(field.type)) ? 'list' : 'one';
}

/** The types that the rows behind a field can have: several where it says an interface or a union. */
export function rowTypes(schema: GraphQLSchema, field: AnyField): readonly GraphQLObjectType[] {
  if (isConnection(field)) return [rowType(field)];
  const type = getNamedType(field.type);
  if (isAbstractType(type)) return schema.getPossibleTypes(type);
  if (isObjectType(type)) return [type];
  throw new Error(`${field.name} leads to no rows`);
}

/** The type of the rows of a connection. */
export function rowType(field: AnyField): GraphQLObjectType {
  const connection = getNamedType(field.type) as GraphQLObjectType;
  return getNamedType(connection.getFields()['nodes']?.type) as GraphQLObjectType;
}

/** The connections that can be asked for without any argument. */
export function rootLists(schema: GraphQLSchema): AnyField[] {
  return fieldsOf(queryOf(schema))
    .filter(isConnection)
    .filter(({ args }) => !args.some(({ type }) => isNonNullType(type)));
}
