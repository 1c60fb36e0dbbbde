import type { IncomingMessage, RequestListener } from 'node:http';
import { crossOrigin } from './cross-origin.ts';
import { type Refusal, refuse } from './refusal.ts';
import { limitTime } from './request-time.ts';

/** The longest address, in characters, that a request may have. */
export const MAX_URL = 8000;

/** How long, in milliseconds, a body may go on that nobody reads any more, before its connection is cut. */
const LINGER_MS = 1000;

/** How long, in milliseconds, a request may take from the end of its body to its answer. */
const MAX_REQUEST_MS = 10_000;

export interface EdgeOptions {
  /** The origins whose pages may ask, as `https://shop.example`. */
  readonly corsOrigins: readonly string[];
  /** How long a request may take, in milliseconds; 10 s unless said. */
  readonly requestMs?: number;
}

/** What holds for every request, whoever answers it and whoever asks. */
export function atEdge(
  listener: RequestListener,
  { corsOrigins, requestMs = MAX_REQUEST_MS }: EdgeOptions,
): RequestListener {
  const answersPreflight = crossOrigin(corsOrigins);
  return (request, response) => {
    response.setHeader('x-content-type-options', 'nosniff');
    response.once('finish', () => endUnread(request));
    if (answersPreflight(request, response)) return;
    const refusal = refusalOf(request);
    if (refusal) return refuse(response, refusal);
    limitTime(request, response, requestMs);
    listener(request, response);
  };
}

function refusalOf({ url = '', headers }: IncomingMessage): Refusal | null {
  if (url.length > MAX_URL) {
    return { status: 414, message: `An address takes at most ${MAX_URL} characters: use POST.` };
  }
  // Whatever else a request line may hold, for proxies and for servers as a whole, is not for this one.
  if (url.startsWith('/') && URL.canParse(`http://${headers.host ?? 'localhost'}${url}`))
    return null;
  return { status: 400, message: 'The address or the header Host cannot be used.' };
}

/** A client that is answered before its body was read may still be sending it, for ever if it likes. */
function endUnread(request: IncomingMessage): void {
  if (request.complete) return;
  const cut = setTimeout(() => request.destroy(), LINGER_MS).unref();
  request.once('close', () => clearTimeout(cut));
}
