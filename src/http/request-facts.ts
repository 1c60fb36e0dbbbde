import type { IncomingMessage } from 'node:http';
import type { Viewer } from '../access/viewer.ts';
import type { Trace } from '../database/trace.ts';

/** What becomes known of a request while it is answered, for the log. */
export interface RequestFacts {
  viewer: Viewer | null;
  /** The name of its operation. */
  operation: string | null;
  trace: Trace | null;
  /** What it cost by its document, and what of that it used. */
  cost: number | null;
  used: number | null;
}

const facts = new WeakMap<IncomingMessage, RequestFacts>();

/** Begins to note what is known of a request. */
export function noteFacts(request: IncomingMessage): RequestFacts {
  const noted = { viewer: null, operation: null, trace: null, cost: null, used: null };
  facts.set(request, noted);
  return noted;
}

/** Where to note what becomes known of a request; undefined when nobody asks. */
export const factsOf = (request: IncomingMessage | undefined): RequestFacts | undefined =>
  request && facts.get(request);
