import type { Logger } from 'pino';
import type { Orm } from '../database/entity-manager.ts';
import { runAcrossOrganizations, Statement } from '../database/statement.ts';
import { inTransaction } from '../database/transaction.ts';
import { type Repeating, repeat } from '../repeating.ts';
import type { RecentViewers } from './recent-viewers.ts';

/** How often, in milliseconds, it is written down which keys were shown. */
const INTERVAL_MS = 20_000;

const USED = new Statement<never>(
  (dialect) => `update api_keys set last_used_at = ${dialect.time('$2')}
    where ${dialect.isIn('id', '$1')}`,
);

/** Writes down that the keys which were shown since the last time were shown by now. */
export async function recordUses(orm: Orm, viewers: RecentViewers): Promise<void> {
  const keys = viewers.takeShown();
  if (keys.length === 0) return;
  await inTransaction(orm.em, (em) => runAcrossOrganizations(em, USED, [keys, new Date()]));
}

/** Keeps writing down which keys are in use, until it is stopped. Nothing rests on it. */
export const startRecordingUses = (orm: Orm, viewers: RecentViewers, log: Logger): Repeating =>
  repeat(
    () => recordUses(orm, viewers),
    INTERVAL_MS,
    ({ message }) => log.warn({ reason: message }, 'uses of keys were not written down'),
  );
