import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type GraphQLObjectType,
  isObjectType,
  parse,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { ROLES, type Role } from '../src/access/access.entity.ts';
import { NEEDS, neededFor, ROLE_PERMISSIONS } from '../src/access/permissions.ts';
import { isEntityType } from '../src/graphql/entity-types.ts';
import { decodeGlobalId, encodeGlobalId } from '../src/graphql/global-id.ts';
import { LIMITS } from '../src/graphql/limits.ts';
import { schema } from '../src/graphql/schema.ts';
import { DATABASES } from './support/databases.ts';
import { argumentsOf } from './support/graph-facts.ts';
import { fillGraph, type Graph } from './support/graph-fixture.ts';
import { mutationsOf, queriesOf } from './support/graph-subjects.ts';
import { fieldsOf } from './support/schema-shape.ts';
import { type Edge, Walk } from './support/schema-walk.ts';
import { type Client, type Member, startServer, type TestServer } from './support/server.ts';
import { FEW, type Subject } from './support/statement-proof.ts';
import { until } from './support/until.ts';

// Operations with everything in them are more than one request may ask for. Modules are a test file's own.
Object.assign(LIMITS, { cost: 1e9, depth: 99, aliases: 1e6, rootFields: 1e6, tokens: 1e6 });

const types = Object.values(schema.getTypeMap())
  .filter(isObjectType)
  .filter(({ name }) => !name.startsWith('__'));

describe('the table of permissions', () => {
  const roots = [schema.getQueryType(), schema.getMutationType()] as GraphQLObjectType[];

  test('has a row for every field of the roots, and for every type of rows', () => {
    const needing = [
      ...roots.flatMap((root) => fieldsOf(root).map((field) => `${root.name}.${field.name}`)),
      ...types.filter(({ name }) => isEntityType(name)).map(({ name }) => `${name}.*`),
    ];

    expect(needing.filter((name) => !(name in NEEDS))).toEqual([]);
  });

  test('has no row for what there is not', () => {
    const known = types.flatMap((type) => [
      `${type.name}.*`,
      ...fieldsOf(type).map((field) => `${type.name}.${field.name}`),
    ]);

    expect(Object.keys(NEEDS).filter((name) => !known.includes(name))).toEqual([]);
  });

  test('lets nobody change anything by reading', () => {
    const mutations = Object.entries(NEEDS).filter(([name]) => name.startsWith('Mutation.'));

    expect(mutations.filter(([, needed]) => needed === 'READ')).toEqual([]);
  });
});

/** Something to ask, with everything that lies behind its root field. */
interface Question {
  readonly name: string;
  readonly rootField: string;
  readonly document: string;
  readonly variables: object;
  /** Every `Type.field` in it. */
  readonly fields: ReadonlySet<string>;
}

describe.each(DATABASES)('who may what, on %s', (database) => {
  let server: TestServer;
  let graph: Graph;
  let stranger: Client;
  const members = {} as Record<Role, Member>;
  let queries: Question[];
  let mutations: Question[];

  beforeAll(async () => {
    server = await startServer(database);
    graph = await fillGraph(server);
    for (const role of ROLES) members[role] = await server.member(role);
    stranger = server.as(await server.otherOrganization());
    queries = queriesFor(graph);
    mutations = mutationsFor(graph);
  });

  afterAll(() => server.stop());

  test('every field of the schema is asked for', () => {
    const asked = new Set([...queries, ...mutations].flatMap(({ fields }) => [...fields]));
    const all = types.flatMap((type) => fieldsOf(type).map(({ name }) => `${type.name}.${name}`));

    expect(all.filter((name) => !asked.has(name))).toEqual([]);
    process.stdout.write(
      `Matrix on ${database}: ${all.length} fields in ${queries.length} queries and ${mutations.length} mutations, for ${ROLES.length} roles and 7 kinds of strangers\n`,
    );
  });

  describe.each(ROLES)('%s', (role) => {
    const may = (needed: string | undefined) =>
      needed === undefined || ROLE_PERMISSIONS[role].some((each) => each === needed);
    const isOpen = (name: string) => may(neededFor(...(name.split('.') as [string, string])));

    test('is answered what the table allows, and refused the rest by field', async () => {
      for (const { name, rootField, document, variables, fields } of queries) {
        const { status, data, errors } = await members[role].ask(document, variables);
        const codes = new Set(errors.map(({ extensions }) => extensions.code));
        expect([name, status]).toEqual([name, 200]);
        codes.delete('FORBIDDEN');
        expect([name, [...codes]]).toEqual([name, []]);
        if ([...fields].every(isOpen)) expect([name, errors]).toEqual([name, []]);
        if (!isOpen(rootField))
          expect([name, errors.length, isNull(data, name)]).toEqual([name, 1, true]);
        const seen = objectsIn(data).filter(({ __typename }) => !isOpen(`${__typename}.id`));
        expect([name, seen]).toEqual([name, []]);
      }
    });

    test('is answered what it asks beside what it may not see', async () => {
      const { data } = await members[role].ask('{ viewer { role } apiKeys { totalCount } }');

      expect(data.viewer).toEqual({ role });
      expect(data.apiKeys === null).toBe(!may('ACCESS'));
    });

    test('sees rows of closed types on no way that leads to any row', async () => {
      const { apiKey, membership } = members.CLERK;
      const { data, errors } = await members[role].ask(
        `query ($apiKey: ID!, $membership: ID!, $ids: [ID!]!) {
          key: node(id: $apiKey) { ... on ApiKey { name } }
          member: node(id: $membership) { ... on Membership { role } }
          nodes(ids: $ids) { id }
          journal(first: 100, where: { action: { eq: "apiKey.create" } }) {
            entries { subject { ... on ApiKey { prefix } } }
          }
        }`,
        { apiKey, membership, ids: [apiKey, membership] },
      );

      const open = may('ACCESS');
      expect(errors.map(({ extensions }) => extensions.code)).toEqual(
        open ? [] : errors.map(() => 'FORBIDDEN'),
      );
      const { entries } = data.journal;
      expect(entries.length).toBeGreaterThan(ROLES.length);
      expect({ key: data.key, member: data.member, nodes: data.nodes }).toEqual(
        open
          ? {
              key: { name: 'CLERK' },
              member: { role: 'CLERK' },
              nodes: [{ id: apiKey }, { id: membership }],
            }
          : { key: null, member: null, nodes: [null, null] },
      );
      for (const { subject } of entries) {
        expect(subject).toEqual(open ? { prefix: expect.any(String) } : null);
      }
    });

    test('changes what the table allows, and nothing else', async () => {
      for (const { name, rootField, document, variables } of mutations) {
        const before = await headOf(server);
        const { data, errors } = await members[role].ask(document, variables);
        const [answer] = Object.values(data ?? {});
        const codes = errors.map(({ extensions }) => extensions.code);
        if (isOpen(rootField)) {
          // What it answers may have fields that the role may not see.
          expect([name, answer === null]).toEqual([name, false]);
        } else {
          expect([name, answer, codes]).toEqual([name, null, ['FORBIDDEN']]);
          expect(errors[0]?.path).toEqual([rootField.split('.')[1]]);
        }
        expect(await headOf(server)).toBe(before);
      }
    });
  });

  test('nobody without a good key is answered anything, and all alike', async () => {
    const expired = await server.member('OWNER', {
      expiresAt: new Date(Date.now() + 1000).toISOString(),
    });
    const revoked = await server.member('OWNER');
    const removed = await server.member('OWNER');
    await server.run(
      `mutation ($apiKey: ID!, $membership: ID!) {
        apiKeyRevoke(input: { apiKey: $apiKey }) { __typename }
        membershipRemove(input: { membership: $membership }) { __typename }
      }`,
      { apiKey: revoked.apiKey, membership: removed.membership },
    );
    await until(
      'the key has expired',
      async () => (await expired.ask('{ __typename }')).status === 401,
    );
    const strangers: Record<string, string | undefined> = {
      none: undefined,
      empty: 'Bearer ',
      malformed: 'Bearer qm_short',
      'of another scheme': `Basic ${btoa(`owner:${server.key}`)}`,
      unknown: `Bearer qm_${'A'.repeat(43)}`,
      expired: `Bearer ${expired.key}`,
      revoked: `Bearer ${revoked.key}`,
      removed: `Bearer ${removed.key}`,
    };
    const answers = new Set<string>();
    for (const [who, authorization] of Object.entries(strangers)) {
      for (const { name, document, variables } of [...queries, ...mutations]) {
        const response = await server.app.fetch('http://test/graphql', {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
          body: JSON.stringify({ query: document, variables }),
        });
        expect([who, name, response.status]).toEqual([who, name, 401]);
        answers.add(await response.text());
      }
    }

    expect([...answers].map((answer) => JSON.parse(answer).errors[0].extensions.code)).toEqual([
      'UNAUTHENTICATED',
    ]);
  });

  describe('the owner of another organization', () => {
    let missing: Graph;

    beforeAll(() => {
      missing = withOtherIds(graph);
    });

    test('sees nothing of it, and is answered as if it did not exist', async () => {
      const known = new Set<string>();
      for (const { document, variables } of queries) {
        for (const id of idsIn((await server.ask(document, variables)).data)) known.add(id);
      }
      expect(known.size).toBeGreaterThan(100);
      const others = queriesFor(missing);
      for (const [index, { name, document, variables }] of queries.entries()) {
        const { data, errors } = await stranger.ask(document, variables);
        const other = await stranger.ask(others[index]?.document ?? '', others[index]?.variables);
        expect([name, data, errors]).toEqual([name, other.data, other.errors]);
        expect([name, idsIn(data).filter((id) => known.has(id))]).toEqual([name, []]);
      }
    });

    test('changes nothing of it, and is refused as if it did not exist', async () => {
      const others = mutationsFor(missing);
      const before = await headOf(server);
      for (const [index, { name, document, variables }] of mutations.entries()) {
        const { data, errors } = await stranger.ask(document, variables);
        const { document: text = '', variables: given } = others[index] ?? {};
        const other = await stranger.ask(text, given);
        const alike = (answer: object) => withoutNew(JSON.stringify(answer));
        expect([name, alike([data, errors])]).toEqual([name, alike([other.data, other.errors])]);
      }
      expect(await headOf(server)).toBe(before);
    });

    test('gets nowhere with a cursor of it', async () => {
      const page = 'pageInfo { endCursor } nodes { id }';
      const { items } = await server.run(`{ items(first: 3) { ${page} } }`);

      const answer = await stranger.run(
        `query ($after: String) { items(first: 50, after: $after) { ${page} totalCount } }`,
        { after: items.pageInfo.endCursor },
      );

      expect(answer.items).toMatchObject({ nodes: [], totalCount: 0 });
    });
  });
});

const headOf = async (server: TestServer): Promise<number> =>
  (await server.run('{ journal { headSeq } }')).journal.headSeq;

function queriesFor(graph: Graph): Question[] {
  const walk = new Walk(schema, argumentsOf(graph));
  return queriesOf(walk, schema).map((subject) => question(walk, subject));
}

function mutationsFor(graph: Graph): Question[] {
  const walk = new Walk(schema, argumentsOf(graph));
  return mutationsOf(schema, graph).map((subject) => question(walk, subject));
}

/** Everything behind a root field; refusals of mutations and rows with parts have some one step further. */
function question(walk: Walk, { name, root, mutation }: Subject): Question {
  const further = below(root).filter(({ shape }) => mutation || shape === 'list');
  const near = new Set<Edge>([root, ...below(root), ...further.flatMap(below)]);
  const field = walk.write(root, FEW, (edge) => near.has(edge));
  const document = mutation
    ? `mutation ($input: ${mutation.inputType}!) @dryRun { ${field} }`
    : `query { ${field} }`;
  const variables = mutation ? { input: mutation.input(FEW.first) } : {};
  return { name, rootField: root.name, document, variables, fields: fieldsIn(document) };
}

const below = ({ rows }: Edge): Edge[] => rows.flatMap((each) => [...each.below]);

/** Every `Type.field` that a document names. */
function fieldsIn(document: string): Set<string> {
  const names = new Set<string>();
  const info = new TypeInfo(schema);
  visit(
    parse(document),
    visitWithTypeInfo(info, {
      Field: ({ name }) => {
        if (!name.value.startsWith('__')) names.add(`${info.getParentType()?.name}.${name.value}`);
      },
    }),
  );
  return names;
}

/** Whether a field is null, or all of the answer for its sake. */
const isNull = (data: Record<string, unknown> | null, field: string): boolean =>
  data === null || data[field] === null;

/** Every object in an answer. */
function objectsIn(answer: unknown): { readonly __typename?: string }[] {
  if (typeof answer !== 'object' || answer === null) return [];
  const within = Object.values(answer).flatMap(objectsIn);
  return Array.isArray(answer) ? within : [answer, ...within];
}

/** Every id of a row in an answer. */
function idsIn(answer: unknown): string[] {
  if (typeof answer === 'string') return decodeGlobalId(answer) ? [answer] : [];
  if (typeof answer !== 'object' || answer === null) return [];
  return Object.values(answer).flatMap(idsIn);
}

/** The same with ids that no row of any organization has. */
function withOtherIds(graph: Graph): Graph {
  const other = (value: unknown): unknown => {
    if (typeof value === 'string') {
      const id = decodeGlobalId(value);
      return id ? encodeGlobalId(id.type, id.id + 900_000_000) : value;
    }
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(other);
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, other(each)]));
  };
  return other(graph) as Graph;
}

/** What differs between two runs of the same: ids and times of what was made, and keys. */
const withoutNew = (text: string): string =>
  text
    .replace(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"(time)"')
    .replace(/"qm_\w+"/g, '"(key)"')
    .replace(/"[A-Za-z0-9_-]{8,}"/g, (id) => (decodeGlobalId(id.slice(1, -1)) ? '"(id)"' : id));
