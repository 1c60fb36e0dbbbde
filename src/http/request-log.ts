import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { isForMachines } from './machines.ts';
import { noteFacts, type RequestFacts } from './request-facts.ts';

/** By this header a request says its id, and each answer too. */
export const REQUEST_ID_HEADER = 'x-request-id';

/** An id that can be taken over: no text of any length, and nothing that could be a key. */
const SANE_ID = /^(?!.*qm_)[A-Za-z0-9._:-]{1,100}$/;

/** The longest name of an operation, in characters, that is logged whole. */
const LONGEST_NAME = 100;

/**
 * Gives every request an id, which its answer says, and logs one line for each: who asked what by its name,
 * and what came of it. Neither addresses, which may have a key, nor anything else that was sent.
 */
export function logged(
  listener: RequestListener,
  log: Logger,
  { logRequests }: Pick<Config, 'logRequests'>,
): RequestListener {
  return (request, response) => {
    const id = idOf(request);
    response.setHeader(REQUEST_ID_HEADER, id);
    if (logRequests) logWhenClosed(log, { id, request, response });
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

function logWhenClosed(log: Logger, { id, request, response }: Asked): void {
  const started = performance.now();
  const facts = noteFacts(request);
  response.once('close', () => {
    const level = isForMachines(request) ? 'debug' : 'info';
    // Whoever went away got no status.
    const status = response.writableFinished ? response.statusCode : null;
    const ms = Math.round((performance.now() - started) * 1000) / 1000;
    log[level]({ requestId: id, status, ms, ...told(facts) }, 'request');
  });
}

const told = ({ viewer, operation, trace, cost, used }: RequestFacts) => ({
  operation: operation?.slice(0, LONGEST_NAME),
  key: viewer?.key?.prefix,
  statements: trace?.count,
  cost: cost ?? undefined,
  used: used ?? undefined,
});
