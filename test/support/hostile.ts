import { connect } from 'node:net';
import { expect } from '@jest/globals';
import type { HttpAnswer, HttpServer } from './http.ts';

/** The largest refusal, in characters. */
const LARGEST_REFUSAL = 64_000;

/** What would tell a client how the server is built: stacks, SQL, the database's own words, drivers, paths. */
const LEAKS = [
  /^\s+at \S/m,
  /\b(Type|Range|Syntax|Reference|Eval|Assertion)Error\b/,
  /Maximum call stack|Cannot read propert|is not a function|is not iterable|Unexpected token/,
  /\w+Exception\b/,
  /\b(select|insert into|update|delete from)\s[\s\S]*\b(where|values|from|set)\b/i,
  /syntax error at|relation "|no such (table|column)|constraint|violates|malformed|datatype/i,
  /sqlite|postgres|mikro|kysely|knex|better-sqlite|pg_|yoga|pothos|graphql-tools/i,
  /E(CONN|PIPE|ADDR|NOENT)[A-Z]*\b/,
  /node_modules|node:|file:\/\/|\.[cm]?[jt]s:\d|\/(home|root|tmp|usr|var|src|work)\//,
];

/** Proves that an answer is of a size that a refusal has, and tells nothing of how the server is built. */
export function expectHarmless(text: string): void {
  expect(text.length).toBeLessThan(LARGEST_REFUSAL);
  expect(leaksOf(text)).toEqual([]);
}

/** What a text tells of how the server is built. */
export const leaksOf = (text: string): string[] =>
  LEAKS.flatMap((leak) => leak.exec(text)?.[0] ?? []);

/** The codes of an answer's errors. */
export const codesOf = ({ body }: HttpAnswer): string[] =>
  (body?.errors ?? []).map(({ extensions }: { extensions: { code: string } }) => extensions.code);

/** The status and the codes of an answer. */
export const verdictOf = (answer: HttpAnswer): [status: number, ...codes: string[]] => [
  answer.status,
  ...new Set(codesOf(answer)),
];

/** How a connection went on which bytes were sent as they are. */
export interface Conversation {
  /** The status of the first answer; 0 for none. */
  readonly status: number;
  readonly text: string;
  /** After how long, in milliseconds, the server closed it. */
  readonly ms: number;
}

/** Sends bytes as they are on a connection of their own, and waits until the server closes it. */
export function converse(http: HttpServer, bytes: string): Promise<Conversation> {
  const { promise, resolve } = Promise.withResolvers<Conversation>();
  const started = performance.now();
  let text = '';
  const socket = connect(http.port, '127.0.0.1', () => socket.write(bytes, 'latin1'));
  socket.on('data', (data) => {
    text += data.toString('latin1');
  });
  // Whoever still sends is cut off: what was answered before counts.
  socket.on('error', () => undefined);
  socket.on('close', () => {
    const status = Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0);
    resolve({ status, text, ms: performance.now() - started });
  });
  return promise;
}
