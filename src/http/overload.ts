import type { ServerResponse } from 'node:http';

const MESSAGE = 'The server has more to do than it can. Try again in a second.';

const BODY = Buffer.from(
  JSON.stringify({ errors: [{ message: MESSAGE, extensions: { code: 'UNAVAILABLE' } }] }),
);

/** Refuses a request because there are too many, as cheaply as it can be done. */
export function refuseForNow(response: ServerResponse): void {
  response.writeHead(503, {
    'retry-after': '1',
    'content-type': 'application/json; charset=utf-8',
    'content-length': BODY.length,
  });
  response.end(BODY);
}
