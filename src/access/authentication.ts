import { GraphQLError } from 'graphql';
import type { FetchAPI, Plugin } from 'graphql-yoga';
import { httpOf } from '../graphql/faults.ts';
import type { RecentViewers } from './recent-viewers.ts';
import { signInPage } from './sign-in-page.ts';
import type { Viewer } from './viewer.ts';

/** What authentication leaves for the rest of the request. */
export interface Authenticated {
  viewer: Viewer;
}

interface AuthenticationOptions {
  readonly endpoint: string;
  /** The page that a browser gets, for whoever opens it with this key; null for none. */
  readonly page: ((key: string) => Promise<Uint8Array<ArrayBuffer>>) | null;
  /** Tells the log of what went wrong, and gives what a client may see of it. */
  readonly mask: (error: unknown) => GraphQLError;
}

/**
 * Answers nobody who does not show a key: in the `Authorization` header, or,
 * to open the page in a browser, in the link's `key`. The page is served here, because Yoga's own
 * GraphiQL answers before any plugin is asked. What needs no key has to be answered by plugins before
 * this one: nothing but the endpoint is reached past it.
 */
export function useAuthentication(
  viewers: RecentViewers,
  { endpoint, page, mask }: AuthenticationOptions,
): Plugin<object, object> {
  return {
    async onRequest({ request, url, serverContext, fetchAPI, endResponse }) {
      // Yoga takes other addresses that end like it for the endpoint too.
      if (url.pathname !== endpoint) return endResponse(nothingHere(fetchAPI, endpoint));
      const pages = wantsPage(request) ? page : null;
      const key =
        (pages && url.searchParams.get('key')) ?? bearerOf(request.headers.get('authorization'));
      const viewer = key === null ? null : await viewers.find(key).catch(mask);
      if (viewer instanceof GraphQLError) return endResponse(failed(fetchAPI, viewer));
      if (pages) return endResponse(await pageFor(fetchAPI, pages, { key, viewer }));
      if (!viewer) return endResponse(unauthenticated(fetchAPI));
      Object.assign(serverContext, { viewer });
    },
  };
}

const CHALLENGE = { 'www-authenticate': 'Bearer realm="quartermaster"' };

/** Yoga would show whoever asks the whole error of a plugin. */
function failed({ Response }: FetchAPI, error: GraphQLError): Response {
  const { http, told: errors } = httpOf([error]);
  return Response.json({ errors }, http ?? { status: 500 });
}

function nothingHere({ Response }: FetchAPI, endpoint: string): Response {
  return new Response(`Nothing is here: the API and GraphiQL are at ${endpoint}\n`, {
    status: 404,
  });
}

function unauthenticated({ Response }: FetchAPI): Response {
  const message = 'Show an API key: Authorization: Bearer qm_…';
  const body = { errors: [{ message, extensions: { code: 'UNAUTHENTICATED' } }] };
  return Response.json(body, { status: 401, headers: CHALLENGE });
}

async function pageFor(
  fetchAPI: FetchAPI,
  page: NonNullable<AuthenticationOptions['page']>,
  { key, viewer }: { readonly key: string | null; readonly viewer: Viewer | null },
): Promise<Response> {
  if (viewer && key !== null) return html(fetchAPI, await page(key));
  return html(fetchAPI, signInPage(key !== null), { status: 401, headers: CHALLENGE });
}

/** A page may hold a key: it is not kept by caches, not framed, and not told to other hosts. */
const PRIVATE_PAGE = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
};

function html(
  { Response }: FetchAPI,
  body: string | Uint8Array<ArrayBuffer>,
  { status = 200, headers = {} }: { status?: number; headers?: Record<string, string> } = {},
): Response {
  return new Response(body, { status, headers: { ...headers, ...PRIVATE_PAGE } });
}

const wantsPage = ({ method, headers }: Request): boolean =>
  method === 'GET' && (headers.get('accept')?.includes('text/html') ?? false);

/** The key in an `Authorization` header; null when it holds none. */
export const bearerOf = (header: string | null | undefined): string | null =>
  /^Bearer (\S+)$/i.exec(header ?? '')?.[1] ?? null;
