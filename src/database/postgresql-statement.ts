import { CompiledQuery } from 'kysely';
import { cancellationOf } from './cancellation.ts';
import type { EntityManager } from './entity-manager.ts';
import type { LedgerPostgreSqlDriver } from './postgresql-driver.ts';
import { type Pool, queryCancellably } from './postgresql-query.ts';
import { postgresqlTypes } from './postgresql-types.ts';
import type { Parameter, Prepared } from './prepared.ts';
import { JsonRows, type Value } from './statement-values.ts';

const withoutQuery = CompiledQuery.raw('');

/** Runs a statement in the transaction of an EntityManager, or on a connection of the pool. */
export async function runOnPostgresql(
  em: EntityManager,
  prepared: Prepared,
  values: readonly Value[],
) {
  const { preparedStatements } = em.getDriver() as LedgerPostgreSqlDriver;
  const { text, name, parameters: placed } = prepared;
  const isKept = preparedStatements && name !== null;
  const query = { text, types: postgresqlTypes, ...(isKept && { name }) };
  const parameters = placed ? placed.map(postgresqlParameter(values)) : values.map(postgresqlValue);
  const transaction = em.getTransactionContext();
  if (!transaction) {
    const pool = (await em.getConnection('read').getNativeClient()) as Pool;
    const cancellation = cancellationOf(em);
    const asked = { ...query, values: parameters };
    return (await (cancellation ? queryCancellably(pool, asked, cancellation) : pool.query(asked)))
      .rows;
  }
  // kysely hands `sql` to the client as it is, and the client takes a named query there.
  const result = await transaction.executeQuery({
    ...withoutQuery,
    sql: query as unknown as string,
    parameters,
  });
  return result.rows as Record<string, unknown>[];
}

const postgresqlParameter =
  (values: readonly Value[]) =>
  ({ index, field }: Parameter): unknown => {
    const value = values[index] ?? null;
    if (field === undefined || !(value instanceof JsonRows)) return postgresqlValue(value);
    const column = value.rows.map((row) => (row as Readonly<Record<string, unknown>>)[field]);
    return column.every(isPlain) ? arrayOfPlain(column) : column.map(postgresqlElement);
  };

/** Whether a value says itself in an array of PostgreSQL, without quotes. */
const isPlain = (value: unknown): boolean =>
  value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean';

/** Ten times as fast as the driver, which looks at each value as if it could be anything. */
const arrayOfPlain = (values: readonly unknown[]): string =>
  `{${values.map((value) => value ?? 'NULL').join()}}`;

/** An element of an array that the driver puts into quotes; an object is of a field of JSON. */
function postgresqlElement(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return value ?? null;
}

function postgresqlValue(value: Value): unknown {
  if (value instanceof Date) return value.toISOString();
  if (value instanceof JsonRows) return JSON.stringify(value.rows);
  return value;
}
