/** The code of a driver's error, such as `40001` or `SQLITE_BUSY`; empty for whatever has none. */
export function errorCode(error: unknown): string {
  // Not by `instanceof`: a native driver's errors may come from another realm.
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return String(error.code);
}
