import { createHash } from 'node:crypto';
import { cancellationOf } from './cancellation.ts';
import { type Dialect, dialectOf, forManyRows } from './dialect.ts';
import type { EntityManager } from './entity-manager.ts';
import { runOnPostgresql } from './postgresql-statement.ts';
import type { Parameter, Prepared } from './prepared.ts';
import type { Decode } from './rows.ts';
import { recordStatement } from './sql-log.ts';
import { runOnSqlite } from './sqlite-statement.ts';
import { isMany, type Value } from './statement-values.ts';

/**
 * SQL with constant text, so that it is prepared once. `$1` is always the organization: `run` puts it
 * there, and a statement that does not use it is refused.
 */
export class Statement<R> {
  readonly #build: (dialect: Dialect) => string;
  readonly #decode: Decode | undefined;
  readonly #unpack: Decode | undefined;
  readonly #prepared = new Map<Dialect, Prepared>();
  #isKept = true;
  declare readonly row: R;

  /**
   * @param decode makes of SQLite's rows what `Row` promises.
   * @param unpack likewise, of what the rows of PostgreSQL hold that is nested in them.
   */
  constructor(build: (dialect: Dialect) => string, decode?: Decode, unpack?: Decode) {
    this.#build = build;
    this.#decode = decode;
    this.#unpack = unpack;
  }

  /** What is to be done to rows as a database gives them. */
  decoder({ name }: Dialect): Decode | undefined {
    return name === 'sqlite' ? this.#decode : this.#unpack;
  }

  /** Has databases forget the statement after each run. */
  unkept(): this {
    this.#isKept = false;
    return this;
  }

  for(dialect: Dialect): Prepared {
    let prepared = this.#prepared.get(dialect);
    if (!prepared) {
      const text = this.#build(dialect).replace(/\s+/g, ' ').trim();
      if (!/\$1\b/.test(text)) throw new Error(`A statement without its organization: ${text}`);
      prepared = prepare(text, this.#isKept);
      this.#prepared.set(dialect, prepared);
    }
    return prepared;
  }
}

/** Numbers the placeholders anew where some are fields of rows, such as `$2{sku}`. */
function prepare(written: string, isKept: boolean): Prepared {
  const parameters: Parameter[] = [];
  const numbers = new Map<string, number>();
  const number = (placeholder: string, value: string, field?: string): string => {
    if (!numbers.has(placeholder)) {
      const index = Number(value) - 1;
      numbers.set(placeholder, parameters.push(field === undefined ? { index } : { index, field }));
    }
    return `$${numbers.get(placeholder)}`;
  };
  const hasFields = /\$\d+\{/.test(written);
  const text = hasFields ? written.replace(/\$(\d+)(?:\{(\w+)\})?/g, number) : written;
  const name = isKept ? `qm_${createHash('sha1').update(text).digest('hex').slice(0, 24)}` : null;
  return { text, name, parameters: hasFields ? parameters : null };
}

interface RunOptions {
  /** How many keys of a loader the statement serves. */
  readonly batch?: number;
}

/**
 * Runs one statement of one organization on the connection of an EntityManager: in its transaction
 * if it has one, else on a reading connection. Counts, times, logs and traces it.
 * @returns the rows as new plain objects.
 * @throws the ORM's exceptions (`UniqueConstraintViolationException`, `DeadlockException`, …), and the
 *   reason why the request's work is to end, if it is.
 */
export function run<R>(
  em: EntityManager,
  organizationId: number,
  statement: Statement<R>,
  values: readonly Value[] = [],
  options: RunOptions = {},
): Promise<R[]> {
  return runAcrossOrganizations(em, statement, [organizationId, ...values], options);
}

/**
 * Runs a statement whose `$1` is not the organization: before it is known who asks, there is none.
 * Everything else about it is as `run` says.
 */
export async function runAcrossOrganizations<R>(
  em: EntityManager,
  statement: Statement<R>,
  values: readonly Value[],
  options: RunOptions = {},
): Promise<R[]> {
  cancellationOf(em)?.throwIfCancelled();
  const dialect = dialectOf(em);
  const prepared = statement.for(values.some(isMany) ? forManyRows(dialect) : dialect);
  const started = performance.now();
  let rows: Record<string, unknown>[] = [];
  let failed = false;
  try {
    const execute = dialect.name === 'sqlite' ? runOnSqlite : runOnPostgresql;
    rows = await execute(em, prepared, values);
    const decode = statement.decoder(dialect);
    if (decode) rows.forEach(decode);
    return rows as R[];
  } catch (error) {
    failed = true;
    throw em
      .getPlatform()
      .getExceptionConverter()
      .convertException(error as Error);
  } finally {
    const ms = performance.now() - started;
    const { text: sql } = prepared;
    const { batch = null } = options;
    recordStatement(em, { sql, ms, rows: rows.length, batch, failed });
  }
}
