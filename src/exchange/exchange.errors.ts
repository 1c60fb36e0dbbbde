/** Why a file cannot be read, written or imported, in words that say where and what to do. */
export class ExchangeError extends Error {
  override readonly name = 'ExchangeError';
}
