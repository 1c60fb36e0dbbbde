import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type GraphQLEnumType, type GraphQLInputObjectType, getNamedType } from 'graphql';
import { schema } from '../src/graphql/schema.ts';
import { DATABASES } from './support/databases.ts';
import { startServer, type TestServer } from './support/server.ts';

/** Each ordering of each list of all rows, in both directions, as the schema offers them. */
const ORDERINGS = Object.values(schema.getQueryType()?.getFields() ?? {}).flatMap((list) => {
  const orderBy = list.args.find(({ name }) => name === 'orderBy');
  if (!orderBy) return [];
  const input = getNamedType(orderBy.type) as GraphQLInputObjectType;
  const fields = getNamedType(input.getFields()['field']?.type) as GraphQLEnumType;
  return fields
    .getValues()
    .flatMap(({ name }) =>
      ['ASC', 'DESC'].map((direction) => [list.name, name, direction] as const),
    );
});

test('every list of all rows offers an ordering', () => {
  expect(new Set(ORDERINGS.map(([list]) => list)).size).toBeGreaterThanOrEqual(8);
});

describe.each(DATABASES)('orderings on %s', (database) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer(database);
  });

  afterAll(() => server.stop());

  test.each(ORDERINGS)('%s by %s, %s, follow an index', async (list, field, direction) => {
    const { extensions } = await server.ask(
      `{ ${list}(first: 10, orderBy: { field: ${field}, direction: ${direction} }) { nodes { id } } }`,
    );

    expect(extensions.trace.statements).toHaveLength(1);
    const plan = await planOf(extensions.trace.statements[0]?.sql ?? '');
    expect(plan.filter(isWholeSort)).toEqual([]);
    expect(plan.join()).toMatch(/index/i);
  });

  /** The plan of a page, by a planner that sorts only when it has to. */
  async function planOf(sql: string): Promise<string[]> {
    const filled = sql.replaceAll('$1', String(server.owner.organizationId)).replaceAll('$2', '10');
    const em = server.orm.em.fork();
    if (database === 'sqlite') {
      const rows = await em.getConnection().execute(`explain query plan ${filled}`);
      return rows.map((row: Record<string, string>) => String(row['detail']));
    }
    return em.transactional(async (own) => {
      const run = (text: string) =>
        own.getConnection().execute(text, [], 'all', own.getTransactionContext());
      await run('set local enable_seqscan = off');
      await run('set local enable_sort = off');
      const rows = await run(`explain ${filled}`);
      return rows.map((row: Record<string, string>) => String(row['QUERY PLAN']));
    });
  }
});

/** Rows whose order comes from an index are sorted among equals at most: by the id that breaks ties. */
function isWholeSort(step: string): boolean {
  if (/incremental sort|last term of order by/i.test(step)) return false;
  return /use temp b-tree for order by|->\s+sort\b|^sort\b/i.test(step);
}
