import type { IncomingMessage } from 'node:http';
import { createYoga, useReadinessCheck, type YogaServerInstance } from 'graphql-yoga';
import type { Logger } from 'pino';
import { type Authenticated, useAuthentication } from './access/authentication.ts';
import type { RecentViewers } from './access/recent-viewers.ts';
import type { Viewer } from './access/viewer.ts';
import type { Config } from './config.ts';
import type { Context } from './context.ts';
import type { Cancellation } from './database/cancellation.ts';
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
import { MAX_BODY, useForm } from './http/form.ts';
import { useParameters } from './http/parameters.ts';
import type { RateLimiter } from './http/rate-limit.ts';
import { cancellationFor } from './http/request-time.ts';
import { useCharges } from './http/use-charges.ts';
import { useOutcome } from './http/use-outcome.ts';

export const GRAPHQL_PATH = '/graphql';

/** The whole server but for its socket: a handler for Node's http server, with `fetch` for tests. */
export type App = YogaServerInstance<object, Context>;

/** What a server is made with, besides its database and its log. */
interface AppOptions extends Pick<Config, 'graphiql'> {
  /** Knows who asks. */
  readonly viewers: RecentViewers;
  /** Knows what each key may still use; null where there is no limit. */
  readonly limiter: RateLimiter | null;
}

/** Makes the server for a database whose migrations were applied. */
export function createApp(orm: Orm, log: Logger, { viewers, limiter, graphiql }: AppOptions): App {
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
      const { request, viewer, req } = context as typeof context & Authenticated & Asked;
      const isTraced = request.headers.get(TRACE_HEADER) === TRACE_VALUE;
      return requestContext(orm, viewer, isTraced, req && cancellationFor(req));
    },
    plugins: [
      useReadinessCheck({ endpoint: '/readyz', check: () => isReady(orm) }),
      useAuthentication(viewers, {
        ...{ endpoint: GRAPHQL_PATH, mask },
        page: graphiql ? graphiqlPage : null,
      }),
      useForm({ endpoint: GRAPHQL_PATH }),
      useParameters(),
      useLimits(),
      useCharges(limiter),
      useUnitOfWork(),
      useSnapshot(),
      usePlans(),
      useTraceExtension(),
      useErrorCodes(),
      useOutcome(),
    ],
  });
}

/** Node's request, where there is one. */
interface Asked {
  readonly req?: IncomingMessage;
}

/**
 * What one request of a viewer shares; its statements are kept for it if it asked to see them. They are
 * run to their end unless something can cancel them.
 */
export function requestContext(
  orm: Orm,
  viewer: Viewer,
  asked: boolean,
  cancellation?: Cancellation,
): Context {
  const trace = new Trace(asked && viewer.permissions.includes('INSPECT'));
  const em = orm.em.fork({ loggerContext: { trace, cancellation } });
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
