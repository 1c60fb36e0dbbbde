import { parentPort } from 'node:worker_threads';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import type { ReaderAnswer, ReaderTask } from './reader-thread.ts';
import { CACHE_PRAGMA } from './sqlite-cache.ts';

let database: Database | undefined;

parentPort?.on('message', (task: ReaderTask) => parentPort?.postMessage(answer(task)));

/** What SQLite refuses is told with its code, which an error loses on its way to another thread. */
function answer(task: ReaderTask): ReaderAnswer {
  try {
    return { rows: perform(task) };
  } catch (error) {
    if (!(error instanceof SqliteDatabase.SqliteError)) throw error;
    return { refusal: { message: error.message, code: error.code } };
  }
}

function perform(task: ReaderTask): Record<string, unknown>[] {
  if ('text' in task) return database?.prepare(task.text).all(task.bindings) as never;
  database?.close();
  database = undefined;
  if (task.file === null) return [];
  database = new SqliteDatabase(task.file, { readonly: true, fileMustExist: true });
  database.pragma(CACHE_PRAGMA);
  // Deferred: the first statement takes the snapshot, and all others see the same.
  database.exec('begin');
  return [];
}
