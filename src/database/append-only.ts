import type { EntityClass, EntityMetadata } from '@mikro-orm/core';

const appendOnly = new Set<unknown>();

/** Declares that rows of an entity are written once: neither changed nor deleted, by anyone. */
export function declareAppendOnly(entity: EntityClass<object>): void {
  appendOnly.add(entity);
}

/** Tables whose rows are written once. */
export function appendOnlyTables(entities: Iterable<EntityMetadata>): string[] {
  return [...entities]
    .filter((meta) => appendOnly.has(meta.class))
    .map((meta) => meta.tableName)
    .sort();
}

/** The triggers that a table must have on a SQLite database, by name, each with what it does. */
export function sqliteTriggerBodies(table: string): Map<string, string> {
  const bodies = (['update', 'delete'] as const).map((event) => {
    const refuse = `begin select raise(abort, '${table} is append-only'); end`;
    return [`${table}_no_${event}`, `before ${event} on ${table} ${refuse}`] as const;
  });
  return new Map(bodies);
}

/** SQL that gives a SQLite table its triggers, whether it has them already or not. */
export function sqliteTriggers(table: string): string[] {
  return [...sqliteTriggerBodies(table)].flatMap(([name, body]) => [
    `drop trigger if exists ${name}`,
    `create trigger ${name} ${body}`,
  ]);
}

/** Name of the function that refuses the change on PostgreSQL. */
export const POSTGRESQL_FUNCTION = 'refuse_change';

/** SQL for the function that the triggers of every PostgreSQL table share. */
export const POSTGRESQL_REFUSAL = `create or replace function ${POSTGRESQL_FUNCTION}() returns trigger language plpgsql as $$
begin raise exception '% is append-only', tg_table_name using errcode = 'check_violation'; end $$`;

/** Name of the trigger that a table must have on a PostgreSQL database. */
export const postgresqlTriggerName = (table: string): string => `${table}_append_only`;

/** SQL that gives a PostgreSQL table its trigger, whether it has it already or not. */
export function postgresqlTrigger(table: string): string {
  return (
    `create or replace trigger ${postgresqlTriggerName(table)} ` +
    `before update or delete or truncate on ${table} for each statement execute function ${POSTGRESQL_FUNCTION}()`
  );
}
