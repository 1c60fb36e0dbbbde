import SqliteDatabase from 'better-sqlite3';
import { withReaderThread } from './reader-thread.ts';

/**
 * Copies a file of SQLite as it is at one moment, while other processes write it: none waits, and none
 * of what they write meanwhile is in the copy. The process goes on between every hundred pages.
 * @param to must not be there, or be empty.
 * @param onProgress is told how many pages of how many are copied.
 */
export async function copySqlite(
  from: string,
  to: string,
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  const database = new SqliteDatabase(from, { fileMustExist: true });
  try {
    // Without a moment of its own SQLite begins anew whenever another process has written, and never ends.
    database.exec('begin');
    database.prepare('select count(*) from sqlite_master').get();
    const { totalPages: all } = await database.backup(to, {
      progress: ({ totalPages, remainingPages }) => {
        onProgress(totalPages - remainingPages, totalPages);
        // As many pages as the driver copies at once by itself.
        return 100;
      },
    });
    onProgress(all, all);
  } finally {
    database.close();
  }
}

/** What is wrong with a file of SQLite: pages, indexes, checks and foreign keys; nothing if it is sound. */
export function problemsOfSqlite(file: string): Promise<string[]> {
  return withReaderThread(file, undefined, async (reader) => {
    const integrity = await reader.read('pragma integrity_check', {});
    const dangling = await reader.read('pragma foreign_key_check', {});
    const found = integrity.map((row) => String(row['integrity_check']));
    const keys = dangling.map(
      ({ table, rowid, parent }) => `row ${rowid} of ${table} refers to nothing in ${parent}`,
    );
    return [...found.filter((each) => each !== 'ok'), ...keys];
  });
}

/** Has all of a database that nobody else uses be in its one file, so that it can be moved and kept. */
export function sealSqlite(file: string): void {
  const database = new SqliteDatabase(file, { fileMustExist: true });
  try {
    const mode = database.pragma('journal_mode = delete', { simple: true });
    if (mode !== 'delete') throw new Error(`${file} is still in the journal mode ${mode}`);
  } finally {
    database.close();
  }
}
