import type { IncomingMessage } from 'node:http';
import { GRAPHQL_PATH } from './app.ts';
import { TRACE_HEADER } from './graphql/trace-extension.ts';
import { MAX_BODY } from './http/form.ts';

/** The types that an answer can have, by what a request accepts. */
const ANSWER_TYPES: Readonly<Record<string, string>> = {
  '*/*': 'application/json; charset=utf-8',
  'application/json': 'application/json; charset=utf-8',
  'application/graphql-response+json': 'application/graphql-response+json; charset=utf-8',
};

const JSON_BODY = /^application\/json(; ?charset=utf-8)?$/i;

/** The type of the answer, if the request is one of those that are answered here. */
export function answerType({ method, url, headers }: IncomingMessage): string | undefined {
  if (method !== 'POST' || url !== GRAPHQL_PATH) return undefined;
  const length = Number(headers['content-length'] ?? Number.NaN);
  const isPlain =
    JSON_BODY.test(headers['content-type'] ?? '') &&
    length <= MAX_BODY &&
    headers['content-encoding'] === undefined &&
    headers['transfer-encoding'] === undefined &&
    headers[TRACE_HEADER] === undefined;
  return isPlain ? ANSWER_TYPES[headers.accept ?? '*/*'] : undefined;
}

/** Reads a body whose length was checked. One that ends early belongs to nobody who waits. */
export function readBody(request: IncomingMessage, done: (body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () =>
    done(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)),
  );
}
