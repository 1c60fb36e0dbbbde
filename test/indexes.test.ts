import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DATABASES, type DatabaseName } from './support/databases.ts';
import { startServer, type TestServer } from './support/server.ts';

/** Foreign keys, and the first columns of indexes, as `table.column`: what each database says of itself. */
const CATALOGUE: Record<DatabaseName, { keys: string; indexes: string }> = {
  postgresql: {
    keys: `select c.conrelid::regclass || '.' || a.attname as name from pg_constraint c
      join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
      where c.contype = 'f'`,
    indexes: `select i.indrelid::regclass || '.' || a.attname as name from pg_index i
      join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]`,
  },
  sqlite: {
    keys: `select m.name || '.' || k."from" as name
      from sqlite_master m join pragma_foreign_key_list(m.name) k where m.type = 'table'`,
    indexes: `select m.name || '.' || c.name as name
      from sqlite_master m join pragma_index_list(m.name) i join pragma_index_info(i.name) c
      where m.type = 'table' and c.seqno = 0`,
  },
};

describe.each(DATABASES)('indexes on %s', (database) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer(database);
  });

  afterAll(() => server.stop());

  const names = async (sql: string): Promise<string[]> => {
    const connection = server.orm.em.fork().getConnection();
    const rows = await connection.execute<{ name: string }[]>(sql);
    return rows.map(({ name }) => name);
  };

  test('an index begins with every foreign key', async () => {
    const keys = await names(CATALOGUE[database].keys);
    const indexed = new Set(await names(CATALOGUE[database].indexes));

    expect(keys.length).toBeGreaterThan(25);
    expect(keys.filter((key) => !indexed.has(key))).toEqual([]);
  });
});
