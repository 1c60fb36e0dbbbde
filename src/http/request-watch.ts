import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { noteFacts, type RequestFacts } from './request-facts.ts';

/** By this header a request says its id, and each answer too. */
export const REQUEST_ID_HEADER = 'x-request-id';

/** An id that can be taken over: no text of any length, and nothing that could be a key. */
const SANE_ID = /^(?!.*qm_)[A-Za-z0-9._:-]{1,100}$/;

/** A request that is over. */
export interface EndedRequest {
  readonly request: IncomingMessage;
  readonly facts: RequestFacts;
  /** Null for a client that went away before its answer. */
  readonly status: number | null;
  /** How long it took, in milliseconds. */
  readonly ms: number;
}

/** Whoever is told of every request: a log, metrics, traces. */
export interface Observer {
  /** Told when one begins, and where it will be noted what becomes known of it. */
  begun?(request: IncomingMessage, facts: RequestFacts): void;
  ended(request: EndedRequest): void;
}

interface Watching {
  readonly observers: readonly Observer[];
  /** Whether somebody else wants to know of a statement which request it is for. */
  readonly notes?: boolean;
}

/** Gives every request an id, which its answer says, and tells those who watch. With nobody it is all that is done. */
export function watched(
  listener: RequestListener,
  { observers, notes = false }: Watching,
): RequestListener {
  return (request, response) => {
    const id = idOf(request);
    response.setHeader(REQUEST_ID_HEADER, id);
    if (observers.length > 0) watch(observers, { id, request, response });
    else if (notes) noteFacts(request, id);
    listener(request, response);
  };
}

function idOf({ headers }: IncomingMessage): string {
  const given = headers[REQUEST_ID_HEADER];
  return typeof given === 'string' && SANE_ID.test(given) ? given : randomUUID();
}

interface Asked {
  readonly id: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

function watch(observers: readonly Observer[], { id, request, response }: Asked): void {
  const started = performance.now();
  const facts = noteFacts(request, id);
  for (const observer of observers) observer.begun?.(request, facts);
  response.once('close', () => {
    const status = response.writableFinished ? response.statusCode : null;
    const ms = performance.now() - started;
    for (const observer of observers) observer.ended({ request, facts, status, ms });
  });
}
