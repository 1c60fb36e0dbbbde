import { fillWithDemo } from '../../src/cli/fill-with-demo.ts';
import { readConfig } from '../../src/config.ts';
import type { Orm } from '../../src/database/entity-manager.ts';
import { runCommand } from './command.ts';
import { DATABASES, type DatabaseName, openDatabase } from './databases.ts';
import { createCategory, createItem, createLocation, createTag, move } from './factories.ts';
import type { TestServer } from './server.ts';

/** A database by its address, as servers and test databases have it. */
interface Addressed {
  readonly url: string;
}

export type Rows = Record<string, unknown>[];

const other = (name: DatabaseName): DatabaseName => (name === 'sqlite' ? 'postgresql' : 'sqlite');

/** From one database to the other, and back. */
export const DIRECTIONS = DATABASES.map((from) => [from, other(from)] as const);

/** Copies a database into another by the command. */
export const copy = (from: Addressed, to: Addressed) =>
  runCommand(['copy', '--from', from.url, '--to', to.url]);

/** Asks a database past its server, on a connection of its own. */
export async function past<T>(
  { url }: Addressed,
  work: (execute: (sql: string) => Promise<Rows>, orm: Orm) => Promise<T>,
): Promise<T> {
  const orm = await openDatabase(readConfig({ DATABASE_URL: url }).database);
  try {
    return await work((sql) => orm.em.getConnection().execute<Rows>(sql), orm);
  } finally {
    await orm.close();
  }
}

const tablesOf = (orm: Orm): string[] =>
  [...orm.getMetadata().getAll().values()].map(({ tableName }) => tableName).sort();

/** Columns of JSON, which SQLite keeps as text: what it means counts, not the order of its keys. */
const JSON_COLUMNS = ['attributes', 'changes', 'scopes'];

const parsed = (name: string, value: unknown): unknown =>
  JSON_COLUMNS.includes(name) && typeof value === 'string' ? JSON.parse(value) : value;

/** Every row of every table. */
export const contents = (database: Addressed): Promise<Record<string, Rows>> =>
  past(database, async (execute, orm) => {
    const found: Record<string, Rows> = {};
    for (const table of tablesOf(orm)) {
      const rows = await execute(`select * from ${table} order by id`);
      found[table] = rows.map((row) =>
        Object.fromEntries(
          Object.entries(row).map(([name, value]) => [name, parsed(name, value)] as const),
        ),
      );
    }
    return found;
  });

/** How many rows all tables have together. */
export const size = async (database: Addressed): Promise<number> =>
  Object.values(await contents(database)).flat().length;

/** So many locations lie in one that is younger than all of them: more than are read at once. */
const MANY = 2100;

/** Fills a server's database with a bit of everything, and what is hard to take along. */
export async function furnish(server: TestServer): Promise<void> {
  await fillWithDemo(server.orm.em, server.owner, new Date());
  await server.otherOrganization();
  const name = `Ünï "quoted" \\ 🚲 it's`;
  await createItem(server, 'ODD', { name, decimals: 3, barcodes: ['00012345'] });
  await server.run(
    `mutation ($attributes: JSON!) {
      itemUpdate(input: { item: { sku: "ODD" }, attributes: $attributes }) { __typename } }`,
    { attributes: { z: 1, a: { y: [1, 2.5, -1e-7, 1e21, null], x: 'é\n"' }, ä: true, empty: {} } },
  );
  const below = await createCategory(server, 'Below');
  const above = await createCategory(server, 'Above');
  await server.run(
    `mutation ($category: ID!, $parent: ID!) {
      categoryUpdate(input: { category: $category, parent: $parent }) { __typename } }`,
    { category: below, parent: above },
  );
  await countAndMove(server);
  await past(server, async (execute) => {
    await execute(manyLocations(server.owner.organizationId));
    const [root] = await execute(`select max(id) as id from locations`);
    await execute(`update locations set parent_id = ${root?.['id']}
      where code like 'MANY %' and id < ${root?.['id']}`);
  });
  const tag = await createTag(server, 'the last, and gone');
  await server.run(`mutation ($tag: ID!) { tagDelete(input: { tag: $tag }) { __typename } }`, {
    tag,
  });
}

async function countAndMove(server: TestServer): Promise<void> {
  await createLocation(server, 'NEW');
  await move(server, 'stockReceive', {
    ...{ idempotencyKey: 'long ago', to: { code: 'NEW' }, occurredAt: '1969-12-31T23:59:59.001Z' },
    lines: [{ item: { sku: 'ODD' }, quantity: '9000000000000.991' }],
  });
  await move(server, 'stockCount', {
    ...{ idempotencyKey: 'count', location: { code: 'NEW' } },
    lines: [{ item: { sku: 'ODD' }, counted: '1.5' }],
  });
}

const manyLocations = (organization: number): string =>
  `insert into locations (organization_id, code, code_key, name, name_key, kind, created_at, updated_at, version)
    with recursive n(n) as (select 1 union all select n + 1 from n where n < ${MANY})
    select ${organization}, 'MANY ' || n, 'many ' || n, 'Many', 'many', 'STORAGE', l.created_at, l.updated_at, 1
    from n, (select * from locations where code = 'NEW') l order by n`;

/** What clients see of a server, with ids: whatever the copy had lost or changed. */
export const SEEN = `{
  items(first: 100) { totalCount nodes { id sku name unit decimals tracking attributes barcodes
    onHand reserved available createdAt updatedAt version category { id name }
    tags(first: 10) { nodes { id name } } } }
  ODD: items(search: "quoted") { nodes { id } }
  categories(first: 100) { nodes { id name parent { id } } }
  stockLevels(first: 100) { totalCount nodes { id onHand reserved updatedAt lot { id code expiresOn } } }
  movements(first: 100) { totalCount nodes { id seq kind reference note occurredAt recordedAt
    actor { id } reverses { id } counts { counted expected difference } } }
  movementLines(first: 100) { nodes { id quantity fromAfter toAfter from { id } to { id } } }
  reservations(first: 100) { nodes { id reference state expiresAt resolvedAt } }
  journal(after: 0, first: 100) { headSeq entries { seq at action changes actor { id } } }
}`;
