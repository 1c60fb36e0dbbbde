import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLList,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  getIntrospectionQuery,
  parse,
} from 'graphql';
import { costs } from '../src/graphql/declared-cost.ts';
import { priceOf } from '../src/graphql/price.ts';
import { createItem } from './support/factories.ts';
import { type HttpServer, startHttp, stopAll } from './support/http.ts';

let http: HttpServer;
let item: string;

beforeAll(async () => {
  http = await startHttp('sqlite', { logSql: true });
  item = await createItem(http.server, 'BOLT');
});

afterAll(stopAll);

/** Every statement so far, but for the look-ups of keys. */
const statements = (): number =>
  http
    .logged()
    .filter(({ msg, sql }) => msg === 'sql' && !String(sql).startsWith('select k.organization_id'))
    .length;

/**
 * Sends an operation as most requests are sent, and with a header that has Yoga answer it: in the same
 * words. Gives the answer, and how many statements were run for both.
 */
async function ask(query: string, variables: object = {}, operationName?: string) {
  const before = statements();
  const post = async (headers: object) => {
    const { status, text, body } = await http.send('/graphql', {
      method: 'POST',
      headers: {
        authorization: `Bearer ${http.server.key}`,
        'content-type': 'application/json',
        ...headers,
      },
      body: JSON.stringify({ query, variables, operationName }),
    });
    return { status, text, body };
  };
  const plain = await post({});
  const byYoga = await post({ 'x-trace': 'none' });
  expect(plain.text).toBe(byYoga.text);
  expect(plain.status).toBe(byYoga.status);
  return { ...plain, statements: statements() - before };
}

const times = (count: number, text: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ');

/** A document of 122 tokens and one for each id, with ten fields. */
const named = (...ids: number[]): string =>
  `{ ${ids.map((count, index) => `a${index}: nodes(ids: [${times(count, () => '"VGFnOjE"')}]) { id }`).join(' ')} }`;

const levels = (count: number): string =>
  `{ categories(first: 1) { nodes { ${'parent { '.repeat(count - 3)} name ${'} '.repeat(count - 3)} } } }`;

const aliases = (count: number): string =>
  `{ tags { nodes { ${times(count, (index) => `a${index}: name`)} } } }`;

const roots = (count: number): string =>
  `{ ${times(count, (index) => `a${index}: tags(first: 1) { nodes { name } }`)} }`;

const directives = (count: number): string =>
  `{ tags { nodes { ${times(count, (index) => `a${index}: name @include(if: true)`)} } } }`;

const ROWS = 'items(first: 50) { nodes { stockLevels(first: 99) { nodes { onHand } } } }';

describe('a limit', () => {
  test.each([
    [
      'tokens',
      named(...Array(9).fill(88), 86),
      named(...Array(9).fill(88), 87),
      'The document has more than 1,000 tokens (names, signs and values), which is the limit. ' +
        'Send what changes as variables, or ask for less at once.',
    ],
    [
      'depth',
      levels(12),
      levels(13),
      'The query is 13 levels deep; the limit is 12: categories → nodes → ' +
        `${'parent → '.repeat(10)}name. Ask for what lies deeper by its id.`,
    ],
    [
      'aliases',
      aliases(30),
      aliases(31),
      'The query has 31 aliases; the limit is 30. 31 of them are `name`.',
    ],
    [
      'fields at the root',
      roots(20),
      roots(21),
      'The query has 21 fields at its root; the limit is 20. 21 of them are `tags`.',
    ],
    [
      'directives',
      directives(20),
      directives(21),
      'The query has 21 directives; the limit is 20. 21 of them are `@include`.',
    ],
    [
      'cost',
      `{ ${ROWS} }`,
      `{ ${ROWS} item(by: { sku: "BOLT" }) { sku } }`,
      'The operation costs 5,001, counted in rows that it may answer; the limit is 5,000. Most of ' +
        'it: items(first: 50) → stockLevels(first: 99): 4,950 of 5,001. Ask for smaller pages with ' +
        '`first` or `last`, or for less at once.',
    ],
  ])('of %s: what reaches it is answered, what goes beyond it is not run', async (...limit) => {
    const [, allowed, refused, message] = limit;

    const good = await ask(allowed);
    const bad = await ask(refused);

    expect(good.body).toMatchObject({ data: {}, extensions: { cost: { limit: 5000 } } });
    expect(good.body.errors).toBeUndefined();
    expect(good.statements).toBeGreaterThan(0);
    expect(bad.status).toBe(400);
    expect(bad.statements).toBe(0);
    expect(bad.body.data).toBeUndefined();
    expect(bad.body.errors).toEqual([
      { message, locations: [expect.anything()], extensions: { code: 'QUERY_TOO_COMPLEX' } },
    ]);
  });

  test('counts what a mutation answers, and nothing of it is done', async () => {
    const receive = times(
      5,
      (index) => `a${index}: tagCreate(input: { name: "t${index}" }) { ... on TagCreateSuccess {
        tag { items(first: 100) { nodes { tags(first: 9) { nodes { name } } } } }
      } }`,
    );

    const { status, body, statements: run } = await ask(`mutation { ${receive} }`);

    expect(status).toBe(400);
    expect(body.errors[0].message).toContain(
      'a0: tagCreate → tag → items(first: 100) → tags(first: 9): 900 of 5,060',
    );
    expect(body.extensions).toEqual({ cost: { requested: 5060, limit: 5000 } });
    expect(run).toBe(0);
  });

  test('holds for each operation of a document, with the fragments that it reaches', async () => {
    const one = `query A { tags { nodes { ...Names } } }
      fragment Names on Tag { ${times(20, (index) => `a${index}: name`)} }`;
    const many = `${one} query B { tags { nodes { ...Names } } items { totalCount } }`;

    expect((await ask(many, {}, 'A')).body.extensions.cost.requested).toBe(20);
    expect((await ask(many, {}, 'B')).body.extensions.cost.requested).toBe(42);
    const { body } = await ask(
      `${one} query B { tags { nodes { ...Names ${times(11, (index) => `b${index}: id`)} } } }`,
      {},
      'A',
    );
    expect(body.errors[0].message).toBe(
      'The query B has 31 aliases; the limit is 30. 20 of them are `name`.',
    );
  });

  test('counts variables by their values', async () => {
    const document = `query ($first: Int = 99) {
      items(first: 100) { nodes { stockLevels(first: $first) { nodes { onHand } } } }
    }`;

    expect((await ask(document, { first: 49 })).body.extensions.cost.requested).toBe(5000);
    expect((await ask(document, { first: 50 })).body.errors[0].message).toContain(
      'items(first: 100) → stockLevels(first: 50): 5,000 of 5,100.',
    );
    expect((await ask(document)).body.extensions.cost.requested).toBe(10_000);
  });

  test.each([
    [
      'doubling fragments',
      `{ ...f0 } ${times(25, (i) => `fragment f${i} on Query { ...f${i + 1} ...f${i + 1} }`)}
        fragment f25 on Query { tags { totalCount } }`,
      200,
    ],
    [
      'doubling fields',
      `{ categories(first: 1) { nodes { ...f0 } } }
        ${times(9, (i) => `fragment f${i} on Category { a${i}: parent { ...f${i + 1} } b${i}: parent { ...f${i + 1} } }`)}
        fragment f9 on Category { name }`,
      200,
    ],
    [
      'doubling lists',
      `{ ...f0 } fragment f0 on Query { a: tags { nodes { ...f1 } } b: tags { nodes { ...f1 } } }
        ${times(5, (i) => `fragment f${i + 1} on Tag { a: items { nodes { tags { nodes { ...f${i + 2} } } } } b: items { nodes { tags { nodes { ...f${i + 2} } } } } }`)}
        fragment f6 on Tag { name }`,
      400,
    ],
    [
      'fragments in a circle',
      '{ ...f } fragment f on Query { ...g } fragment g on Query { ...f }',
      200,
    ],
    ['one name too often', `{ tags { nodes { ${'name '.repeat(900)} } } }`, 400],
  ])('is found at once: %s', async (_what, document, status) => {
    const began = performance.now();

    const answer = await ask(document);

    expect(performance.now() - began).toBeLessThan(3000);
    expect(answer.status).toBe(status);
    expect(answer.text.length).toBeLessThan(2000);
  });

  test('leaves room for introspection, which costs nothing', async () => {
    const everything = {
      schemaDescription: true,
      specifiedByUrl: true,
      directiveIsRepeatable: true,
      inputValueDeprecation: true,
      oneOf: true,
    };

    const { body } = await ask(getIntrospectionQuery(everything));

    expect(body.errors).toBeUndefined();
    expect(body.data.__schema.queryType.name).toBe('Query');
    expect(body.extensions).toEqual({ cost: { requested: 0, limit: 5000 } });
  });

  test('of errors: the first five are told of a document that is not valid', async () => {
    const five = await ask(`{ ${times(5, (index) => `x${index}`)} }`);
    const six = await ask(`{ ${times(6, (index) => `x${index}`)} }`);

    for (const { body, status, statements: run } of [five, six]) {
      expect(body.errors.map(({ message }: { message: string }) => message)).toEqual(
        Array.from({ length: 5 }, (_, i) => `Cannot query field "x${i}" on type "Query".`),
      );
      expect([status, run]).toEqual([200, 0]);
    }
  });
});

describe('the cost', () => {
  test.each([
    ['nothing', '{ __typename }', 0],
    ['a row', '{ item(by: { sku: "BOLT" }) { id sku name } }', 1],
    ['what may be missing', '{ item(by: { sku: "NOBODY" }) { category { parent { name } } } }', 3],
    ['a page', '{ items(first: 7) { nodes { sku } } }', 7],
    ['a page from the back', '{ items(last: 3) { nodes { sku } } }', 3],
    ['a page of no said size', '{ items { pageInfo { hasNextPage } } }', 20],
    [
      'rows twice in one page',
      '{ tags(first: 5) { nodes { id } edges { cursor node { id } } } }',
      5,
    ],
    [
      'rows of rows',
      '{ items(first: 4) { nodes { category { id } tags(first: 3) { edges { node { id } } } } } }',
      20,
    ],
    ['a count', '{ items(first: 4) { totalCount nodes { tags(first: 1) { totalCount } } } }', 18],
    [
      'sums',
      '{ items(first: 4) { nodes { onHand reserved available(at: { code: "SCRAP" }) } } }',
      28,
    ],
    [
      'a list without pages',
      '{ reservations(first: 2) { nodes { lines { quantity item { sku } } } } }',
      42,
    ],
    ['the journal', '{ journal(first: 3) { headSeq entries { seq subject { id } } } }', 6],
    ['an audit', '{ ledgerAudit { clean differences { message } } }', 4011],
    ['ids', '{ nodes(ids: ["a", "b", "c"]) { id ... on Item { category { name } } } }', 6],
    [
      'the dearest of the types that it may be',
      '{ node(id: "x") { ... on Tag { id } ... on Item { category { name } } ... on Category { items(first: 2) { nodes { id } } } } }',
      3,
    ],
    ['two names', '{ a: tags(first: 2) { nodes { id } } b: tags(first: 3) { nodes { id } } }', 5],
    [
      'one field, however often it is named',
      `{ tags(first: 2) { nodes { id } } ...More ...More ... on Query { tags(first: 2) { nodes { name } } } }
        fragment More on Query { tags(first: 2) { nodes { items(first: 1) { nodes { id } } } } }`,
      4,
    ],
    ['what is left out', '{ tags(first: 2) @skip(if: true) { nodes { id } } __typename }', 0],
    ['what is not', '{ tags(first: 2) @include(if: true) { nodes { id } } }', 2],
    [
      'a mutation',
      'mutation { tagCreate(input: { name: "" }) { ... on TagCreateSuccess { tag { id } } } }',
      12,
    ],
  ])('of %s', async (_what, document, requested) => {
    const { body } = await ask(document);

    expect(body.errors).toBeUndefined();
    expect(body.extensions).toEqual({ cost: { requested, limit: 5000 } });
  });

  test.each([
    [{ first: 5 }, 5],
    [{}, 7],
    [{ first: null }, 20],
    [{ first: 5, more: true }, 15],
    [{ first: 5, less: false }, 6],
    [{ first: 5, ids: ['x', 'y'] }, 7],
    [{ first: 5, more: true, less: false, ids: ['x'] }, 17],
  ])('with the variables %j', async (variables, requested) => {
    const document = `query ($first: Int = 7, $more: Boolean! = false, $less: Boolean! = true, $ids: [ID!]! = []) {
      items(first: $first) { nodes { sku tags(first: 2) @include(if: $more) { nodes { id } } } }
      item(by: { sku: "BOLT" }) @skip(if: $less) { sku }
      nodes(ids: $ids) { id }
    }`;

    expect((await ask(document, variables)).body.extensions.cost.requested).toBe(requested);
  });

  test('is not told where nothing was run', async () => {
    const { body } = await ask('query ($id: ID!) { node(id: $id) { id } }');

    expect(Object.keys(body)).toEqual(['errors']);
  });
});

describe('a declared cost', () => {
  const Amounts = new GraphQLInputObjectType({
    name: 'Amounts',
    fields: () => ({
      plain: { type: GraphQLInt },
      computed: { type: GraphQLInt, ...costs({ times: 3 }) },
      and: { type: new GraphQLList(Amounts) },
    }),
  });
  const Row = new GraphQLObjectType({ name: 'Row', fields: { name: { type: GraphQLString } } });
  const query = new GraphQLObjectType({
    name: 'Query',
    fields: {
      rows: {
        type: new GraphQLList(Row),
        args: { where: { type: Amounts }, search: { type: GraphQLString, ...costs({ adds: 50 }) } },
      },
    },
  });
  const own = new GraphQLSchema({ query });

  test.each([
    ['{ rows { name } }', {}, 10],
    ['{ rows(where: { plain: 1 }) { name } }', {}, 10],
    ['{ rows(where: { computed: 1 }, search: "x") { name } }', {}, 80],
    ['{ rows(where: { and: [{ computed: 1 }, { and: { computed: 2 } }] }) { name } }', {}, 90],
    ['{ rows(where: { computed: null }, search: null) { name } }', {}, 10],
    ['query ($w: Amounts) { rows(where: $w) { name } }', { w: { and: [{ computed: 1 }] } }, 30],
    ['query ($w: Amounts) { rows(where: $w) { name } }', {}, 10],
    ['query ($c: Int) { rows(where: { computed: $c }) { name } }', { c: 1 }, 30],
    ['query ($c: Int) { rows(where: { computed: $c }) { name } }', {}, 10],
  ])('%s with %j', (document, variables, requested) => {
    expect(priceOf(own, parse(document), null, variables)?.cost?.requested).toBe(requested);
  });
});

test('what has more different selections than can be counted is refused', () => {
  const type: GraphQLObjectType = new GraphQLObjectType({
    name: 'Query',
    fields: () => ({ a: { type }, b: { type }, c: { type } }),
  });
  // On every way down another set of fragments is under way: none of them was met before.
  const fragments = Array.from({ length: 13 }, (_, level) => {
    const go = `...f${level + 1}`;
    const carried = times(13 - level, (n) => {
      const name = (way: string, at: number) => `${way}${level}_${at}`;
      const on =
        n < 12 - level ? (way: string) => `...${name(way, n + 1)}` : () => 'c { __typename }';
      return times(2, (way) => {
        const letter = way === 0 ? 'x' : 'y';
        return `fragment ${name(letter, n)} on Query { a { ${on(letter)} } b { ${on(letter)} } }`;
      });
    });
    return `fragment f${level} on Query { a { ${go} ...x${level}_0 } b { ${go} ...y${level}_0 } } ${carried}`;
  });
  const document = parse(
    `{ ...f0 } ${fragments.join(' ')} fragment f13 on Query { c { __typename } }`,
  );

  const price = priceOf(new GraphQLSchema({ query: type }), document, null, {});

  expect(price?.cost).toBeNull();
  expect(price?.refusal?.extensions['code']).toBe('QUERY_TOO_COMPLEX');
});

describe('what cannot be', () => {
  test.each([
    ['an unknown field', '{ items { nothing } }'],
    ['an unknown order', '{ items(orderBy: { field: NOTHING }) { totalCount } }'],
    ['a negative page', '{ items(first: -1) { nodes { sku } } }'],
    ['a page of none', '{ items(last: 0) { nodes { sku } } }'],
    ['a page too large', '{ items(first: 101) { nodes { sku } } }'],
    ['a page far too large', '{ items(first: 2147483647) { nodes { tags { totalCount } } } }'],
    ['a page beyond all integers', '{ items(first: 2147483648) { nodes { sku } } }'],
    ['both ends of a page', '{ items(first: 2, last: 2) { nodes { sku } } }'],
    ['too many ids', `{ nodes(ids: [${times(101, () => '"x"')}]) { id } }`],
  ])('%s is a BAD_REQUEST, and no statement is run', async (_what, document) => {
    const { body, statements: run } = await ask(document);

    expect(body.data ?? null).toBeNull();
    expect(body.errors[0].extensions).toEqual({ code: 'BAD_REQUEST' });
    expect(run).toBe(0);
  });

  test.each([
    [
      'a condition that is null',
      'query ($x: Boolean = true) { tags @include(if: $x) { totalCount } }',
    ],
    [
      'a condition that is null, far inside',
      'query ($x: Boolean = true) { tags { nodes { name @skip(if: $x) } } }',
    ],
  ])('%s is a BAD_REQUEST, and no statement is run', async (_what, document) => {
    const { body, statements: run } = await ask(document, { x: null });

    expect(body.data ?? null).toBeNull();
    expect(body.errors[0].extensions.code).toBe('BAD_REQUEST');
    expect(run).toBe(0);
  });

  test('an id of another type finds nothing', async () => {
    const { body } = await ask(
      'query ($id: ID!) { movement(id: $id) { seq } category(id: $id) { name } }',
      {
        id: item,
      },
    );

    expect(body.data).toEqual({ movement: null, category: null });
  });
});
