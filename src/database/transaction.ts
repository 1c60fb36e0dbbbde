import { setTimeout as sleep } from 'node:timers/promises';
import { FlushMode } from '@mikro-orm/core';
import type { EntityManager } from './entity-manager.ts';
import { errorCode } from './error-code.ts';

/** How often a unit of work is tried before the caller is told to come back later. */
const TRIES = 6;

/** The longest pause between two tries, in milliseconds, before it is varied by chance. */
const LONGEST_PAUSE_MS = 160;

/** The database could not do the work just now, and nothing of it was done. Worth another try later. */
export class UnavailableError extends Error {
  override readonly name: string = 'UnavailableError';
  /** What a client is told, where it is not the database. */
  readonly told: string | null = null;
}

/** Other writers were faster: with the code of a serialization failure, the work is tried again. */
export class Outdated extends Error {
  readonly code = '40001';
}

/**
 * Does a unit of work in a transaction of its own, whole or not at all. After a serialization failure,
 * a deadlock or a busy database it is tried again from its beginning, with a new EntityManager.
 * Nothing is written but by a flush: a query that flushed first would throw what the flush refuses.
 * @throws UnavailableError when every try met such a conflict; else whatever `work` throws.
 */
export async function inTransaction<T>(
  em: EntityManager,
  work: (em: EntityManager) => Promise<T>,
  { tries: most = TRIES }: { readonly tries?: number } = {},
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await em
        .fork({ clear: true })
        .transactional(work, { clear: true, flushMode: FlushMode.COMMIT });
    } catch (error) {
      if (!isConflict(error)) throw error;
      if (tries === most) {
        throw new UnavailableError('The database is too busy; try again.', { cause: error });
      }
      await sleep(Math.min(2 ** tries * 5, LONGEST_PAUSE_MS) * (0.5 + Math.random()));
    }
  }
}

/** Serialization failure, deadlock and lock wait on PostgreSQL, a busy file on SQLite. */
const CONFLICT = /^(40001|40P01|55P03|SQLITE_BUSY.*)$/;

/** Whether another transaction was in the way, so that the same work may succeed when tried again. */
export const isConflict = (error: unknown): boolean => CONFLICT.test(errorCode(error));
