import type { Viewer } from '../access/viewer.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { inTransaction } from '../database/transaction.ts';
import { InvalidInput } from '../errors.ts';
import { orderOf, postMovements, postOrders } from './posting.service.ts';
import type { Posted, Posting } from './posting.ts';
import { canShare, queueOf } from './posting-queue.ts';

/** The most lines that one call of the API takes. The posting service itself knows no limit. */
export const MAX_LINES = 1000;

/**
 * Records one movement, as a call of the API asks for it.
 * @throws as `postMovements` does, and InvalidInput for no lines or too many.
 */
export async function postOne(
  em: EntityManager,
  viewer: Viewer,
  posting: Posting,
): Promise<Posted> {
  checkLines(posting);
  const [posted] = await postMovements(em, viewer, [posting]);
  return posted as Posted;
}

/**
 * Records one movement as `postOne` does, and commits it: together with others that come meanwhile,
 * where that makes no difference to anybody.
 * @throws as `postOne` does, and UnavailableError. Nothing of it was done then.
 */
export async function postAndCommit(
  em: EntityManager,
  viewer: Viewer,
  posting: Posting,
): Promise<Posted> {
  checkLines(posting);
  const order = orderOf(viewer, posting);
  if (canShare(order)) return queueOf(em, viewer.organizationId).post(em, order);
  const [posted] = await inTransaction(em, (own) =>
    postOrders(own, viewer.organizationId, [order]),
  );
  return posted as Posted;
}

function checkLines(posting: Posting): void {
  // A count of a place where nothing is to be found has nothing to list.
  const countsAll = 'unlisted' in posting && posting.unlisted === 'ZERO';
  if ('lines' in posting && posting.lines) checkLineCount(posting.lines, countsAll ? 0 : 1);
}

/** @throws InvalidInput when a call has fewer lines than it must, or more than `MAX_LINES`. */
export function checkLineCount(lines: readonly unknown[], least = 1): void {
  if (lines.length >= least && lines.length <= MAX_LINES) return;
  const message = `A call takes ${least} to ${MAX_LINES} lines, got ${lines.length}.`;
  throw new InvalidInput(message, ['input', 'lines']);
}
