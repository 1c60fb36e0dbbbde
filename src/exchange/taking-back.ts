import type { EntityManager } from '../database/entity-manager.ts';
import { inTransaction } from '../database/transaction.ts';
import { TakenBack } from './exchange.errors.ts';
import type { Problem } from './problem.ts';

/** What came of a part of an import. */
export interface Outcome {
  readonly problems: readonly Problem[];
}

/** Does a part of an import, in a transaction that it is given. */
export type Doing = <T extends Outcome>(work: (em: EntityManager) => Promise<T>) => Promise<T>;

/** Does work in a transaction, whole, or not at all where it has problems. */
export function wholeOrNot<T extends Outcome>(
  em: EntityManager,
  work: (em: EntityManager) => Promise<T>,
): Promise<T> {
  return unlessTakenBack(em, async (own) => {
    const outcome = await work(own);
    if (outcome.problems.length > 0) throw new TakenBack(outcome);
    return outcome;
  });
}

/** Does work in a transaction, and takes it back whatever comes of it. */
export function takeBack<T>(
  em: EntityManager,
  work: (em: EntityManager) => Promise<T>,
): Promise<T> {
  return unlessTakenBack<T>(em, async (own) => {
    throw new TakenBack(await work(own));
  });
}

async function unlessTakenBack<T>(
  em: EntityManager,
  work: (em: EntityManager) => Promise<T>,
): Promise<T> {
  try {
    return await inTransaction(em, work);
  } catch (error) {
    if (error instanceof TakenBack) return error.outcome as T;
    throw error;
  }
}
