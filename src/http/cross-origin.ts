import type { IncomingMessage, ServerResponse } from 'node:http';
import { TRACE_HEADER } from '../graphql/trace-extension.ts';
import { PREFLIGHT_HEADER } from './form.ts';
import { REQUEST_ID_HEADER } from './request-watch.ts';

/** How long, in seconds, a browser remembers what it asked beforehand. */
const MAX_AGE_S = 600;

/** What a page may send, once its browser has asked. */
const ALLOWED = {
  'access-control-allow-methods': 'GET, POST',
  'access-control-allow-headers': [
    'authorization, content-type',
    PREFLIGHT_HEADER,
    TRACE_HEADER,
    REQUEST_ID_HEADER,
  ].join(', '),
  'access-control-max-age': String(MAX_AGE_S),
};

/**
 * Lets pages of some origins read what the server answers, and answers what their browsers ask
 * beforehand. Never with credentials: the key is in a header, which a page has to set by itself.
 * @returns what does so for one request, and tells whether that is answered by it.
 */
export function crossOrigin(origins: readonly string[]) {
  const allowed = new Set(origins);
  return ({ method, headers }: IncomingMessage, response: ServerResponse): boolean => {
    if (allowed.size === 0) return false;
    response.setHeader('vary', 'origin');
    const { origin } = headers;
    if (origin === undefined || !allowed.has(origin)) return false;
    response.setHeader('access-control-allow-origin', origin);
    response.setHeader('access-control-expose-headers', `retry-after, ${REQUEST_ID_HEADER}`);
    if (method !== 'OPTIONS' || headers['access-control-request-method'] === undefined)
      return false;
    response.writeHead(204, ALLOWED);
    response.end();
    return true;
  };
}
