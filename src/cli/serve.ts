import { Command } from 'commander';
import { startRecordingUses } from '../access/key-uses.ts';
import { viewersOf } from '../access/viewers.ts';
import { createApp, GRAPHQL_PATH } from '../app.ts';
import { type Config, readConfig } from '../config.ts';
import { checkBinding } from '../http/binding.ts';
import { atEdge } from '../http/edge.ts';
import { gateLimits } from '../http/gate.ts';
import { RateLimiter } from '../http/rate-limit.ts';
import { watched } from '../http/request-watch.ts';
import { httpServer } from '../http/server.ts';
import { Stopping } from '../http/stopping.ts';
import { listenerFor } from '../plain-requests.ts';
import { startSweeper } from '../stock/sweeper.ts';
import { openDatabase, type Session } from './database.ts';
import { ensureOrganization } from './first-start.ts';
import { keepHeapSmall } from './heap.ts';
import { onSignal } from './interruption.ts';
import { hostOf, listen } from './listen.ts';
import { metricsFor, startWatching, type Watching } from './watching.ts';

/** How long, in milliseconds, PostgreSQL may take for what a client waits for. */
const TIME_LIMITS = { connection: 2000, statement: 5000, lock: 2000, idle: 10_000 };

/** `quartermaster serve` */
export function serveCommand(): Command {
  return new Command('serve')
    .description('Starts the server. On SQLite the file is made and migrated as needed.')
    .option('--migrate', 'apply pending migrations on PostgreSQL too', false)
    .addHelpText('after', ENVIRONMENT)
    .action(({ migrate }: { migrate: boolean }) => serve(readConfig(), migrate));
}

async function serve(config: Config, migrate: boolean): Promise<void> {
  checkBinding(config);
  keepHeapSmall('requests');
  // From now on: a signal that comes while the server starts is not lost.
  const { promise: stop, resolve } = Promise.withResolvers<void>();
  const forget = onSignal(() => resolve());
  try {
    await serveUntil(stop, config, migrate);
  } finally {
    forget();
  }
}

async function serveUntil(stop: Promise<void>, config: Config, migrate: boolean): Promise<void> {
  const metrics = await metricsFor(config);
  const limits = { timeLimits: TIME_LIMITS, poolWatch: metrics };
  const { log, orm } = await openDatabase(config, { migrate, ...limits });
  try {
    const { newKey } = await ensureOrganization(orm.em, config);
    const watching = await startWatching(config, { orm, log, metrics });
    const session = { config, orm, log };
    await answerUntil(stop, session, watching, newKey).finally(() => watching.stop());
  } finally {
    await orm.close();
  }
}

/** Answers requests until it is to stop, and then those that came before. */
async function answerUntil(
  stop: Promise<void>,
  { config, orm, log }: Session,
  watching: Watching,
  newKey: string | null,
): Promise<void> {
  const viewers = viewersOf(orm, config.identityProvider);
  const limiter = config.rateLimit && new RateLimiter(config.rateLimit);
  const app = createApp(orm, log, { ...config, viewers, limiter });
  const gate = gateLimits(config.poolSize);
  const listener = atEdge(listenerFor(orm, app, log, { viewers, limiter, gate }), config);
  const stopping = new Stopping();
  const server = httpServer(stopping.watch(watched(listener, watching)));
  await listen(server, config, 'PORT');
  const url = `http://${hostOf(server)}${GRAPHQL_PATH}`;
  console.log(banner(url, newKey, config));
  if (watching.metricsUrl) console.log(`Metrics are at ${watching.metricsUrl}`);
  const repeating = [startSweeper(orm, log), startRecordingUses(orm, viewers, log)];
  await stop;
  await stopping.stop(server, config.stopDelayMs);
  for (const each of repeating) await each.stop();
}

function banner(url: string, newKey: string | null, { ownerKey, graphiql }: Config): string {
  if (!newKey) return `Quartermaster listens at ${url}`;
  if (newKey === ownerKey)
    return `Quartermaster listens at ${url}, with the owner's key that the settings gave`;
  return [
    `Quartermaster listens at ${url}`,
    '',
    "  This is the first start. The owner's key, shown this once:",
    `    ${newKey}`,
    ...(graphiql ? ['  GraphiQL, signed in:', `    ${url}?key=${newKey}`] : []),
    '',
  ].join('\n');
}

const ENVIRONMENT = `
Environment:
  DATABASE_URL           postgres://… or sqlite:path (default sqlite:quartermaster.db)
  HOST, PORT             where to listen (default 127.0.0.1 and 4000)
  QUARTERMASTER_API_KEY  the owner's key to use at the first start
  LOG_LEVEL, LOG_SQL     how much to log (default info), and 1 to log every SQL statement
  LOG_REQUESTS           1 to log a line for each request
  LOG_SLOW_MS            milliseconds from which on a statement is logged as slow (default 0: none)
  METRICS_PORT           where Prometheus finds /metrics (default: nowhere), without a key,
  METRICS_HOST           at this address (default 127.0.0.1)
  OTEL_EXPORTER_OTLP_ENDPOINT  a collector that takes traces, such as http://localhost:4318, and the
                         other variables of OpenTelemetry that docs/operations.md names
  PREPARED_STATEMENTS    0 for pgbouncer before 1.21 in transaction mode
  POOL_SIZE              connections to PostgreSQL at most (default 6)
  RATE_LIMIT             what the requests of a key may cost in a second (default 500000), 0 for no limit
  RATE_LIMIT_BURST       what they may cost at once (default 5000000)
  STOP_DELAY             seconds to go on after a signal, while /readyz says 503 (default 0)
  JWT_JWKS_URL           where the keys of an identity provider are, to take its tokens too,
  JWT_ISSUER             and what they must say: iss
  JWT_AUDIENCE           and aud
  JWT_SUBJECT_CLAIM      the claim with the subject of a member (default sub)
  JWT_ORGANIZATION_CLAIM the claim with the organization's id, where there are several
  CORS_ORIGINS           origins whose pages may ask, separated by commas (default none)
  GRAPHIQL               0 for no page in the browser, 1 to have it in production too
  NODE_ENV               with production no GraphiQL, and no HOST but loopback without one of:
  BEHIND_TLS             1 when a proxy in front of the server speaks TLS
  ALLOW_PLAIN_HTTP       1 to let keys travel in the clear`;
