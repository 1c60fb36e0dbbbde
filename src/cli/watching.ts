import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import type { Orm } from '../database/entity-manager.ts';
import { requestLog } from '../http/request-log.ts';
import type { Observer } from '../http/request-watch.ts';
import { headSeqs } from '../journal/journal-heads.ts';
import { newestLineId } from '../stock/newest-line.ts';
import type { Metrics } from '../watch/metrics.ts';
import { readingOf } from '../watch/reading.ts';
import { hostOf, listen } from './listen.ts';

/** What watches a server: nothing of it is loaded unless it is wanted. */
export interface Watching {
  readonly observers: readonly Observer[];
  /** Whether the log wants to know of a statement which request it is for. */
  readonly notes: boolean;
  readonly metricsUrl: string | null;
  /** Tells what is left to tell. */
  stop(): Promise<void>;
}

interface Watched {
  readonly orm: Orm;
  readonly log: Logger;
  readonly metrics: Metrics | null;
}

/** The metrics of a process; null when nobody asks for them. */
export async function metricsFor(config: Pick<Config, 'metrics'>): Promise<Metrics | null> {
  if (!config.metrics) return null;
  const { Metrics } = await import('../watch/metrics.ts');
  return new Metrics();
}

/** Starts what the settings have watch a server. */
export async function startWatching(
  config: Pick<Config, 'logRequests' | 'logSlowMs' | 'metrics' | 'tracing' | 'database'>,
  { orm, log, metrics }: Watched,
): Promise<Watching> {
  const tracing = config.tracing && (await startTracing(config, log));
  const server = metrics && config.metrics && (await serveMetrics(metrics, config.metrics, orm));
  const logged = config.logRequests ? requestLog(log) : null;
  return {
    observers: [logged, metrics, tracing].filter((each) => each !== null),
    notes: config.logSlowMs !== null,
    metricsUrl: server && `http://${hostOf(server)}/metrics`,
    stop: async () => {
      server?.close();
      server?.closeAllConnections();
      await tracing?.stop();
    },
  };
}

async function serveMetrics(metrics: Metrics, at: NonNullable<Config['metrics']>, orm: Orm) {
  const { metricsServer } = await import('../watch/metrics-server.ts');
  const read = () =>
    readingOf(orm, async (em) => ({
      seqs: await headSeqs(em),
      newestLine: await newestLineId(em),
    }));
  const server = metricsServer(metrics, read);
  await listen(server, at, 'METRICS_PORT');
  return server;
}

async function startTracing(
  { tracing, database }: Pick<Config, 'tracing' | 'database'>,
  log: Logger,
) {
  if (!tracing) return null;
  const { Tracing } = await import('../watch/tracing.ts');
  return new Tracing(tracing, { dialect: database.dialect, log });
}
