import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { getNamedType, isObjectType } from 'graphql';
import { fillWithDemo } from '../src/cli/fill-with-demo.ts';
import { schema } from '../src/graphql/schema.ts';
import { runCommand } from './support/command.ts';
import { createDatabase, DATABASES } from './support/databases.ts';
import { createCategory, createItem, createLocation, createTag } from './support/factories.ts';
import { keepRows } from './support/keeping.ts';
import { quartermaster } from './support/process.ts';
import {
  type AnyField,
  fieldsOf,
  isConnection,
  rootLists,
  rowType,
} from './support/schema-shape.ts';
import { startServer, type TestServer } from './support/server.ts';

/** What every list and every edge has at least, so that a newcomer sees a second page. */
const MANY = 25;
const NOW = new Date('2026-03-02T12:00:00Z');

describe.each(DATABASES)('the demo on %s', (database) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer(database);
    await fillWithDemo(server.orm.em, server.owner, NOW);
  });

  afterAll(() => server.stop());

  test.each(rootLists(schema))('$name has at least 25 rows', async ({ name: list }) => {
    const { [list]: connection } = await server.run(`{ ${list} { totalCount } }`);
    expect(connection.totalCount).toBeGreaterThanOrEqual(MANY);
  });

  test.each(edges('many'))('some %s.%s has at least 25 rows', async (type, edge) => {
    const parents = await everyRow(server, listOf(type), `${edge} { totalCount }`);
    const counts = parents.map((parent) => parent[edge].totalCount);
    expect(Math.max(...counts)).toBeGreaterThanOrEqual(MANY);
  });

  test.each(edges('one'))('%s.%s leads somewhere from at least 25 rows', async (type, edge) => {
    const rows = await everyRow(server, listOf(type), `${edge} { id }`);
    const leading = rows.filter((row) => row[edge] !== null);
    expect(leading.length).toBeGreaterThanOrEqual(MANY);
  });

  test('every item adds up to 0 over all locations, and no real place has less than 0', async () => {
    const levels = await everyRow(server, 'stockLevels', 'onHand item { sku } location { kind }');
    const sums = new Map<string, number>();
    for (const { item, onHand } of levels) {
      // Thousandths, the finest that any item of the sample is counted in.
      const units = Math.round(Number(onHand) * 1000);
      sums.set(item.sku, (sums.get(item.sku) ?? 0) + units);
    }
    const real = levels.filter(({ location }) => ['STORAGE', 'TRANSIT'].includes(location.kind));

    expect([...sums].filter(([, sum]) => sum !== 0)).toEqual([]);
    expect(real.filter(({ onHand }) => Number(onHand) < 0)).toEqual([]);
  });

  test('its movements are of many kinds, in the past, and in order', async () => {
    const movements = await everyRow(server, 'movements', 'kind occurredAt');
    const times = movements.map(({ occurredAt }) => String(occurredAt));

    expect(new Set(movements.map(({ kind }) => kind))).toEqual(
      new Set(['RECEIPT', 'ISSUE', 'TRANSFER', 'REVERSAL']),
    );
    expect(times).toEqual(times.toSorted());
    expect(times[0]).toBe('2026-01-05T08:40:00.000Z');
    expect(times.at(-1)).toBe('2026-03-01T19:00:00.000Z');
  });

  test('categories are three deep, and quantities have decimals', async () => {
    const { item } = await server.run(`{
      item(by: { sku: "housing-brake-5" }) {
        unit decimals onHand
        category { name parent { name parent { name parent { name } } } }
      }
    }`);
    expect(item).toEqual({
      unit: 'm',
      decimals: 2,
      onHand: '57.5',
      category: {
        name: 'Housing',
        parent: { name: 'Cables', parent: { name: 'Components', parent: null } },
      },
    });
  });

  test('a second time it refuses, and changes nothing', async () => {
    const before = await everything(server);

    await expect(fillWithDemo(server.orm.em, server.owner, NOW)).rejects.toThrow(
      'The database is not empty, and was left as it is: it has items (59), categories (52), tags (32), locations of its own (36).',
    );

    expect(await everything(server)).toEqual(before);
  });
});

describe.each(DATABASES)('the demo on %s, in a database that is in use', (database) => {
  let server: TestServer;
  let putBack: () => Promise<void>;

  beforeAll(async () => {
    server = await startServer(database);
    putBack = await keepRows(server);
  });

  afterEach(() => putBack());

  afterAll(() => server.stop());

  const ROWS: [what: string, add: (server: TestServer) => Promise<string>][] = [
    ['items (1)', (server) => createItem(server, 'MINE')],
    ['categories (1)', (server) => createCategory(server, 'Mine')],
    ['tags (1)', (server) => createTag(server, 'mine')],
    ['locations of its own (1)', (server) => createLocation(server, 'MINE')],
    ['locations of its own (1)', (server) => createLocation(server, 'ME', { kind: 'SUPPLIER' })],
  ];

  test.each(ROWS)('refuses for %s, and writes nothing', async (what, add) => {
    await add(server);
    const before = await everything(server);

    await expect(fillWithDemo(server.orm.em, server.owner, NOW)).rejects.toThrow(what);

    expect(await everything(server)).toEqual(before);
  });

  test('a failure in its last step leaves nothing of it behind', async () => {
    const before = await everything(server);
    const never = new Date(Number.NaN);

    await expect(fillWithDemo(server.orm.em, server.owner, never)).rejects.toThrow();

    expect(await everything(server)).toEqual(before);
  });

  test('two at once: one fills it, the other is told that it is not empty', async () => {
    const fill = () => fillWithDemo(server.orm.em.fork(), server.owner, NOW);
    const results = await Promise.allSettled([fill(), fill()]);
    const refused = results.filter((result) => result.status === 'rejected');

    expect(refused.map(({ reason }) => reason.name)).toEqual(['CommandError']);
    expect((await server.run('{ items { totalCount } }')).items.totalCount).toBe(59);
  });
});

describe('quartermaster demo', () => {
  test('fills a new SQLite file, prints the key and what to do next, and exits 0', async () => {
    const { url } = await createDatabase('sqlite', { migrated: false });

    const first = await quartermaster(['demo'], { DATABASE_URL: url, LOG_LEVEL: 'warn' });

    expect(first).toMatchObject({ code: 0, signal: null, stderr: '' });
    const key = /qm_[A-Za-z0-9]{43}/.exec(first.stdout)?.[0];
    expect(first.stdout).toContain(
      'a bicycle workshop now: 59 items, 52 categories, 32 tags, 36 locations, 84 movements, 28 reservations, 27 members.',
    );
    expect(first.stdout).toContain('npm start');
    expect(first.stdout).toContain(`http://127.0.0.1:4000/graphql?key=${key}`);

    const second = await runCommand(['demo'], { DATABASE_URL: url, LOG_LEVEL: 'warn' });

    expect(second).toMatchObject({ code: 1, stdout: '' });
    expect(second.stderr).toMatch(
      /^quartermaster: The database is not empty, .*DATABASE_URL=.*\n$/,
    );
  });

  test('does not repeat a key that the settings gave', async () => {
    const { url } = await createDatabase('sqlite');
    const key = `qm_${'k'.repeat(43)}`;

    const { code, stdout } = await runCommand(['demo'], {
      DATABASE_URL: url,
      QUARTERMASTER_API_KEY: key,
    });

    expect(code).toBe(0);
    expect(stdout).not.toContain(key);
    expect(stdout).toContain("with the owner's key:\n  http://127.0.0.1:4000/graphql\n");
  });

  test('on PostgreSQL it migrates only when told to', async () => {
    const database = await createDatabase('postgresql', { migrated: false });
    try {
      const refused = await runCommand(['demo'], { DATABASE_URL: database.url });
      expect(refused).toMatchObject({ code: 1, stdout: '' });
      expect(refused.stderr).toContain('migration:up');

      const done = await runCommand(['demo', '--migrate'], { DATABASE_URL: database.url });
      expect(done).toMatchObject({ code: 0 });
    } finally {
      await database.drop();
    }
  });

  test('explains itself, and exits 2 when called wrongly', async () => {
    const help = await runCommand(['demo', '--help']);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toContain('DATABASE_URL=sqlite:demo.db npx quartermaster demo');
    expect(await runCommand(['demo', '--rows', '9'])).toMatchObject({ code: 2, stdout: '' });
  });
});

/** The root list of a type's rows. */
function listOf(type: string): string {
  const list = rootLists(schema).find((field) => rowType(field).name === type);
  if (!list) throw new Error(`No list of ${type}`);
  return list.name;
}

/** Every edge from a row that has a list, to many rows or to one. Lots come with tracking. */
function edges(kind: 'many' | 'one'): [type: string, edge: string][] {
  return rootLists(schema)
    .map(rowType)
    .flatMap((type) =>
      fieldsOf(type)
        .filter((field) => (kind === 'many' ? isConnection(field) : isToOne(field)))
        .filter(({ name }) => name !== 'lot')
        .map((field): [string, string] => [type.name, field.name]),
    );
}

function isToOne({ type }: AnyField): boolean {
  const named = getNamedType(type);
  return isObjectType(named) && named.getInterfaces().some(({ name }) => name === 'Node');
}

/** Every row of a root list, page by page. */
// biome-ignore lint/suspicious/noExplicitAny: tests read whatever they asked for
async function everyRow(server: TestServer, list: string, fields: string): Promise<any[]> {
  const rows = [];
  let after: string | null = null;
  do {
    const { [list]: page } = await server.run(
      `query ($after: String) {
        ${list}(first: 100, after: $after) { nodes { ${fields} } pageInfo { hasNextPage endCursor } }
      }`,
      { after },
    );
    rows.push(...page.nodes);
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after !== null);
  return rows;
}

/** Every row of every list, by id. */
async function everything(server: TestServer): Promise<Record<string, unknown>> {
  const entries = rootLists(schema).map(async ({ name }) => [
    name,
    await everyRow(server, name, 'id'),
  ]);
  return Object.fromEntries(await Promise.all(entries));
}
