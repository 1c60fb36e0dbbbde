import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  execute,
  extendSchema,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  parse,
} from 'graphql';
import { neededFor } from '../src/access/permissions.ts';
import { requestContext } from '../src/app.ts';
import { Tag } from '../src/catalog/tag.entity.ts';
import type { Context } from '../src/context.ts';
import { rowsWhereIn } from '../src/database/read.ts';
import type { Row } from '../src/database/rows.ts';
import { run } from '../src/database/statement.ts';
import { LIMITS } from '../src/graphql/limits.ts';
import { mark } from '../src/graphql/marks.ts';
import { answerByPlan, planOf } from '../src/graphql/plan/execute.ts';
import { schema } from '../src/graphql/schema.ts';
import { DATABASES } from './support/databases.ts';
import { argumentsOf } from './support/graph-facts.ts';
import { fillGraph, type Graph } from './support/graph-fixture.ts';
import { mutationsOf, queriesOf } from './support/graph-subjects.ts';
import { type AnyField, queryOf, rootLists } from './support/schema-shape.ts';
import { type Arguments, edgesBehind, Walk } from './support/schema-walk.ts';
import { startServer, type TestServer } from './support/server.ts';
import { type Ask, FEW, type Proof, prove } from './support/statement-proof.ts';

const CLEAN = { findings: [], uncovered: [] };

// Operations with everything in them are more than one request may ask for. Modules are a test file's own.
Object.assign(LIMITS, { cost: 1e9, depth: 99, aliases: 1e6, rootFields: 1e6, tokens: 1e6 });

describe.each(DATABASES)('no edge costs statements by the row, on %s', (database) => {
  let server: TestServer;
  let graph: Graph;
  let values: Arguments;
  let walk: Walk;
  const proofs: Proof[] = [];

  beforeAll(async () => {
    // With one connection answers come in the order of the statements, so that what is batched is the
    // same every time.
    server = await startServer(database, { settings: { poolSize: 1 } });
    graph = await fillGraph(server);
    values = argumentsOf(graph);
    walk = new Walk(schema, values);
  });

  afterAll(async () => {
    process.stdout.write(`Statements on ${database}: ${inWords(proofs)}\n`);
    await server.stop();
  });

  test('of queries, by their plans', async () => {
    const planned = queriesOf(walk, schema).filter(({ root }) => {
      const document = `{ ${walk.write(root, FEW, () => true)} }`;
      return planOf(schema, parse(document), null) !== null;
    });
    const roots = planned.map(({ name }) => name);
    const open = rootLists(schema).filter(({ name }) => neededFor('Query', name) === 'READ');
    expect(roots).toEqual(expect.arrayContaining(open.map(({ name }) => name)));

    const proof = await prove(walk, planned, asOwner);
    proofs.push(proof);

    expect(proof).toMatchObject(CLEAN);
  });

  test('of queries, by the executor', async () => {
    const proof = await prove(walk, queriesOf(walk, schema), (document, variables) =>
      asOwner(withDirective(document), variables),
    );
    proofs.push(proof);

    expect(proof).toMatchObject(CLEAN);
  });

  test('of mutations', async () => {
    const proof = await prove(walk, mutationsOf(schema, graph), asOwner);
    proofs.push(proof);

    expect(proof).toMatchObject(CLEAN);
  });

  test('and there is no other edge', () => {
    const proven = new Set(proofs.flatMap(({ edges }) => [...edges]));
    const roots = [queryOf(schema), schema.getMutationType() as GraphQLObjectType];
    const reachable = roots.flatMap((root) => [...edgesBehind(schema, root)]);

    expect(reachable.filter((edge) => !proven.has(edge))).toEqual([]);
  });

  const asOwner: Ask = async (document, variables) => {
    const { data, errors, extensions } = await server.ask(document, variables);
    if (errors.length > 0) throw new Error(`${JSON.stringify(errors)} to ${document}`);
    return { data, count: extensions.trace.count };
  };

  describe('a planted fault is found:', () => {
    test('a resolver that runs a statement for each row', async () => {
      const planted = plant('extend type Tag { twin: Tag! }', 'Tag.twin', { resolve: readTwin });

      const { findings, uncovered } = await proveTags(planted, byExecutor(planted));

      expect(uncovered).toEqual([]);
      expect(findings).toEqual(['tags > Tag.twin: 5 statements for few rows, 14 for many']);
    });

    test('the same in a field that a plan takes for a good one', async () => {
      const planted = plant('extend type Tag { twin: Tag! }', 'Tag.twin', {
        resolve: readTwin,
        ...mark({ kind: 'lookup', entity: 'Tag' }),
      });

      const { findings } = await proveTags(planted, byPlan(planted));

      expect(findings).toEqual(['tags > Tag.twin: 5 statements for few rows, 14 for many']);
    });

    test('the same in a value, not in an edge', async () => {
      const planted = plant('extend type Tag { length: Int! }', 'Tag.length', {
        resolve: async (row, args, context) => (await readTwin(row, args, context)).name.length,
      });

      const { findings } = await proveTags(planted, byExecutor(planted));

      expect(findings).toEqual(['tags: 5 statements for few rows, 14 for many']);
    });

    test('an edge that leads nowhere, which shows nothing', async () => {
      const planted = plant('extend type Tag { twin: Tag }', 'Tag.twin', { resolve: () => null });

      expect((await proveTags(planted, byExecutor(planted))).uncovered).toEqual(['Tag.twin']);
    });

    test('a list with rows behind one parent only', async () => {
      const planted = plant('extend type Tag { twins: [Tag!]! }', 'Tag.twins', {
        resolve: (row) => (row.name === '01' ? [row, row] : [row]),
      });

      expect((await proveTags(planted, byExecutor(planted))).uncovered).toEqual(['Tag.twins']);
    });

    test('a field that nobody said how to ask for', async () => {
      const planted = plant('extend type Tag { twin(of: ID!): Tag }', 'Tag.twin', {});

      await expect(proveTags(planted, byExecutor(planted))).rejects.toThrow('Tag.twin(of:)');
    });

    test('a mutation that nobody said what to send to', () => {
      const planted = extendSchema(schema, parse('extend type Mutation { tagSplit: Tag }'));

      expect(() => mutationsOf(planted, graph)).toThrow('tagSplit');
    });

    const proveTags = (planted: GraphQLSchema, ask: Ask) => {
      const query = queryOf(planted);
      const field = query.getFields()['tags'] as AnyField;
      const walk = new Walk(planted, values);
      return prove(walk, [{ name: 'tags', root: walk.from(query, field, 1) }], ask);
    };

    const byExecutor =
      (planted: GraphQLSchema): Ask =>
      async (document) => {
        const contextValue = requestContext(server.orm, server.owner, true);
        const answer = execute({ schema: planted, document: parse(document), contextValue });
        const { data, errors } = await answer;
        if (errors || !data) throw new Error(JSON.stringify(errors));
        return { data, count: contextValue.trace.count };
      };

    const byPlan =
      (planted: GraphQLSchema): Ask =>
      async (text) => {
        const contextValue = requestContext(server.orm, server.owner, true);
        const document = parse(text);
        const data = await answerByPlan({ schema: planted, document, contextValue });
        if (data === null) throw new Error(`There is no plan of ${text}`);
        return { data: JSON.parse(data), count: contextValue.trace.count };
      };
  });
});

/** The same operation with a directive that changes nothing: those are left to the executor. */
const withDirective = (document: string): string =>
  document.replace('{', '{ __typename @include(if: true)');

/** The schema with one more field. */
function plant(
  text: string,
  name: string,
  field: Partial<GraphQLField<{ id: number; name: string }, Context>>,
): GraphQLSchema {
  const planted = extendSchema(schema, parse(text));
  const [type = '', added = ''] = name.split('.');
  Object.assign((planted.getType(type) as GraphQLObjectType).getFields()[added] as object, field);
  return planted;
}

/** Reads a tag once more, by a statement of its own. */
async function readTwin({ id }: { id: number }, _arguments: object, { em, viewer }: Context) {
  const [row] = await run(em, viewer.organizationId, rowsWhereIn(em, Tag, 'id'), [[id]]);
  return row as Row<Tag>;
}

/** What several proofs have shown together. */
function inWords(proofs: readonly Proof[]): string {
  const edges = new Set(proofs.flatMap((proof) => [...proof.edges]));
  const uncovered = new Set(proofs.flatMap((proof) => proof.uncovered));
  const findings = proofs.flatMap((proof) => proof.findings);
  const operations = proofs.reduce((sum, proof) => sum + proof.operations, 0);
  const [worst] = proofs.map((proof) => proof.worst).toSorted((a, b) => b.count - a.count);
  return [
    `${edges.size - uncovered.size} of ${edges.size} edges covered`,
    `${operations} operations`,
    `${findings.length} findings`,
    `worst is ${worst?.name} with ${worst?.count} statements`,
  ].join(', ');
}
