/** Why a command cannot go on, in words that tell its user what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** What lies behind an error, whose own message may be about the statement that met it. */
export function rootCause(error: Error): Error {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) {
    return rootCause(error.errors[0]);
  }
  return error.cause instanceof Error ? rootCause(error.cause) : error;
}
