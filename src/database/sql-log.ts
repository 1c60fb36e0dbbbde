import type { LogContext, Logger, LoggerNamespace } from '@mikro-orm/core';
import type { Logger as Pino } from 'pino';
import type { EntityManager } from './entity-manager.ts';
import { type TracedStatement, traceOf } from './trace.ts';

/**
 * Where every SQL statement passes by, the ORM's and the statement runner's: it goes to the trace of
 * its request and, when wanted, to the log. Parameters are never logged: they are the caller's data.
 */
export class SqlLog implements Logger {
  readonly #log: Pino;
  readonly #echo: boolean;

  constructor(log: Pino, echo: boolean) {
    this.#log = log;
    this.#echo = echo;
  }

  /** Counts a statement to the request whose context it carries. */
  recordStatement(context: object, statement: TracedStatement): void {
    traceOf(context)?.record(statement);
    if (this.#echo) this.#log.info({ ...statement }, 'sql');
  }

  logQuery(context: LogContext): void {
    const { query = '', took, results, affected } = context;
    // Transaction control has no time of its own, and belongs to no count.
    if (took === undefined) return;
    const rows = results ?? affected ?? 0;
    this.recordStatement(context, { sql: query, ms: took, rows, batch: null });
  }

  log(_namespace: string, message: string): void {
    this.#log.debug(message);
  }

  error(_namespace: string, message: string): void {
    this.#log.error(message);
  }

  warn(_namespace: string, message: string): void {
    this.#log.warn(message);
  }

  setDebugMode(): void {
    // Statements are counted always and echoed by LOG_SQL: there is no mode to set.
  }

  /** What would be put into the statements' texts is not. */
  isEnabled(namespace: LoggerNamespace): boolean {
    return namespace !== 'query-params';
  }
}

/** Counts a statement of the statement runner. The `mikro-orm` command has a log of its own, and counts none. */
export function recordStatement(em: EntityManager, statement: TracedStatement): void {
  const log = em.config.getLogger();
  if (log instanceof SqlLog) log.recordStatement(em.getLoggerContext(), statement);
}
