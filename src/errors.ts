/** What a caller's program can tell refusals apart by. */
export const ERROR_CODES = {
  INVALID_INPUT: 'A value in the input cannot be used.',
  NOT_FOUND: 'Something that the input refers to does not exist.',
  ALREADY_EXISTS: 'Another row already has this name, code or SKU.',
  VERSION_CONFLICT: 'The row was changed since the caller read it.',
  INVALID_STATE: 'What the input refers to is in a state that does not allow it.',
  INSUFFICIENT_STOCK: 'There is less available than was asked for.',
  LOT_EXPIRED: 'Only lots that have expired are left.',
  COUNT_CONFLICT: 'What was expected to be on hand is not.',
  ALREADY_REVERSED: 'The movement was reversed before.',
  IDEMPOTENCY_MISMATCH: 'The idempotency key was used before, for something else.',
} as const;
export type ErrorCode = keyof typeof ERROR_CODES;

/** Where in the input the reason lies: names of fields, and indexes of lists as text. */
export type InputPath = readonly string[];

/**
 * A refusal: the caller asked for something that cannot be, and can act on it. Thrown by a service,
 * it rolls the transaction back and comes out as data. Everything else that is thrown is a fault.
 */
export abstract class DomainError extends Error {
  abstract readonly code: ErrorCode;
  readonly path: InputPath | null;

  constructor(message: string, path: InputPath | null) {
    super(message);
    this.path = path;
  }
}

/** A value in the input that cannot be used. */
export class InvalidInput extends DomainError {
  override readonly code = 'INVALID_INPUT';
}

/** A reference to something that does not exist, or belongs to another organization. */
export class NotFound extends DomainError {
  override readonly code = 'NOT_FOUND';
}

/** A name, code or SKU that another row already has. */
export class AlreadyExists extends DomainError {
  override readonly code = 'ALREADY_EXISTS';
}

/** Something whose state does not allow what was asked, such as an archived item. */
export class InvalidState extends DomainError {
  override readonly code = 'INVALID_STATE';
}

/** An update that rests on a version which is no longer the newest. */
export class VersionConflict extends DomainError {
  override readonly code = 'VERSION_CONFLICT';
  readonly entity: string;
  readonly current: object;

  constructor(entity: string, current: { readonly version: number }, path: InputPath) {
    super(`The ${entity.toLowerCase()} is at version ${current.version} by now.`, path);
    this.entity = entity;
    this.current = current;
  }
}
