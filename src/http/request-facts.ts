import type { IncomingMessage } from 'node:http';
import type { OperationDefinitionNode } from 'graphql';
import type { Viewer } from '../access/viewer.ts';
import type { Trace, TracedStatement } from '../database/trace.ts';

/** What becomes known of a request while it is answered, for whoever watches. */
export interface RequestFacts {
  readonly requestId: string;
  viewer: Viewer | null;
  operation: OperationDefinitionNode | null;
  trace: Trace | null;
  /** What it cost by its document, and what of that it used. */
  cost: number | null;
  used: number | null;
  /** The code of the first error that its client is told. */
  code: string | null;
  /** Who is to be told of each of its statements. */
  onStatement: ((statement: TracedStatement) => void) | null;
}

const facts = new WeakMap<IncomingMessage, RequestFacts>();

/** Begins to note what is known of a request. */
export function noteFacts(request: IncomingMessage, requestId: string): RequestFacts {
  const noted: RequestFacts = {
    requestId,
    ...{ viewer: null, operation: null, trace: null, cost: null, used: null, code: null },
    onStatement: null,
  };
  facts.set(request, noted);
  return noted;
}

/** Where to note what becomes known of a request; undefined when nobody asks. */
export const factsOf = (request: IncomingMessage | undefined): RequestFacts | undefined =>
  request && facts.get(request);

/** Notes why a request is not answered, or not in full: the first reason stays. */
export function noteCode(request: IncomingMessage | undefined, code: unknown): void {
  const noted = factsOf(request);
  if (noted && typeof code === 'string') noted.code ??= code;
}

/** The longest name of an operation, in characters, that is told whole. */
const LONGEST_NAME = 100;

/** What a client calls its operation; null where it has no name. */
export const nameOf = (operation: OperationDefinitionNode | null): string | null =>
  operation?.name?.value.slice(0, LONGEST_NAME) ?? null;
