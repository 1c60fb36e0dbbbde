import type { ServerResponse } from 'node:http';
import { noteCode } from './request-facts.ts';

/** Why a request is not answered, as HTTP tells it. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
  /** What programs tell it by; BAD_REQUEST, which a client can put right, unless said. */
  readonly code?: 'BAD_REQUEST' | 'TIMEOUT' | 'UNAVAILABLE';
  readonly headers?: Readonly<Record<string, string>>;
}

export const JSON_TYPE = 'application/json; charset=utf-8';

/** What the body of a refusal says: the same as any other error. */
export const bodyOf = ({ message, code = 'BAD_REQUEST' }: Refusal): string =>
  JSON.stringify({ errors: [{ message, extensions: { code } }] });

/** Refuses a request. */
export function refuse(response: ServerResponse, refusal: Refusal): void {
  const body = bodyOf(refusal);
  noteCode(response.req, refusal.code ?? 'BAD_REQUEST');
  response.writeHead(refusal.status, {
    ...refusal.headers,
    'content-type': JSON_TYPE,
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}
