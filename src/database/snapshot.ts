import { IsolationLevel } from '@mikro-orm/core';
import type { Database } from 'better-sqlite3';
import { cancellationOf } from './cancellation.ts';
import { dialectOf } from './dialect.ts';
import type { EntityManager } from './entity-manager.ts';
import { withReaderThread } from './reader-thread.ts';
import { readFrom } from './sqlite-statement.ts';
import { runAcrossOrganizations, type Statement } from './statement.ts';
import type { Value } from './statement-values.ts';

/** A statement that reads, with all its values: `$1` first. */
export interface Question<R> {
  readonly statement: Statement<R>;
  readonly values: readonly Value[];
}

const ONE_MOMENT = { isolationLevel: IsolationLevel.REPEATABLE_READ, readOnly: true };

/** Those that read one moment already. */
const ofOneMoment = new WeakSet<EntityManager>();

/**
 * Has all that is read through an EntityManager be of one moment, while the process goes on: on
 * PostgreSQL in one transaction; on SQLite, whose driver is synchronous, in a thread of its own. Inside
 * of another it is of the same moment.
 */
export async function inSnapshot<T>(
  em: EntityManager,
  work: (em: EntityManager) => Promise<T>,
): Promise<T> {
  if (ofOneMoment.has(em)) return work(em);
  const begun = (own: EntityManager) => {
    ofOneMoment.add(own);
    return work(own);
  };
  const fork = em.fork({ clear: true });
  if (dialectOf(em).name !== 'sqlite') return fork.transactional(begun, ONE_MOMENT);
  const { name } = (await em.getConnection('read').getNativeClient()) as Database;
  return withReaderThread(name, cancellationOf(em), (reader) => {
    readFrom(fork, reader);
    return begun(fork);
  });
}

/**
 * Answers questions that may take seconds, all of the same moment, while the process goes on.
 * @returns the rows of each question, in the order of the questions.
 */
export function askInSnapshot<R>(
  em: EntityManager,
  questions: readonly Question<R>[],
  onAnswer: () => void = () => undefined,
): Promise<R[][]> {
  return inSnapshot(em, async (fork) => {
    const answers: R[][] = [];
    for (const { statement, values } of questions) {
      answers.push(await runAcrossOrganizations(fork, statement, values));
      onAnswer();
    }
    return answers;
  });
}

/**
 * Runs a statement that reads as much as there is, while the process goes on: PostgreSQL works for
 * itself, and SQLite in a thread. Everything else about it is as `run` says.
 */
export async function runAside<R>(
  em: EntityManager,
  organizationId: number,
  statement: Statement<R>,
  values: readonly Value[],
): Promise<R[]> {
  const read = (own: EntityManager) =>
    runAcrossOrganizations(own, statement, [organizationId, ...values]);
  return dialectOf(em).name === 'sqlite' ? inSnapshot(em, read) : read(em);
}
