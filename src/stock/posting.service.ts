import { z } from 'zod';
import type { Viewer } from '../access/viewer.ts';
import { MAX_QUANTITY } from '../database/columns.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { InvalidInput } from '../errors.ts';
import { checkInput, optionalLongText, optionalText, requiredText } from '../input.ts';
import { writeEntries } from '../journal/journal.service.ts';
import type { DraftLine, Plan } from './draft.ts';
import { draftPostings } from './drafts.ts';
import { endHolds, holdEntry } from './holds.ts';
import { claimKeys } from './idempotency.ts';
import { type LockedLevels, levelOf, realLevels } from './level.service.ts';
import { lockStock, writeStock } from './locking.ts';
import { findReplays, movementEntry, type Recorded, writeMovements } from './movement.service.ts';
import type { Order, Posted, Posting } from './posting.ts';
import { Refused } from './refused.ts';
import { refuseDoubleSerials } from './serials.ts';
import { refuseShortages } from './shortages.ts';
import { IdempotencyMismatch } from './stock.errors.ts';

const Texts = z.object({
  idempotencyKey: requiredText,
  reference: optionalText,
  note: optionalLongText,
});

/**
 * Records movements: one or thousands, in the transaction of the EntityManager, with a number of
 * statements that does not depend on how many. Every way to change stock ends here.
 * @returns what was recorded, in the order of the postings; those that were recorded before, by the
 *   same keys, come back as they are.
 * @throws IdempotencyMismatch, InvalidInput, NotFound, InsufficientStock with every shortage of the
 *   first movement that cannot be. The transaction is of no use after that.
 */
export async function postMovements(
  em: EntityManager,
  viewer: Viewer,
  postings: readonly Posting[],
): Promise<Posted[]> {
  const orders = postings.map((posting) => orderOf(viewer, posting));
  return postOrders(em, viewer.organizationId, orders);
}

/**
 * A posting as its viewer wants it.
 * @throws InvalidInput for a text that cannot be kept.
 */
export function orderOf({ userId }: Viewer, posting: Posting): Order {
  return { ...posting, ...checkInput(Texts, posting), actor: userId };
}

/**
 * Records movements as `postMovements` does, each for a user of its own.
 * @param refused is told of postings that are refused, as many as are known before the first refusal
 *   is thrown. Each of them may find another answer when it is tried alone.
 */
export async function postOrders(
  em: EntityManager,
  organizationId: number,
  orders: readonly Order[],
  refused = new Refused(),
): Promise<Posted[]> {
  // Whoever sends it, the input is the same.
  const inputs = orders.map(({ idempotencyKey: key, actor, ...input }) => ({ key, input }));
  const claims = await claimKeys(em, organizationId, inputs);
  for (const order of orders) {
    await refused.attempt(order, () => {
      if (claims.mismatched.has(order.idempotencyKey)) throw new IdempotencyMismatch();
    });
  }
  refused.throwFirst();
  const fresh = orders.filter(({ idempotencyKey }) => claims.fresh.has(idempotencyKey));
  const replays = await findReplays(em, organizationId, claims.taken);
  const recorded = await recordFresh(em, organizationId, fresh, { keys: claims.fresh, refused });
  return orders.map(({ idempotencyKey }) => {
    const posted = recorded.get(idempotencyKey) ?? replays.get(idempotencyKey);
    if (!posted) throw new Error('An idempotency key without its movement');
    return posted;
  });
}

async function recordFresh(
  em: EntityManager,
  organizationId: number,
  orders: readonly Order[],
  { keys, refused }: { readonly keys: ReadonlyMap<string, number>; readonly refused: Refused },
): Promise<Map<string, Posted>> {
  if (orders.length === 0) return new Map();
  const { drafts, archivedSeq } = await draftPostings(em, organizationId, orders, refused);
  const stock = await lockStock(
    em,
    organizationId,
    drafts.flatMap((draft) => draft.places),
  );
  const { levels } = stock;
  const records: Recorded[] = [];
  const moved: (readonly DraftLine[])[] = [];
  const holds = [...stock.expired];
  const ends = stock.expired.map((change) => holdEntry(change, null));
  for (const [index, draft] of drafts.entries()) {
    const order = orders[index] as Order;
    await refused.attempt(order, async () => {
      const plan = await draft.plan(stock);
      records.push(carryOut(plan, levels));
      moved.push(plan.lines);
      holds.push(...(plan.holds ?? []));
      ends.push(...(plan.holds ?? []).map((change) => holdEntry(change, order.actor)));
    });
  }
  refused.throwFirst();
  await refuseDoubleSerials(em, organizationId, moved);
  const write = { ended: holds, others: orders.length, archivedSeq };
  const journal = await writeStock(em, organizationId, stock, write);
  const { recordedAt } = journal;
  const firstSeq = journal.firstSeq + holds.length;
  const recording = { keys, records, firstSeq, recordedAt };
  const movements = await writeMovements(em, organizationId, orders, recording);
  await writeEntries(em, organizationId, journal, [...ends, ...movements.map(movementEntry)]);
  return new Map(
    orders.map(({ idempotencyKey }, index) => {
      const touched = realLevels(drafts[index]?.places ?? [], levels);
      const movement = movements[index] as Posted['movement'];
      return [idempotencyKey, { movement, replayed: false, levels: touched }] as const;
    }),
  );
}

/**
 * Carries a plan out on the locked levels, in memory.
 * @returns each line with the balance of both ends after it.
 */
function carryOut(
  { lines, counts = [], shortages = [], holds = [] }: Plan,
  levels: LockedLevels,
): Recorded {
  endHolds(holds, levels);
  const deltas = lines.flatMap(({ line, from, to, quantity }) => [
    { line, place: from, delta: -quantity },
    { line, place: to, delta: quantity },
  ]);
  refuseShortages(deltas, levels, shortages);
  const recorded = lines.map((line, index) => {
    const from = levelOf(levels, line.from);
    const to = levelOf(levels, line.to);
    from.onHand -= line.quantity;
    to.onHand += line.quantity;
    if (from.onHand < -MAX_QUANTITY || to.onHand > MAX_QUANTITY) {
      const path = ['input', 'lines', String(line.line), 'quantity'];
      throw new InvalidInput('More stock than can be counted.', path);
    }
    return {
      position: index + 1,
      item: line.from.item,
      lot: line.from.lot,
      from: line.from.location,
      to: line.to.location,
      quantity: line.quantity,
      fromAfter: from.onHand,
      toAfter: to.onHand,
    };
  });
  return { lines: recorded, counts };
}
