import { dialectOf } from './dialect.ts';
import type { EntityManager } from './entity-manager.ts';
import { runAcrossOrganizations, Statement } from './statement.ts';
import type { StoredTable } from './stored-tables.ts';

/** The highest id that a table ever gave to a row, also to one that is gone; 0 for none. */
export async function lastId(em: EntityManager, table: StoredTable): Promise<number> {
  const statement = new Statement<{ last: number }>((dialect) => {
    const given =
      dialect.name === 'sqlite'
        ? '(select seq from sqlite_sequence where name = $1)'
        : `pg_sequence_last_value(pg_get_serial_sequence($1, 'id')::regclass)`;
    const present = `(select max(id) from "${table.name}")`;
    return `select ${dialect.greatest(`coalesce(${given}, 0)`, `coalesce(${present}, 0)`)} as "last"`;
  });
  const [found] = await runAcrossOrganizations(em, statement, [table.name]);
  return found?.last ?? 0;
}

/** Has a table go on behind an id with the next row that it gives one to. */
export async function continueIdsAfter(
  em: EntityManager,
  table: StoredTable,
  last: number,
): Promise<void> {
  const statements = dialectOf(em).name === 'sqlite' ? ON_SQLITE : ON_POSTGRESQL;
  for (const statement of statements) {
    await runAcrossOrganizations(em, statement, [table.name, last]);
  }
}

const ON_SQLITE = [
  new Statement<unknown>(() => 'delete from sqlite_sequence where name = $1'),
  new Statement<unknown>(
    () => 'insert into sqlite_sequence (name, seq) select $1, $2 where $2 > 0',
  ),
];

const ON_POSTGRESQL = [
  new Statement<unknown>(
    () =>
      `select setval(pg_get_serial_sequence($1, 'id'), greatest($2::bigint, 1), $2::bigint > 0)`,
  ),
];
