import type { FetchAPI, Plugin } from 'graphql-yoga';
import type { EntityManager } from '../database/entity-manager.ts';
import { isUnavailable } from '../graphql/faults.ts';
import { findViewer } from './api-key.service.ts';
import { signInPage } from './sign-in-page.ts';
import type { Viewer } from './viewer.ts';

/** What authentication leaves for the rest of the request. */
export interface Authenticated {
  viewer: Viewer;
  /** The key that opened the page, when the request is for the page. */
  pageKey?: string;
}

/**
 * Answers nobody on the GraphQL endpoint who does not show a key: in the `Authorization` header, or,
 * to open GraphiQL in a browser, in the link's `key`.
 */
export function useAuthentication(
  fork: () => EntityManager,
  endpoint: string,
): Plugin<object, object> {
  return {
    async onRequest({ request, url, serverContext, fetchAPI, endResponse }) {
      if (url.pathname !== endpoint) return;
      const wantsPage = request.method === 'GET' && accepts(request, 'text/html');
      const pageKey = wantsPage ? url.searchParams.get('key') : null;
      const key = pageKey ?? bearerOf(request);
      const viewer = key ? await findOrExcuse(fork(), key) : null;
      if (viewer === 'unavailable') endResponse(unavailable(fetchAPI));
      else if (!viewer) endResponse(wantsPage ? signIn(fetchAPI) : unauthenticated(fetchAPI));
      else Object.assign(serverContext, { viewer, ...(pageKey && { pageKey }) });
    },
  };
}

/** Who shows a key, null for nobody, or that the database cannot tell just now. */
async function findOrExcuse(
  em: EntityManager,
  key: string,
): Promise<Viewer | null | 'unavailable'> {
  try {
    return await findViewer(em, key);
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    return 'unavailable';
  }
}

const CHALLENGE = { 'www-authenticate': 'Bearer realm="quartermaster"' };

function unavailable({ Response }: FetchAPI): Response {
  const body = failure('UNAVAILABLE', 'The database cannot be used just now; try again.');
  return Response.json(body, { status: 503, headers: { 'retry-after': '1' } });
}

function unauthenticated({ Response }: FetchAPI): Response {
  const body = failure('UNAUTHENTICATED', 'Show an API key: Authorization: Bearer qm_…');
  return Response.json(body, { status: 401, headers: CHALLENGE });
}

function signIn({ Response }: FetchAPI): Response {
  const headers = { ...CHALLENGE, 'content-type': 'text/html; charset=utf-8' };
  return new Response(signInPage, { status: 401, headers });
}

const accepts = (request: Request, type: string): boolean =>
  request.headers.get('accept')?.includes(type) ?? false;

const bearerOf = (request: Request): string | null =>
  /^Bearer (\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1] ?? null;

const failure = (code: string, message: string) => ({
  errors: [{ message, extensions: { code } }],
});
