import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Logger } from 'pino';
import { errorCode } from '../database/error-code.ts';
import { UnavailableError } from '../database/transaction.ts';

/** Network errors, PostgreSQL going away (class 57P and 08) or taking nobody (55000), a full pool. */
const UNREACHABLE = /^(E(AI_AGAIN|CONN|PIPE|HOST|NET|TIMEDOUT|NOTFOUND)|57P|08|53300|55000)/;
/** The executor copies an error of another realm without its code: then its words have to tell. */
const LOST =
  /timeout exceeded when trying to connect|Connection terminated|connection error and is not queryable|^(read|write) E(CONNRESET|PIPE)/;

/** Whether an error says that the database cannot be reached or used just now. */
export function isUnavailable(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof UnavailableError || LOST.test(cause.message)) return true;
    // What the executor does not take for an Error, because it is one of another realm, it wraps.
    const thrown = 'thrownValue' in cause ? cause.thrownValue : cause;
    if (UNREACHABLE.test(errorCode(thrown))) return true;
  }
  return false;
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

const BROKEN = {
  message: 'Something went wrong on our side.',
  extensions: { code: 'INTERNAL' },
};

/** How HTTP tells of errors, where it does not tell of an answer, and the errors without that. */
export function httpOf(errors: readonly GraphQLError[]): {
  readonly http: ReturnType<typeof retryLater> | undefined;
  readonly told: readonly object[];
} {
  const isPassing = errors.some(({ extensions }) => extensions['code'] === 'UNAVAILABLE');
  const told = errors.map((error) => {
    const { extensions: { http: _, ...extensions } = {}, ...rest } = error.toJSON();
    return { ...rest, extensions };
  });
  return { http: isPassing ? retryLater() : undefined, told };
}

/**
 * Turns what a resolver threw into what a client may see. Errors made for clients pass; everything
 * else is a fault, told to the log in full and to the client not at all.
 */
export function maskError(log: Logger) {
  return (error: unknown): GraphQLError => {
    const at = error instanceof GraphQLError ? error : undefined;
    const cause = at ? at.originalError : error;
    if (at && (!cause || cause instanceof GraphQLError)) return at;
    const unavailable = isUnavailable(cause);
    const told = { fault: describeFault(cause), path: at?.path };
    log[unavailable ? 'warn' : 'error'](told, 'request failed');
    const { message, extensions } = unavailable ? passingOf(cause) : BROKEN;
    const { nodes = null, path = null } = at ?? {};
    const http = unavailable && { http: retryLater() };
    return new GraphQLError(message, { nodes, path, extensions: { ...extensions, ...http } });
  };
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

/** Gives an error its code. */
export function withCode(error: GraphQLError): GraphQLError {
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
