import type { EndedRequest } from '../http/request-watch.ts';

const CODES = [
  ...['UNAUTHENTICATED', 'FORBIDDEN', 'BAD_REQUEST', 'QUERY_TOO_COMPLEX', 'RATE_LIMITED'],
  ...['ROLLED_BACK', 'UNAVAILABLE', 'TIMEOUT', 'INTERNAL'],
];

const known = new Set(CODES);

/** The codes of what is the server's fault, or that of its database. */
const FAULTS = new Set(['UNAVAILABLE', 'TIMEOUT', 'INTERNAL']);

/** Whether an outcome is the server's fault. */
export const isFault = (outcome: string): boolean => FAULTS.has(outcome);

/**
 * What came of a request: `ok`, the code of the first error that its client was told, or `gone` where it
 * went away before. A typed refusal of a mutation is an answer like any other.
 */
export function outcomeOf({ status, facts }: Pick<EndedRequest, 'status' | 'facts'>): string {
  if (status === null) return 'gone';
  if (facts.code !== null && known.has(facts.code)) return facts.code;
  if (status < 400) return 'ok';
  return byStatus[status] ?? (status < 500 ? 'BAD_REQUEST' : 'INTERNAL');
}

const byStatus: Readonly<Record<number, string>> = { 401: 'UNAUTHENTICATED', 503: 'UNAVAILABLE' };
