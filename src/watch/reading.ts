import { Cancellation, TimedOut } from '../database/cancellation.ts';
import type { EntityManager, Orm } from '../database/entity-manager.ts';

/** What metrics read from the database each time that somebody looks at them. */
export interface Reading {
  readonly seqs: readonly { readonly organization: number | null; readonly seq: number }[];
  readonly newestLine: number;
}

/** How long, in milliseconds, the database may take. */
const PATIENCE_MS = 1000;

/** Reads from the database for metrics; null when it cannot be read, or not in time. */
export async function readingOf(
  orm: Orm,
  read: (em: EntityManager) => Promise<Reading>,
): Promise<Reading | null> {
  const cancellation = new Cancellation();
  const late = Promise.withResolvers<null>();
  const timer = setTimeout(() => {
    cancellation.cancel(new TimedOut('The database did not answer in time'));
    late.resolve(null);
  }, PATIENCE_MS);
  const em = orm.em.fork({ loggerContext: { cancellation } });
  // Whatever is wrong with the database, requests tell of it: here it is a metric.
  const reading = read(em).catch(() => null);
  return Promise.race([reading, late.promise]).finally(() => clearTimeout(timer));
}
