import type { EntityManager } from './entity-manager.ts';

/** The work took longer than it may. */
export class TimedOut extends Error {
  override readonly name = 'TimedOut';
}

/** Nobody waits any more for what was asked. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone';
}

/** Ends the work for one request before it is done: at the next statement, or in the middle of one that can be cancelled. */
export class Cancellation {
  readonly #listeners = new Set<() => void>();
  #reason: Error | undefined;

  /** Why the work is to end; undefined while it goes on. */
  get reason(): Error | undefined {
    return this.#reason;
  }

  /** Ends the work. The first reason stays. */
  cancel(reason: Error): void {
    if (this.#reason) return;
    this.#reason = reason;
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }

  /** @throws the reason why the work is to end, if it is. */
  throwIfCancelled(): void {
    if (this.#reason) throw this.#reason;
  }

  /** Calls back when the work is to end, until the function that is returned is called. */
  onCancel(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** What can end the work that is done through an EntityManager, if anything can. */
export function cancellationOf(em: EntityManager): Cancellation | undefined {
  const context: object = em.getLoggerContext();
  if (!('cancellation' in context)) return undefined;
  return context.cancellation instanceof Cancellation ? context.cancellation : undefined;
}
