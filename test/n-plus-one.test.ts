import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type GraphQLObjectType, getNamedType } from 'graphql';
import { schema } from '../src/graphql/schema.ts';
import { DATABASES } from './support/databases.ts';
import { argumentsOf, SENT } from './support/graph-facts.ts';
import { fillGraph, type Graph } from './support/graph-fixture.ts';
import { fieldsOf, isLeaf, queryOf } from './support/schema-shape.ts';
import { Walk } from './support/schema-walk.ts';
import { startServer, type TestServer } from './support/server.ts';
import { type Ask, type Proof, prove, type Subject } from './support/statement-proof.ts';

/** How many edges an operation follows behind its root field. */
const DEPTH = 3;

describe.each(DATABASES)('statements on %s', (database) => {
  let server: TestServer;
  let graph: Graph;
  let walk: Walk;

  beforeAll(async () => {
    server = await startServer(database);
    console.time('fill');
    graph = await fillGraph(server);
    console.timeEnd('fill');
    const { values, variants } = argumentsOf(graph);
    const inputs = SENT.map(({ mutation }) => [`Mutation.${mutation}(input:)`, () => '$input']);
    walk = new Walk(schema, { values: { ...values, ...Object.fromEntries(inputs) }, variants });
  });

  afterAll(() => server.stop());

  test('queries answered by plans, where there is one', async () => {
    check(await prove(walk, queries(), asOwner));
  });

  test('queries answered by the executor', async () => {
    const ask: Ask = (document, variables) => asOwner(unplanned(document), variables);
    check(await prove(walk, queries(), ask));
  });

  test('mutations', async () => {
    check(await prove(walk, mutations(), asOwner));
  });

  const asOwner: Ask = async (document, variables) => {
    const { data, errors, extensions } = await server.ask(document, variables);
    if (errors.length > 0) throw new Error(`${document}: ${JSON.stringify(errors)}`);
    return { data, count: extensions.trace.count };
  };

  function check(proof: Proof) {
    console.log(`${proof.edges.size} edges, ${proof.operations} ops, worst ${proof.worst.name} ${proof.worst.count}`);
    expect({ findings: proof.findings, uncovered: proof.uncovered }).toEqual({ findings: [], uncovered: [] });
  }

  const queries = (): Subject[] => {
    const query = queryOf(schema);
    return fieldsOf(query)
      .filter((field) => !isLeaf(field))
      .map((field) => ({ name: field.name, root: walk.from(query, field, DEPTH) }));
  };

  const mutations = (): Subject[] => {
    const type = schema.getMutationType() as GraphQLObjectType;
    return SENT.map(({ mutation, input, answers = successOf(mutation) }) => {
      const field = type.getFields()[mutation];
      if (!field) throw new Error(`There is no ${mutation}`);
      return {
        name: answers === successOf(mutation) ? mutation : `${mutation} (${answers})`,
        root: walk.from(type, field, DEPTH),
        mutation: {
          inputType: getNamedType(field.args[0]?.type)?.name as string,
          input: (rows) => input(graph, rows),
          answers,
        },
      };
    });
  };
});

const successOf = (mutation: string) => `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Success`;

/** The same operation with a directive that changes nothing: those are left to the executor. */
const unplanned = (document: string): string =>
  document.replace('{', '{ __typename @include(if: true)');
