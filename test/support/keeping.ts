import type { TestServer } from './server.ts';
import { tamper } from './tampering.ts';

/**
 * Keeps every row that a server's database holds now, and gives what puts them back: cheaper than a
 * database for each test. Ids go on as they would have then; triggers that were dropped stay dropped.
 */
export async function keepRows(server: TestServer): Promise<() => Promise<void>> {
  const sqlite = server.url.startsWith('sqlite:');
  const tables = [...server.orm.getMetadata().getAll().values()].map(({ tableName }) => tableName);
  await tamper(server, [
    sqlite ? "attach ':memory:' as kept" : 'create schema kept',
    ...tables.map((table) => `create table kept.${table} as select * from ${table}`),
  ]);
  const statements = [
    'begin',
    ...tables.map((table) => `delete from ${table}`),
    ...tables.map((table) => `insert into ${table} select * from kept.${table}`),
    ...(sqlite ? ['delete from sqlite_sequence'] : tables.map(restartIds)),
    'commit',
  ];
  return () => tamper(server, statements);
}

const restartIds = (table: string): string =>
  `select setval(pg_get_serial_sequence('${table}', 'id'), (select coalesce(max(id), 0) + 1 from ${table}), false)`;
