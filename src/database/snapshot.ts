import { Worker } from 'node:worker_threads';
import { IsolationLevel } from '@mikro-orm/core';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { Cancellation, cancellationOf } from './cancellation.ts';
import { dialectOf } from './dialect.ts';
import type { EntityManager } from './entity-manager.ts';
import { recordStatement } from './sql-log.ts';
import {
  readFrom,
  runAcrossOrganizations,
  type Statement,
  sqliteBindings,
  type Value,
} from './statement.ts';

/** A statement that reads, with all its values: `$1` first. */
export interface Question<R> {
  readonly statement: Statement<R>;
  readonly values: readonly Value[];
}

/** What the worker is to do. */
export interface SnapshotTask {
  readonly file: string;
  readonly questions: readonly { readonly text: string; readonly bindings: object }[];
}

/** What the worker says after each question. */
export interface SnapshotAnswer {
  readonly rows: Record<string, unknown>[];
  readonly ms: number;
}

/**
 * Answers questions that may take seconds, all of the same moment, while the process goes on: on
 * PostgreSQL in one transaction; on SQLite, whose driver is synchronous, in a thread of its own.
 * @returns the rows of each question, in the order of the questions.
 */
export function askInSnapshot<R>(
  em: EntityManager,
  questions: readonly Question<R>[],
  onAnswer: () => void = () => undefined,
): Promise<R[][]> {
  const ask = dialectOf(em).name === 'sqlite' ? askSqlite : askPostgresql;
  return ask(em, questions, onAnswer);
}

/**
 * Has all that is read through an EntityManager be of one moment: on PostgreSQL in one transaction; on
 * SQLite on a connection of its own, since other requests go on reading on the one that all share.
 */
export async function inSnapshot<T>(
  em: EntityManager,
  work: (em: EntityManager) => Promise<T>,
): Promise<T> {
  const fork = em.fork({ clear: true });
  if (dialectOf(em).name !== 'sqlite') return fork.transactional(work, ONE_MOMENT);
  const { name } = (await em.getConnection('read').getNativeClient()) as Database;
  const database = new SqliteDatabase(name, { readonly: true, fileMustExist: true });
  try {
    database.exec('begin');
    readFrom(fork, database);
    return await work(fork);
  } finally {
    database.close();
  }
}

const ONE_MOMENT = { isolationLevel: IsolationLevel.REPEATABLE_READ, readOnly: true };

function askPostgresql<R>(
  em: EntityManager,
  questions: readonly Question<R>[],
  onAnswer: () => void,
): Promise<R[][]> {
  const work = async (fork: EntityManager) => {
    const answers: R[][] = [];
    for (const { statement, values } of questions) {
      answers.push(await runAcrossOrganizations(fork, statement, values));
      onAnswer();
    }
    return answers;
  };
  return inSnapshot(em, work);
}

async function askSqlite<R>(
  em: EntityManager,
  questions: readonly Question<R>[],
  onAnswer: () => void,
): Promise<R[][]> {
  const dialect = dialectOf(em);
  const database = (await em.getConnection('read').getNativeClient()) as Database;
  const texts = questions.map(({ statement }) => statement.for(dialect).text);
  const answers: R[][] = [];
  const onMessage = ({ rows, ms }: SnapshotAnswer) => {
    const { statement } = questions[answers.length] as Question<R>;
    const sql = texts[answers.length] as string;
    if (statement.decode) rows.forEach(statement.decode);
    recordStatement(em, { sql, ms, rows: rows.length, batch: null });
    answers.push(rows as R[]);
    onAnswer();
  };
  const tasks = questions.map(({ values }, index) => ({
    text: texts[index] as string,
    bindings: sqliteBindings(values),
  }));
  const task = { file: database.name, questions: tasks };
  await runWorker(task, onMessage, cancellationOf(em) ?? new Cancellation());
  return answers;
}

function runWorker(
  task: SnapshotTask,
  onMessage: (answer: SnapshotAnswer) => void,
  cancellation: Cancellation,
): Promise<void> {
  cancellation.throwIfCancelled();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const worker = new Worker(new URL('./snapshot.worker.ts', import.meta.url), { workerData: task });
  worker.on('message', (answer: SnapshotAnswer) => {
    try {
      onMessage(answer);
    } catch (error) {
      reject(error);
    }
  });
  const forget = cancellation.onCancel(() => {
    reject(cancellation.reason);
    void worker.terminate();
  });
  worker.on('error', reject);
  worker.on('exit', (code) =>
    code === 0 ? resolve() : reject(new Error(`The snapshot's thread ended with ${code}`)),
  );
  return promise.finally(forget);
}
