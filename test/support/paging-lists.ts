import {
  type GraphQLEnumType,
  type GraphQLInputObjectType,
  type GraphQLSchema,
  getNamedType,
} from 'graphql';
import {
  type AnyField,
  fieldsOf,
  isConnection,
  queryOf,
  rootLists,
  rowType,
} from './schema-shape.ts';
import type { TestServer } from './server.ts';

/** A list in one of the orders that it can have. */
export interface PagedList {
  readonly name: string;
  /** The type of the row whose rows are listed; null for a list of all. */
  readonly parent: string | null;
  readonly field: string;
  readonly rows: string;
  /** What its `orderBy` is given; null where it has none. */
  readonly orderBy: string | null;
}

/** Every list of a schema in every order: of all rows, and of the rows of a node. */
export function pagedLists(schema: GraphQLSchema): PagedList[] {
  const node = schema.getType('Node');
  const nodes = rootLists(schema)
    .map(rowType)
    .filter((type) => type.getInterfaces().some((each) => each === node));
  return [
    ...rootLists(schema).flatMap((field) => ordersOf(queryOf(schema).name, field, null)),
    ...nodes.flatMap((type) =>
      fieldsOf(type)
        .filter(isConnection)
        .flatMap((field) => ordersOf(type.name, field, type.name)),
    ),
  ];
}

/** The orderings of a list are the values of `field` in its `orderBy`. */
function ordersOf(owner: string, field: AnyField, parent: string | null): PagedList[] {
  const rows = rowType(field).name;
  const name = `${owner}.${field.name}`;
  const order = field.args.find((argument) => argument.name === 'orderBy');
  if (!order) return [{ name, parent, field: field.name, rows, orderBy: null }];
  const input = getNamedType(order.type) as GraphQLInputObjectType;
  const orderings = getNamedType(input.getFields()['field']?.type) as GraphQLEnumType;
  return orderings.getValues().flatMap((ordering) =>
    ['ASC', 'DESC'].map((direction) => ({
      ...{ name: `${name} by ${ordering.name} ${direction}`, parent, field: field.name, rows },
      orderBy: `{ field: ${ordering.name}, direction: ${direction} }`,
    })),
  );
}

/** A page as one sees it who walks a list from one of its ends: a list may be walked backwards. */
export interface Page {
  /** The ids of its rows, in the order in which one comes by them. */
  readonly ids: readonly string[];
  /** Whether there are rows ahead, and whether there are rows behind. */
  readonly hasMore: boolean;
  readonly hasSome: boolean;
  /** Where it ends. */
  readonly end: string | null;
  readonly totalCount: number;
}

/** Which way a list is walked, and how much of it is asked for. */
export interface Step {
  readonly backwards: boolean;
  readonly size: number;
  /** Where the page before this one ended. */
  readonly from: string | null;
}

/** Reads a page of a list; of a list of a parent's rows for the parent with an id. */
export async function readPage(
  server: TestServer,
  { parent, field, orderBy }: PagedList,
  id: string | undefined,
  { backwards, size, from }: Step,
): Promise<Page> {
  const [amount, bound] = backwards ? ['last', 'before'] : ['first', 'after'];
  const order = orderBy === null ? '' : `, orderBy: ${orderBy}`;
  const list = `${field}(${amount}: $size, ${bound}: $from${order}) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor node { id } }
  }`;
  const data = parent
    ? await server.run(
        `query ($size: Int, $from: String, $id: ID!) { node(id: $id) { ... on ${parent} { ${list} } } }`,
        { size, from, id },
      )
    : await server.run(`query ($size: Int, $from: String) { ${list} }`, { size, from });
  const { totalCount, pageInfo, edges } = parent ? data.node[field] : data[field];
  const cursors = edges.map((edge: { cursor: string }) => edge.cursor);
  if (pageInfo.startCursor !== (cursors[0] ?? null)) throw new Error('Another first cursor');
  if (pageInfo.endCursor !== (cursors.at(-1) ?? null)) throw new Error('Another last cursor');
  const ids = edges.map((edge: { node: { id: string } }) => edge.node.id);
  const { hasNextPage, hasPreviousPage, startCursor, endCursor } = pageInfo;
  return backwards
    ? {
        ...{ ids: ids.toReversed(), totalCount, end: startCursor },
        ...{ hasMore: hasPreviousPage, hasSome: hasNextPage },
      }
    : { ids, totalCount, end: endCursor, hasMore: hasNextPage, hasSome: hasPreviousPage };
}
