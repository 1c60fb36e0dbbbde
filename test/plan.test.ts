import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type DocumentNode, getOperationAST, Kind, parse, print, visit } from 'graphql';
import { requestContext } from '../src/app.ts';
import { fillWithDemo } from '../src/cli/fill-with-demo.ts';
import { compileQuery } from '../src/graphql/plan/compile.ts';
import { answerByPlan } from '../src/graphql/plan/execute.ts';
import { schema } from '../src/graphql/schema.ts';
import { DATABASES } from './support/databases.ts';
import { operations } from './support/operations.ts';
import { startServer, type TestServer } from './support/server.ts';

describe.each(DATABASES)('plans on %s', (database) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer(database);
    await fillWithDemo(server.orm.em, server.owner, new Date('2026-03-02T12:00:00Z'));
  });

  afterAll(() => server.stop());

  test.each(operations(schema))('%s', async (_name, document, { planned, isMistake }) => {
    const parsed = parse(document);
    const operation = getOperationAST(parsed);
    const plan = operation && compileQuery(schema, parsed, operation);
    expect(plan !== null).toBe(planned);

    const variables = await variablesFor(server);
    if (planned && !isMistake) {
      // The executor would answer for a plan that fails.
      const contextValue = requestContext(server.orm, server.owner, false);
      const args = { schema, document: parsed, variableValues: variables, contextValue };
      expect(await answerByPlan(args)).not.toBeNull();
    }
    const byPlan = await answer(server, print(parsed), variables);
    const byExecutor = await answer(server, print(unplanned(parsed)), variables);

    expect(byPlan).toBe(byExecutor);
  });
});

/** The same operation with a directive that changes nothing: those are left to the executor. */
function unplanned(document: DocumentNode): DocumentNode {
  let done = false;
  const include = parse('{ x @include(if: true) }').definitions[0];
  const directives =
    include && 'selectionSet' in include && include.selectionSet?.selections[0]?.directives;
  return visit(document, {
    Field: (node) => {
      if (done || !directives) return undefined;
      done = true;
      return { ...node, kind: Kind.FIELD, directives };
    },
  });
}

/** The body of an answer, as it came. */
async function answer(server: TestServer, query: string, variables: object): Promise<string> {
  const response = await server.app.fetch('http://test/graphql', {
    method: 'POST',
    headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  return response.text();
}

/** Values for the variables of the operations, from what the database holds. */
async function variablesFor(server: TestServer): Promise<Record<string, unknown>> {
  const { items, movements, locations } = await server.run(`{
    items(first: 3) { nodes { id } pageInfo { endCursor } }
    movements(first: 1) { nodes { id } }
    locations(first: 1) { nodes { id } }
  }`);
  return {
    item: items.nodes[2].id,
    after: items.pageInfo.endCursor,
    movement: movements.nodes[0].id,
    location: locations.nodes[0].id,
    first: 3,
  };
}
