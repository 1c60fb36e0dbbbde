import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { metricsFor, startWatching, type Watching } from '../../src/cli/watching.ts';
import { type Config, readConfig } from '../../src/config.ts';
import type { DatabaseConfig } from '../../src/database/orm.ts';
import { atEdge, type EdgeOptions } from '../../src/http/edge.ts';
import { type GateLimits, gateLimits } from '../../src/http/gate.ts';
import type { RateLimit } from '../../src/http/rate-limit.ts';
import { watched } from '../../src/http/request-watch.ts';
import { httpServer, type SendingTimes } from '../../src/http/server.ts';
import { listenerFor } from '../../src/plain-requests.ts';
import type { DatabaseName } from './databases.ts';
import { startServer, type TestServer } from './server.ts';

/** An answer as it came. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever they asked for
  readonly body: any;
}

/** How a test's server may differ from the one that `serve` starts. */
interface EdgeSettings extends Partial<EdgeOptions>, LoadSettings {
  readonly times?: SendingTimes;
}

/** A server on a socket, and the lines that it logs. */
export interface HttpServer {
  readonly server: TestServer;
  readonly port: number;
  readonly watching: Watching;
  /** Everything that was logged so far, one object a line. */
  logged(): Record<string, unknown>[];
  send(path: string, init?: RequestInit): Promise<HttpAnswer>;
  /** Sends an operation as the owner. */
  post(query: string, variables?: object, headers?: Record<string, string>): Promise<HttpAnswer>;
  execute(sql: string): Promise<Record<string, unknown>[]>;
}

/** How a test's server may bear its load. */
interface LoadSettings {
  readonly rateLimit?: RateLimit;
  readonly logRequests?: boolean;
  /** What watches it besides. */
  readonly watch?: Partial<Pick<Config, 'metrics' | 'tracing'>>;
  readonly gate?: GateLimits;
}

const running: { stop(): Promise<void> }[] = [];

/** Starts a server on a new database, at a port of its own. `stopAll` stops it. */
export async function startHttp(
  name: DatabaseName,
  settings: Partial<DatabaseConfig> = {},
  level = 'info',
  { times, rateLimit, logRequests, gate = gateLimits(16), watch, ...edge }: EdgeSettings = {},
): Promise<HttpServer> {
  const lines: string[] = [];
  const stream = new Writable({
    write(line, _encoding, done) {
      lines.push(String(line));
      done();
    },
  });
  const log = pino({ level, base: null }, stream);
  const { logSlowMs = null } = settings;
  const config = { ...readConfig({}), logRequests: logRequests ?? false, logSlowMs, ...watch };
  const metrics = await metricsFor(config);
  const server = await startServer(name, {
    ...{ log, settings: { ...settings, poolWatch: metrics } },
    ...(rateLimit && { rateLimit }),
  });
  const { orm, app, viewers, limiter } = server;
  const listener = listenerFor(orm, app, log, { viewers, limiter, gate });
  const edged = atEdge(listener, { corsOrigins: [], ...edge });
  const { database } = readConfig({ DATABASE_URL: server.url });
  const watching = await startWatching({ ...config, database }, { orm, log, metrics });
  const http = httpServer(watched(edged, watching), times);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  running.push({
    stop: async () => {
      http.closeAllConnections();
      http.close();
      await watching.stop();
      await server.stop();
    },
  });
  const send: HttpServer['send'] = async (path, init) => {
    const response = await fetch(origin + path, init);
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json');
    const { status, headers } = response;
    return { status, headers, text, body: json && text !== '' ? JSON.parse(text) : undefined };
  };
  return {
    server,
    port,
    watching,
    send,
    logged: () => lines.map((line) => JSON.parse(line)),
    post: (query, variables, headers) =>
      send('/graphql', {
        method: 'POST',
        headers: {
          authorization: `Bearer ${server.key}`,
          'content-type': 'application/json',
          ...headers,
        },
        body: JSON.stringify({ query, variables }),
      }),
    execute: (sql) => server.orm.em.fork().getConnection().execute(sql),
  };
}

/** Stops every server that was started here. */
export const stopAll = () => Promise.all(running.splice(0).map((each) => each.stop()));
