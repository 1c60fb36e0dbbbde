/**
 * How much of the file each connection keeps in memory, in KiB. SQLite's own 2 MiB are less than the
 * upper levels of a large ledger's indexes.
 */
const CACHE_KIB = 32_768;

/** What sets a connection of SQLite to keep that much. */
export const CACHE_PRAGMA = `cache_size = -${CACHE_KIB}`;
