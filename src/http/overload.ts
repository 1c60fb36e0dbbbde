import type { ServerResponse } from 'node:http';
import { bodyOf, JSON_TYPE } from './refusal.ts';
import { noteCode } from './request-facts.ts';

const REFUSAL = {
  status: 503,
  message: 'The server has more to do than it can. Try again in a second.',
  code: 'UNAVAILABLE',
} as const;

const BODY = Buffer.from(bodyOf(REFUSAL));

/** Refuses a request because there are too many, as cheaply as it can be done. */
export function refuseForNow(response: ServerResponse): void {
  noteCode(response.req, REFUSAL.code);
  response.writeHead(REFUSAL.status, {
    'retry-after': '1',
    'content-type': JSON_TYPE,
    'content-length': BODY.length,
  });
  response.end(BODY);
}
