import type { IncomingMessage, ServerResponse } from 'node:http';
import { Cancellation, ClientGone, TimedOut } from '../database/cancellation.ts';
import { timedOut } from '../graphql/faults.ts';
import { refuse } from './refusal.ts';

const cancellations = new WeakMap<IncomingMessage, Cancellation>();

/** What ends the work for a request when its time is over, or its client is gone. */
export function cancellationFor(request: IncomingMessage): Cancellation {
  let cancellation = cancellations.get(request);
  if (!cancellation) {
    cancellation = new Cancellation();
    cancellations.set(request, cancellation);
  }
  return cancellation;
}

/**
 * Answers a request that takes too long, from the end of its body, and ends the work for it; ends it too
 * when the client goes away.
 */
export function limitTime(
  request: IncomingMessage,
  response: ServerResponse,
  milliseconds: number,
): void {
  let timer: NodeJS.Timeout | undefined;
  const begin = () => {
    if (response.closed) return;
    timer = setTimeout(() => {
      if (!response.headersSent) refuse(response, timedOut());
      cancellationFor(request).cancel(new TimedOut('The request took too long'));
    }, milliseconds).unref();
  };
  response.once('close', () => {
    clearTimeout(timer);
    if (!response.writableFinished)
      cancellationFor(request).cancel(new ClientGone('The client is gone'));
  });
  if (hasBody(request)) request.once('end', begin);
  else begin();
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
