import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Logger } from 'pino';
import { ClientGone, TimedOut } from '../database/cancellation.ts';
import { errorCode } from '../database/error-code.ts';
import { UnavailableError } from '../database/transaction.ts';

/**
 * Network errors, PostgreSQL going away (class 57P and 08), taking nobody (55000) or waiting for a lock
 * longer than it may (55P03), a full pool.
 */
const UNREACHABLE = /^(E(AI_AGAIN|CONN|PIPE|HOST|NET|TIMEDOUT|NOTFOUND)|57P|08|53300|55000|55P03)/;
/** The executor copies an error of another realm without its code: then its words have to tell. */
const LOST =
  /timeout exceeded when trying to connect|Connection terminated|connection error and is not queryable|^(read|write) E(CONNRESET|PIPE)/;

/** PostgreSQL cancelled a statement that took too long, or ended a transaction in which nothing was done. */
const CANCELLED = /^(57014|25P03)$/;

/** Whether an error says that the database cannot be reached or used just now. */
export const isUnavailable = (error: unknown): boolean =>
  causesOf(error).some(
    ({ cause, code }) =>
      cause instanceof UnavailableError || LOST.test(cause.message) || UNREACHABLE.test(code),
  );

/** Whether an error says that the work took longer than it may. */
export const isTimedOut = (error: unknown): boolean =>
  causesOf(error).some(({ cause, code }) => cause instanceof TimedOut || CANCELLED.test(code));

const isClientGone = (error: unknown): boolean =>
  causesOf(error).some(({ cause }) => cause instanceof ClientGone);

/** An error and what lies behind it, with their codes. */
function causesOf(error: unknown): { readonly cause: Error; readonly code: string }[] {
  const causes = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    // What the executor does not take for an Error, because it is one of another realm, it wraps.
    const thrown = 'thrownValue' in cause ? cause.thrownValue : cause;
    causes.push({ cause, code: errorCode(thrown) });
  }
  return causes;
}

/**
 * How HTTP says that it passes, and when to ask again, in seconds. Made for each answer: whoever builds
 * a response of it puts headers of its own into it.
 */
const retryLater = () => ({ status: 503, headers: { 'retry-after': '1' } });

/** Neither says that nothing was done: a connection may be lost between a commit and its answer. */
const PASSING = {
  message:
    'The database cannot be used just now. Try again: with the same idempotency key nothing is done twice.',
  extensions: { code: 'UNAVAILABLE' },
};

/** What a client is told of a fault that passes. */
const passingOf = (cause: unknown): typeof PASSING => {
  const told = cause instanceof UnavailableError ? cause.told : null;
  return told ? { ...PASSING, message: told } : PASSING;
};

const LATE = {
  message:
    'It took longer than it may. Ask for less at once; with the same idempotency key nothing is done twice.',
  extensions: { code: 'TIMEOUT' },
} as const;
const BROKEN = {
  message: 'Something went wrong on our side.',
  extensions: { code: 'INTERNAL' },
};

/** How a request is answered that took too long, while what it asked for may still go on. */
export const timedOut = () => ({
  ...retryLater(),
  message: LATE.message,
  code: LATE.extensions.code,
});

/** How HTTP tells of errors, where it does not tell of an answer, and the errors without that. */
export function httpOf(errors: readonly GraphQLError[]): {
  readonly http: ReturnType<typeof retryLater> | undefined;
  readonly told: readonly object[];
} {
  const isPassing = errors.some(({ extensions }) => PASSES.has(extensions['code']));
  const told = errors.map((error) => {
    const { extensions: { http: _, ...extensions } = {}, ...rest } = error.toJSON();
    return { ...rest, extensions };
  });
  return { http: isPassing ? retryLater() : undefined, told };
}

/** Codes of what may go well when it is tried again later. */
const PASSES = new Set<unknown>([PASSING.extensions.code, LATE.extensions.code]);

/**
 * Turns what a resolver threw into what a client may see. Errors made for clients pass; everything
 * else is a fault, told to the log in full and to the client not at all.
 */
export function maskError(log: Logger) {
  return (error: unknown): GraphQLError => {
    const at = error instanceof GraphQLError ? error : undefined;
    const cause = at ? at.originalError : error;
    if (at && (!cause || cause instanceof GraphQLError)) return at;
    const passing = passingFault(cause);
    tellLog(log, cause, { fault: describeFault(cause), path: at?.path });
    const { message, extensions } = passing ?? BROKEN;
    const { nodes = null, path = null } = at ?? {};
    const http = passing && { http: retryLater() };
    return new GraphQLError(message, { nodes, path, extensions: { ...extensions, ...http } });
  };
}

function tellLog(log: Logger, cause: unknown, told: object): void {
  // Nobody is told of what nobody waits for, and it is no fault.
  if (isClientGone(cause)) log.debug(told, 'request given up');
  else log[passingFault(cause) ? 'warn' : 'error'](told, 'request failed');
}

/** What is told of a fault that may pass; null for one that does not. */
function passingFault(cause: unknown): typeof PASSING | typeof LATE | null {
  if (isUnavailable(cause)) return passingOf(cause);
  return isTimedOut(cause) || isClientGone(cause) ? LATE : null;
}

/** What a value cannot be is told with the value in class 22, data exceptions. */
const TELLS_VALUE = /^22/;

/**
 * What the log tells of a fault: what it is and where, without the caller's data, which PostgreSQL
 * repeats in an error's detail.
 */
function describeFault(error: unknown): object {
  if (!(error instanceof Error)) return { type: typeof error };
  const { code, constraint } = error as { code?: unknown; constraint?: unknown };
  const [message] = error.message.split('\n');
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /.test(line));
  return {
    type: error.name,
    ...(TELLS_VALUE.test(String(code)) ? {} : { message }),
    ...{ code, constraint, stack: frames?.join('\n') },
  };
}

/** Gives every error a code to tell it by: whatever a client can put right is a BAD_REQUEST. */
export function useErrorCodes(): Plugin {
  return {
    onResultProcess({ result }) {
      for (const error of errorsOf(result)) {
        const { extensions } = withCode(error) as { extensions: Record<string, unknown> };
        if ('originalError' in extensions) hideBody(extensions);
        // The 200 that application/json has for what is not valid is not for what is too much.
        if (extensions['code'] === 'QUERY_TOO_COMPLEX') extensions['http'] = { status: 400 };
      }
    },
  };
}

/** The longest message that is told, in characters: what quotes the request is cut there. */
const LONGEST_MESSAGE = 1000;

/** Gives an error its code, and bounds what it repeats of the request. */
export function withCode(error: GraphQLError): GraphQLError {
  if (error.message.length > LONGEST_MESSAGE) {
    error.message = `${error.message.slice(0, LONGEST_MESSAGE).toWellFormed()}…`;
  }
  const { extensions } = error as { extensions: Record<string, unknown> };
  extensions['code'] = CODES[String(extensions['code'])] ?? extensions['code'] ?? 'BAD_REQUEST';
  return error;
}

/** Yoga quotes a body that it cannot read, and takes the quotation for the sign of a bad request. */
function hideBody(extensions: Record<string, unknown>): void {
  delete extensions['originalError'];
  extensions['http'] = { status: 400 };
}

/** Yoga's and GraphQL's own codes, in our words. */
const CODES: Readonly<Record<string, string>> = {
  GRAPHQL_PARSE_FAILED: 'BAD_REQUEST',
  GRAPHQL_VALIDATION_FAILED: 'BAD_REQUEST',
  BAD_USER_INPUT: 'BAD_REQUEST',
  OPERATION_RESOLUTION_FAILURE: 'BAD_REQUEST',
  REQUEST_ENTITY_TOO_LARGE: 'BAD_REQUEST',
  INTERNAL_SERVER_ERROR: 'INTERNAL',
};

function errorsOf(result: unknown): readonly GraphQLError[] {
  const errors = result && typeof result === 'object' && 'errors' in result ? result.errors : null;
  return Array.isArray(errors) ? errors.filter((error) => error instanceof GraphQLError) : [];
}
