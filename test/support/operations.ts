import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isLeafType,
  isRequiredArgument,
} from 'graphql';

/** An operation, what it is to show, and who answers it. */
export type Operation = readonly [
  name: string,
  document: string,
  facts: { readonly planned: boolean; readonly isMistake: boolean },
];

const PLANNED = { planned: true, isMistake: false };
const UNPLANNED = { planned: false, isMistake: false };
const MISTAKE = { planned: true, isMistake: true };

/** What the fields with arguments that they must have are given. */
const ARGUMENTS: Readonly<Record<string, string>> = {
  item: '(by: { id: $item })',
  location: '(by: { id: $location })',
  movement: '(id: $movement)',
};

const VARIABLES =
  '($item: ID! = "", $location: ID! = "", $movement: ID! = "", $after: String, $first: Int)';

const LISTS = [
  'items',
  'locations',
  'categories',
  'tags',
  'stockLevels',
  'movements',
  'movementLines',
  'reservations',
];

/** Operations from the schema itself, and the shapes that a plan could get wrong. */
export function operations(schema: GraphQLSchema): Operation[] {
  return [...generated(schema), ...PAGES, ...SHAPES, ...MISTAKES];
}

/** Every edge of every type, seen from every list and look-up, with all leaves on both sides. */
function generated(schema: GraphQLSchema): Operation[] {
  const roots = [...LISTS, ...Object.keys(ARGUMENTS)];
  const query = schema.getQueryType() as GraphQLObjectType;
  return roots.flatMap((root) => {
    const field = query.getFields()[root] as GraphQLField<unknown, unknown>;
    const { type, wrap } = rowsOf(field, ARGUMENTS[root] ?? '(first: 7)');
    const edges = Object.values(type.getFields()).filter((each) => !isLeaf(each));
    const leaves: Operation = [`${root}`, operation(wrap(leavesOf(type))), PLANNED];
    return [leaves, ...edges.map((edge) => withEdge(root, wrap, type, edge))];
  });
}

function withEdge(
  root: string,
  wrap: (fields: string) => string,
  type: GraphQLObjectType,
  edge: GraphQLField<unknown, unknown>,
): Operation {
  const next = rowsOf(edge, edge.args.length > 0 ? '(first: 3)' : '');
  const further = Object.values(next.type.getFields())
    .filter((each) => !isLeaf(each))
    .map((each) => rowsOf(each, each.args.length > 0 ? '(first: 2)' : ''))
    .map(({ type: last, wrap: wrapLast }) => wrapLast(leavesOf(last)));
  const inner = next.wrap([leavesOf(next.type), ...further].join(' '));
  return [`${root} > ${edge.name}`, operation(wrap(`${leavesOf(type)} ${inner}`)), PLANNED];
}

/** The type of the rows behind a field, and how fields of them are asked for. */
function rowsOf(field: GraphQLField<unknown, unknown>, args: string) {
  const type = getNamedType(field.type) as GraphQLObjectType;
  const nodes = type.getFields()['nodes'];
  if (!nodes) return { type, wrap: (fields: string) => `${field.name}${args} { ${fields} }` };
  return {
    type: getNamedType(nodes.type) as GraphQLObjectType,
    wrap: (fields: string) => `${field.name}${args} { totalCount nodes { ${fields} } }`,
  };
}

const isLeaf = ({ type }: GraphQLField<unknown, unknown>): boolean =>
  isLeafType(getNamedType(type));

/** All leaves of a type that need no argument. */
const leavesOf = (type: GraphQLObjectType): string =>
  [
    '__typename',
    ...Object.values(type.getFields())
      .filter((field) => isLeaf(field) && !field.args.some(isRequiredArgument))
      .map(({ name }) => name),
  ].join(' ');

const operation = (fields: string): string => {
  const used = VARIABLES.slice(1, -1)
    .split(', ')
    .filter((variable) => fields.includes(variable.split(':')[0] as string));
  return `query ${used.length > 0 ? `(${used.join(', ')})` : ''} { ${fields} }`;
};

const PAGE =
  'pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { id } }';

/** Pages from either end, from a cursor, and of nothing. */
const PAGES: readonly Operation[] = [
  ...LISTS.flatMap((list): Operation[] => [
    [`${list} forwards`, `{ ${list}(first: 4) { ${PAGE} totalCount } }`, PLANNED],
    [`${list} backwards`, `{ ${list}(last: 4) { ${PAGE} } }`, PLANNED],
  ]),
  ['behind a cursor', operation(`items(first: 3, after: $after) { ${PAGE} }`), PLANNED],
  ['in front of a cursor', operation(`items(last: 3, before: $after) { ${PAGE} }`), PLANNED],
  ['in front, forwards', operation(`items(first: 1, before: $after) { ${PAGE} }`), PLANNED],
  ['in each row', `{ items(first: 9) { nodes { sku tags(first: 1) { ${PAGE} } } } }`, PLANNED],
  [
    'in each row, backwards',
    `{ tags(first: 9) { nodes { items(last: 2) { ${PAGE} } } } }`,
    PLANNED,
  ],
  [
    'of an ordering, downwards',
    `{ items(first: 9, orderBy: { field: NAME, direction: DESC }) { ${PAGE} nodes { name } } }`,
    PLANNED,
  ],
  ['of a size that a variable says', operation(`items(first: $first) { nodes { sku } }`), PLANNED],
];

/** What a plan has to tell apart. */
const SHAPES: readonly Operation[] = [
  [
    'aliases of one field with different arguments',
    '{ items(first: 5) { nodes { a: tags(first: 1) { nodes { name } } b: tags(first: 2) { nodes { name } } } } }',
    PLANNED,
  ],
  [
    'aliases of one relation with different fields',
    '{ items(first: 5) { nodes { a: category { name } b: category { id parent { name } } } } }',
    PLANNED,
  ],
  [
    'a field that is named twice is one',
    '{ items(first: 5) { nodes { sku sku category { name } category { id } } } }',
    PLANNED,
  ],
  [
    'named and inline fragments',
    `query { items(first: 5) { ...Page } }
      fragment Page on ItemConnection { nodes { ...Names ... on Item { unit } ... { sku } } }
      fragment Names on Item { name category { ... on Category { name } } }`,
    PLANNED,
  ],
  [
    'the way back to where one came from',
    '{ items(first: 4) { nodes { sku stockLevels { nodes { onHand item { sku name category { name } tags { nodes { name } } } location { code stockLevels(first: 2) { nodes { location { name } item { unit } } } } } } } } }',
    PLANNED,
  ],
  [
    'back under two names',
    '{ items(first: 4) { nodes { id stockLevels { nodes { a: item { sku } b: item { name } } } } } }',
    PLANNED,
  ],
  [
    'trees upwards, deeper than they are',
    '{ categories(first: 60) { nodes { name parent { name parent { name parent { name parent { name parent { name } } } } } } } }',
    PLANNED,
  ],
  [
    'trees downwards',
    '{ locations(first: 40) { nodes { code children(first: 10) { totalCount nodes { code parent { code } children(first: 5) { nodes { code } } } } } } }',
    PLANNED,
  ],
  [
    'lists in lists in lists, each with a choice and an order of its own',
    `{ categories(first: 9, where: { name: { ne: "Tyres" } }) { nodes {
      name
      some: items(first: 3, orderBy: { field: SKU, direction: DESC }, where: { name: { gt: "c" } }) {
        totalCount
        nodes {
          sku createdAt attributes
          tags(last: 2, where: { name: { gt: "a" } }) { totalCount ${PAGE} nodes { name } }
          stockLevels(first: 2, orderBy: { field: ID, direction: DESC }) {
            edges { cursor node { onHand location { code children(first: 2) { totalCount nodes { code } } } } }
          }
        }
      }
      items(last: 2) { nodes { sku movementLines(last: 1) { nodes { movement { occurredAt } } } } }
    } } }`,
    PLANNED,
  ],
  [
    'lists in rows that a search finds',
    '{ items(search: "bell", first: 5) { totalCount nodes { sku tags(first: 2) { totalCount nodes { name } } } } }',
    PLANNED,
  ],
  [
    'lists in lists on the way back',
    '{ items(first: 4) { nodes { stockLevels(first: 2) { nodes { item { tags(first: 2) { nodes { name items(first: 1) { totalCount nodes { sku } } } } } } } } } }',
    PLANNED,
  ],
  [
    'more columns of rows in rows than one array of JSON is built from',
    `{ items(first: 3) { nodes { movementLines(first: 2) { nodes { quantity fromAfter toAfter from { ...P } to { ...P } movement { ...M reverses { ...M reverses { ...M } } } } } } } }
     fragment P on Location { ...L parent { ...L parent { ...L parent { ...L } } } }
     fragment L on Location { id code name kind archivedAt createdAt updatedAt version }
     fragment M on Movement { id seq kind reference note reason occurredAt recordedAt actor { id name createdAt } }`,
    PLANNED,
  ],
  [
    'sums, with and without a place',
    '{ items(first: 8) { nodes { sku onHand reserved available here: onHand(at: { code: "STORE" }) } } }',
    PLANNED,
  ],
  [
    'sums of another time',
    '{ items(first: 8) { nodes { sku onHand(asOf: { seq: 240 }) } } }',
    PLANNED,
  ],
  [
    'quantities of several items',
    '{ stockLevels(first: 40) { nodes { onHand reserved available } } movementLines(first: 40) { nodes { quantity fromAfter toAfter } } }',
    PLANNED,
  ],
  [
    'several lists at once',
    '{ a: items(first: 2) { nodes { sku } } b: items(first: 3) { nodes { sku } } tags { totalCount } }',
    PLANNED,
  ],
  [
    '__typename everywhere',
    '{ __typename items(first: 2) { __typename edges { __typename node { __typename } } pageInfo { __typename } } }',
    PLANNED,
  ],
  [
    'names that objects have anyway',
    '{ __proto__: tags(first: 2) { constructor: nodes { toString: name } } }',
    PLANNED,
  ],
  [
    'JSON and dates',
    '{ items(first: 20) { nodes { attributes createdAt description } } }',
    PLANNED,
  ],
  ['a row that is not there', '{ item(by: { sku: "NOBODY" }) { sku category { name } } }', PLANNED],
  [
    'a row by its SKU',
    '{ item(by: { sku: "chain-9" }) { sku stockLevels { nodes { onHand location { code } } } } }',
    PLANNED,
  ],
  [
    'a row by a barcode',
    '{ item(by: { barcode: " 2000000000152 " }) { sku barcodes stockLevels { nodes { onHand } } } }',
    PLANNED,
  ],
  ['a barcode of nothing', '{ item(by: { barcode: "NOTHING" }) { sku barcodes } }', PLANNED],
  ['an id of another type', operation('item(by: { id: $location }) { sku }'), PLANNED],
  [
    'movements with all that hangs on them',
    '{ movements(last: 30) { nodes { seq reverses { seq } reversedBy { seq lines { totalCount } } counts { counted } lines(first: 2) { nodes { quantity lot { code } } } } } }',
    PLANNED,
  ],
  [
    'reservations with their lines',
    '{ reservations(first: 30) { nodes { state lines { quantity fulfilled item { sku unit } location { code } } } } }',
    PLANNED,
  ],
  ['what has no plan: node', operation('node(id: $item) { id ... on Item { sku } }'), UNPLANNED],
  [
    'what has no plan: the journal',
    '{ journal(after: 3) { headSeq entries { seq action } } }',
    UNPLANNED,
  ],
  [
    'what has no plan: introspection',
    '{ __schema { queryType { name } } items(first: 1) { nodes { sku } } }',
    UNPLANNED,
  ],
];

/** What is wrong is said by the executor, in the same words. */
const MISTAKES: readonly Operation[] = [
  ['both ends of a page', '{ items(first: 2, last: 2) { nodes { sku } } }', MISTAKE],
  ['a page of none', '{ items(first: 0) { nodes { sku } } }', MISTAKE],
  [
    'a page too large, in each row',
    '{ items(first: 2) { nodes { tags(first: 101) { totalCount } } } }',
    MISTAKE,
  ],
  ['a cursor that is none', '{ items(after: "x") { nodes { sku } } }', MISTAKE],
  [
    'a cursor of another list',
    operation('tags(first: 2, after: $after) { nodes { name } }'),
    MISTAKE,
  ],
  [
    'a place that is not there',
    '{ items(first: 2) { nodes { onHand(at: { code: "NOWHERE" }) } } }',
    MISTAKE,
  ],
  ['two names for one row', '{ item(by: { sku: "a", id: "b" }) { sku } }', MISTAKE],
  [
    'one mistake among good fields',
    '{ tags(first: 1) { nodes { name } } items(first: 2, last: 2) { totalCount } }',
    MISTAKE,
  ],
];
