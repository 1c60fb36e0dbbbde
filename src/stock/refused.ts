import { DomainError } from '../errors.ts';
import type { Posting } from './posting.ts';

/** Which of several postings are refused, so that the others can be tried without them. */
export class Refused {
  readonly #keys = new Set<string>();
  #first: DomainError | undefined;

  /** Whether the posting is known to be refused. */
  has({ idempotencyKey }: Posting): boolean {
    return this.#keys.has(idempotencyKey);
  }

  /** Does a posting's part of the work; a refusal is kept, and the next posting's part can follow. */
  async attempt(posting: Posting, work: () => unknown): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      this.#keys.add(posting.idempotencyKey);
      this.#first ??= error;
    }
  }

  /** @throws the first refusal, if there was any. */
  throwFirst(): void {
    if (this.#first) throw this.#first;
  }
}
