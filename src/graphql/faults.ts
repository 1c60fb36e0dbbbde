import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Logger } from 'pino';
import { errorCode } from '../database/error-code.ts';
import { UnavailableError } from '../database/transaction.ts';

/** Network errors, PostgreSQL going away (class 57P and 08), a full pool. */
const UNREACHABLE = /^(E(AI_AGAIN|CONN|PIPE|HOST|NET|TIMEDOUT|NOTFOUND)|57P|08|53300)/;
const POOL_TIMEOUT = /timeout exceeded when trying to connect|Connection terminated/;

/** Whether an error says that the database cannot be reached or used just now. */
export function isUnavailable(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof UnavailableError || POOL_TIMEOUT.test(cause.message)) return true;
    if (UNREACHABLE.test(errorCode(cause))) return true;
  }
  return false;
}

/**
 * Turns what a resolver threw into what a client may see. Errors made for clients pass; everything
 * else is a fault, told to the log in full and to the client not at all.
 */
export function maskError(log: Logger) {
  return (error: unknown): Error => {
    const at = error instanceof GraphQLError ? error : undefined;
    const cause = at ? at.originalError : error;
    if (at && (!cause || cause instanceof GraphQLError)) return at;
    const unavailable = isUnavailable(cause);
    log[unavailable ? 'warn' : 'error']({ err: cause, path: at?.path }, 'request failed');
    const message = unavailable
      ? 'The database cannot be used just now. Nothing was done; try again.'
      : 'Something went wrong on our side. Nothing was done.';
    const code = unavailable ? 'UNAVAILABLE' : 'INTERNAL';
    const { nodes = null, path = null } = at ?? {};
    return new GraphQLError(message, { nodes, path, extensions: { code } });
  };
}

/** Gives every error a code to tell it by: whatever a client can put right is a BAD_REQUEST. */
export function useErrorCodes(): Plugin {
  return {
    onResultProcess({ result }) {
      for (const error of errorsOf(result)) {
        const { extensions } = error as { extensions: Record<string, unknown> };
        extensions['code'] =
          CODES[String(extensions['code'])] ?? extensions['code'] ?? 'BAD_REQUEST';
      }
    },
  };
}

/** Yoga's and GraphQL's own codes, in our words. */
const CODES: Readonly<Record<string, string>> = {
  GRAPHQL_PARSE_FAILED: 'BAD_REQUEST',
  GRAPHQL_VALIDATION_FAILED: 'BAD_REQUEST',
  BAD_USER_INPUT: 'BAD_REQUEST',
  INTERNAL_SERVER_ERROR: 'INTERNAL',
};

function errorsOf(result: unknown): readonly GraphQLError[] {
  const errors = result && typeof result === 'object' && 'errors' in result ? result.errors : null;
  return Array.isArray(errors) ? errors.filter((error) => error instanceof GraphQLError) : [];
}
