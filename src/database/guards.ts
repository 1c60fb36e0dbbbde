import {
  appendOnlyTables,
  POSTGRESQL_FUNCTION,
  postgresqlTriggerName,
  sqliteTriggerBodies,
} from './append-only.ts';
import { type Dialect, dialectOf } from './dialect.ts';
import type { EntityManager } from './entity-manager.ts';
import { Statement } from './statement.ts';
import { JsonRows } from './statement-values.ts';

/** A trigger that keeps a table append-only. */
export interface Guard {
  readonly table: string;
  readonly trigger: string;
  /** What it does, on SQLite; PostgreSQL tells it in its catalogue. */
  readonly body: string;
}

const FIELDS = { table: 'text', trigger: 'text', body: 'text' } as const;

/** Before update (16), delete (8) or truncate (32), once for the statement: `pg_trigger.tgtype`. */
const BEFORE_EACH_CHANGE = 2 + 16 + 8 + 32;

const present: Record<Dialect['name'], string> = {
  sqlite: `select 1 from sqlite_master m where m.type = 'trigger' and m.tbl_name = g."table"
    and m.name = g."trigger" and lower(m.sql) = lower('create trigger ' || g."trigger" || ' ' || g.body)`,
  postgresql: `select 1 from pg_trigger t join pg_proc p on p.oid = t.tgfoid
    where t.tgrelid = to_regclass(g."table") and t.tgname = g."trigger"
      and t.tgenabled in ('O', 'A') and t.tgtype = ${BEFORE_EACH_CHANGE}
      and p.proname = '${POSTGRESQL_FUNCTION}'`,
};

/** The guards of those in `$1` that the database lacks, or has switched off, or has otherwise. */
export const MISSING_GUARDS = new Statement<Guard>(
  (dialect) => `select g."table", g."trigger" from ${dialect.jsonRows('$1', FIELDS)} g
    where not exists (${present[dialect.name]}) order by g."table", g."trigger"`,
);

/** Every guard that a database with these entities must have, for `MISSING_GUARDS`. */
export function requiredGuards(em: EntityManager): JsonRows {
  const tables = appendOnlyTables(em.getMetadata().getAll().values());
  const sqlite = dialectOf(em).name === 'sqlite';
  const guards = tables.flatMap((table): Guard[] =>
    sqlite
      ? [...sqliteTriggerBodies(table)].map(([trigger, body]) => ({ table, trigger, body }))
      : [{ table, trigger: postgresqlTriggerName(table), body: '' }],
  );
  return new JsonRows(guards);
}
