import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type AuditResult, serverAudits } from 'graphql-http';
import type { RecentViewers } from '../src/access/recent-viewers.ts';
import { createApp, GRAPHQL_PATH } from '../src/app.ts';
import { readConfig } from '../src/config.ts';
import { atEdge } from '../src/http/edge.ts';
import { PREFLIGHT_HEADER } from '../src/http/form.ts';
import { gateLimits } from '../src/http/gate.ts';
import { type RateLimit, RateLimiter } from '../src/http/rate-limit.ts';
import { listenerFor } from '../src/plain-requests.ts';
import { DATABASES, silent } from './support/databases.ts';
import { startServer, type TestServer } from './support/server.ts';

/** What each of them asks is in the specification "GraphQL over HTTP": 13 MUST, 23 SHOULD, 25 MAY. */
const AUDITS = 61;

/** How a server bears its load. */
const bearing = (viewers: RecentViewers, limiter: RateLimiter | null = null) => ({
  ...{ viewers, limiter, gate: gateLimits(16) },
});

/** Who answers: `serve` has plain requests answered before they get to the app. */
const LISTENERS: [who: string, listener: (server: TestServer) => RequestListener][] = [
  [
    'what serve listens with',
    ({ orm, app, viewers }) =>
      atEdge(listenerFor(orm, app, silent, bearing(viewers)), readConfig({})),
  ],
  [
    'what serve listens with in production',
    ({ orm, viewers }) => {
      const config = readConfig({
        NODE_ENV: 'production',
        BEHIND_TLS: '1',
        HOST: '0.0.0.0',
        CORS_ORIGINS: 'https://shop.example',
      });
      const options = bearing(viewers, new RateLimiter(config.rateLimit as RateLimit));
      const app = createApp(orm, silent, { ...config, ...options });
      return atEdge(listenerFor(orm, app, silent, options), config);
    },
  ],
  ['the app alone', ({ app }) => app],
];

describe.each(DATABASES)('GraphQL over HTTP on %s', (database) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer(database);
  });

  afterAll(() => server.stop());

  test.each(LISTENERS)('%s passes every audit', async (_who, listener) => {
    const http = createServer(listener(server));
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    try {
      const audits = serverAudits({ url: urlOf(http), fetchFn: fetchWith(server.key) });
      const results = await Promise.all(audits.map(({ fn }) => fn()));

      expect(results.filter(({ status }) => status !== 'ok').map(verdict)).toEqual([]);
      expect(new Set(results.map(({ id }) => id)).size).toBe(AUDITS);
    } finally {
      http.closeAllConnections();
      http.close();
    }
  });
});

const urlOf = (http: Server): string =>
  `http://127.0.0.1:${(http.address() as AddressInfo).port}${GRAPHQL_PATH}`;

/**
 * Asks as somebody with a key, without which every answer is the same 401, and with the header without
 * which no query is answered by GET: three of the audits send one so.
 */
const fetchWith =
  (key: string) =>
  (url: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers);
    headers.set('authorization', `Bearer ${key}`);
    headers.set(PREFLIGHT_HEADER, '1');
    return fetch(url, { ...init, headers });
  };

const verdict = (result: AuditResult): string =>
  `${result.id} ${result.name}: ${result.status === 'ok' ? 'ok' : result.reason}`;
