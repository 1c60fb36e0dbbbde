import { createYoga, useReadinessCheck, type YogaServerInstance } from 'graphql-yoga';
import type { Logger } from 'pino';
import { type Authenticated, useAuthentication } from './access/authentication.ts';
import type { RecentViewers } from './access/recent-viewers.ts';
import type { Viewer } from './access/viewer.ts';
import type { Context } from './context.ts';
import type { Orm } from './database/entity-manager.ts';
import { Trace } from './database/trace.ts';
import { maskError, useErrorCodes } from './graphql/faults.ts';
import { graphiqlPage } from './graphql/graphiql.ts';
import { Loaders } from './graphql/loading.ts';
import { usePlans } from './graphql/plan/execute.ts';
import { schema } from './graphql/schema.ts';
import { useSnapshot } from './graphql/snapshot.ts';
import { TRACE_HEADER, TRACE_VALUE, useTraceExtension } from './graphql/trace-extension.ts';
import { useUnitOfWork } from './graphql/unit-of-work.ts';
import { useLimits } from './graphql/use-limits.ts';

export const GRAPHQL_PATH = '/graphql';

/** The largest body of a request, in bytes. */
export const MAX_BODY = 1_000_000;

/** The whole server but for its socket: a handler for Node's http server, with `fetch` for tests. */
export type App = YogaServerInstance<object, Context>;

/** What a server is made with, besides its database and its log. */
interface AppOptions {
  /** Knows who asks. */
  readonly viewers: RecentViewers;
}

/** Makes the server for a database whose migrations were applied. */
export function createApp(orm: Orm, log: Logger, { viewers }: AppOptions): App {
  const mask = maskError(log);
  return createYoga<object, Context>({
    schema,
    graphqlEndpoint: GRAPHQL_PATH,
    healthCheckEndpoint: '/healthz',
    landingPage: false,
    batching: false,
    multipart: false,
    cors: false,
    logging: false,
    maxRequestBodySize: MAX_BODY,
    maskedErrors: { maskError: mask },
    graphiql: false,
    // Whoever gets here was authenticated: `useAuthentication` left the viewer in the context.
    context: (context) => {
      const { request, viewer } = context as typeof context & Authenticated;
      return requestContext(orm, viewer, request.headers.get(TRACE_HEADER) === TRACE_VALUE);
    },
    plugins: [
      useReadinessCheck({ endpoint: '/readyz', check: () => isReady(orm) }),
      useAuthentication(viewers, { endpoint: GRAPHQL_PATH, page: graphiqlPage, mask }),
      useLimits(),
      useUnitOfWork(),
      useSnapshot(),
      usePlans(),
      useTraceExtension(),
      useErrorCodes(),
    ],
  });
}

/** What one request of a viewer shares; its statements are kept for it if it asked to see them. */
export function requestContext(orm: Orm, viewer: Viewer, asked: boolean): Context {
  const trace = new Trace(asked && viewer.permissions.includes('INSPECT'));
  const em = orm.em.fork({ loggerContext: { trace } });
  return { em, viewer, trace, loaders: new Loaders(em, viewer.organizationId) };
}

/** Whether the database answers and has every migration. */
async function isReady(orm: Orm): Promise<boolean> {
  try {
    return (await orm.migrator.getPending()).length === 0;
  } catch {
    // Whatever keeps the database from answering, the answer is the same: not ready.
    return false;
  }
}
