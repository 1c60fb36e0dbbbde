import type { LogContext, Logger, LoggerNamespace } from '@mikro-orm/core';
import type { Logger as Pino } from 'pino';
import type { EntityManager } from './entity-manager.ts';
import { type Asked, type TracedStatement, traceOf } from './trace.ts';

/** What of the statements is to be in the log. */
interface Logged {
  /** Every one of them. */
  readonly echo: boolean;
  /** Those that took so many milliseconds or longer; null for none. */
  readonly slowMs: number | null;
}

/**
 * Where every SQL statement passes by, the ORM's and the statement runner's: it goes to the trace of
 * its request and, when wanted, to the log. Parameters are never logged: they are the caller's data.
 */
export class SqlLog implements Logger {
  readonly #log: Pino;
  readonly #logged: Logged;

  constructor(log: Pino, logged: Logged) {
    this.#log = log;
    this.#logged = logged;
  }

  /** Counts a statement to the request whose context it carries. */
  recordStatement(context: object, statement: TracedStatement): void {
    const trace = traceOf(context);
    trace?.record(statement);
    const { echo, slowMs } = this.#logged;
    if (echo) this.#log.info(textOf(statement), 'sql');
    if (slowMs !== null && statement.ms >= slowMs) this.#logSlow(trace?.requests ?? [], statement);
  }

  /** What several requests share is told of the first, with how many they are. */
  #logSlow([first, ...others]: readonly Asked[], statement: TracedStatement): void {
    const shared = others.length > 0 ? { requests: others.length + 1 } : {};
    this.#log.warn({ ...first, ...shared, ...textOf(statement) }, 'slow statement');
  }

  logQuery(context: LogContext): void {
    const { query = '', took, results, affected, level } = context;
    // Transaction control has no time of its own, and belongs to no count.
    if (took === undefined) return;
    const rows = results ?? affected ?? 0;
    const failed = level === 'error';
    this.recordStatement(context, { sql: query, ms: took, rows, batch: null, failed });
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

const textOf = ({ sql, ms, rows, batch }: TracedStatement) => ({
  ...{ sql, ms: Math.round(ms * 1000) / 1000, rows, batch },
});

/** Counts a statement of the statement runner. The `mikro-orm` command has a log of its own, and counts none. */
export function recordStatement(em: EntityManager, statement: TracedStatement): void {
  const log = em.config.getLogger();
  if (log instanceof SqlLog) log.recordStatement(em.getLoggerContext(), statement);
}
