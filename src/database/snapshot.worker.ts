import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import type { SnapshotAnswer, SnapshotTask } from './snapshot.ts';

const { file, questions } = workerData as SnapshotTask;
const database = new Database(file, { readonly: true, fileMustExist: true });
try {
  // Deferred: the first statement takes the snapshot, and all others see the same.
  database.exec('begin');
  for (const { text, bindings } of questions) {
    const started = performance.now();
    const rows = database.prepare(text).all(bindings) as SnapshotAnswer['rows'];
    const answer: SnapshotAnswer = { rows, ms: performance.now() - started };
    parentPort?.postMessage(answer);
  }
  database.exec('commit');
} finally {
  database.close();
}
