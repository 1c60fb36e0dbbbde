/** Why a command cannot go on, in words that tell its user what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}
