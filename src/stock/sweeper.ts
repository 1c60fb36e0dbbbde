import type { Logger } from 'pino';
import type { Orm } from '../database/entity-manager.ts';
import { runAcrossOrganizations, Statement } from '../database/statement.ts';
import { inTransaction } from '../database/transaction.ts';
import { type Repeating, repeat } from '../repeating.ts';
import { expireReservations } from './reservation.service.ts';

/** How often, in milliseconds, the sweeper looks for reservations that are due. */
const INTERVAL_MS = 500;

/** How many reservations one look finds at most; while there are more, it looks again at once. */
const MOST = 100;

const DUE = new Statement<{ organization: number; id: number }>(
  (dialect) => `select organization_id as "organization", id as "id" from reservations
    where state = 'ACTIVE' and expires_at <= ${dialect.time('$1')} order by expires_at limit ${MOST}`,
);

/**
 * Resolves the reservations of all organizations that are due by now. Nothing rests on it: whoever
 * locks a level resolves what is due there first. It only keeps what people read up to date.
 * @returns how many were resolved.
 */
export async function sweepReservations(orm: Orm): Promise<number> {
  let resolved = 0;
  for (;;) {
    const before = resolved;
    const due = await runAcrossOrganizations(orm.em.fork(), DUE, [new Date()]);
    for (const [organization, own] of Map.groupBy(due, (each) => each.organization)) {
      const ids = own.map(({ id }) => id);
      resolved += await inTransaction(orm.em, (em) => expireReservations(em, organization, ids));
    }
    if (due.length < MOST || resolved === before) return resolved;
  }
}

/** Keeps resolving reservations that are due until it is stopped, which waits for the last sweep. */
export const startSweeper = (orm: Orm, log: Logger): Repeating =>
  repeat(
    () => sweepReservations(orm),
    INTERVAL_MS,
    // What cannot be resolved now is resolved by a later sweep, or by whoever needs the stock.
    ({ message }) => log.warn({ reason: message }, 'reservations were not swept'),
  );
