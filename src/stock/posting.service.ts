import { z } from 'zod';
import type { Viewer } from '../access/viewer.ts';
import { MAX_QUANTITY } from '../database/columns.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import type { Row } from '../database/rows.ts';
import { InvalidInput } from '../errors.ts';
import { checkInput, optionalLongText, optionalText, requiredText } from '../input.ts';
import { takePlaces } from '../journal/journal.service.ts';
import type { DraftLine, Plan } from './draft.ts';
import { draftPostings } from './drafts.ts';
import { claimKeys } from './idempotency.ts';
import {
  type LevelPlace,
  type LockedLevel,
  type LockedLevels,
  levelKey,
  levelOf,
  lockLevels,
  writeLevels,
} from './level.service.ts';
import { findReplays, type Recorded, writeMovements } from './movement.service.ts';
import type { Posted, Posting } from './posting.ts';
import { refuseDoubleSerials } from './serials.ts';
import { InsufficientStock, type StockShortage } from './stock.errors.ts';
import type { StockLevel } from './stock-level.entity.ts';

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
  const { organizationId } = viewer;
  const clean = postings.map((posting) => ({ ...posting, ...checkInput(Texts, posting) }));
  const inputs = clean.map(({ idempotencyKey, ...input }) => ({ key: idempotencyKey, input }));
  const claims = await claimKeys(em, organizationId, inputs);
  const fresh = clean.filter(({ idempotencyKey }) => claims.fresh.has(idempotencyKey));
  const replays = await findReplays(em, organizationId, claims.taken);
  const recorded = await recordFresh(em, viewer, fresh, claims.fresh);
  return clean.map(({ idempotencyKey }) => {
    const posted = recorded.get(idempotencyKey) ?? replays.get(idempotencyKey);
    if (!posted) throw new Error('An idempotency key without its movement');
    return posted;
  });
}

async function recordFresh(
  em: EntityManager,
  viewer: Viewer,
  postings: readonly Posting[],
  keys: ReadonlyMap<string, number>,
): Promise<Map<string, Posted>> {
  if (postings.length === 0) return new Map();
  const { organizationId } = viewer;
  const drafts = await draftPostings(em, organizationId, postings);
  const places = drafts.flatMap((draft) => draft.places);
  const levels = await lockLevels(em, organizationId, places);
  const plans: Plan[] = [];
  const records = drafts.map((draft) => {
    const plan = draft.plan(levels);
    plans.push(plan);
    return carryOut(plan, levels);
  });
  const moved = plans.flatMap(({ lines }) => lines);
  await refuseDoubleSerials(em, organizationId, moved);
  // From here on, every other writer of the organization waits for the commit.
  const journal = await takePlaces(em, organizationId, postings.length);
  await writeLevels(em, organizationId, levels.values(), journal.recordedAt);
  const movements = await writeMovements(em, viewer, postings, { keys, records, journal });
  for (const level of levels.values()) level.updatedAt = journal.recordedAt;
  return new Map(
    postings.map(({ idempotencyKey }, index) => {
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
function carryOut({ lines, counts = [], shortages = [] }: Plan, levels: LockedLevels): Recorded {
  refuseShortages(lines, levels, shortages);
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

/** The lines that meet at one level are summed before the check: what comes in counts too. */
function refuseShortages(
  lines: readonly DraftLine[],
  levels: LockedLevels,
  known: readonly StockShortage[],
): void {
  const changes = new Map<string, { delta: number; lines: number[] }>();
  const change = (key: string) => {
    const found = changes.get(key) ?? { delta: 0, lines: [] };
    changes.set(key, found);
    return found;
  };
  for (const line of lines) {
    const taken = change(levelKey(line.from));
    taken.delta -= line.quantity;
    taken.lines.push(line.line);
    change(levelKey(line.to)).delta += line.quantity;
  }
  const shortages: StockShortage[] = [...known];
  for (const [key, { delta, lines: indexes }] of changes) {
    const { outside, onHand, reserved, item, location, lot } = levels.get(key) as LockedLevel;
    const available = onHand - reserved;
    if (outside || available + delta >= 0) continue;
    shortages.push({ lines: indexes, item, location, lot, requested: -delta, available });
  }
  if (shortages.length > 0) throw new InsufficientStock(shortages);
}

/** The levels of real places among those that a posting needs, each once, in its order. */
function realLevels(places: readonly LevelPlace[], levels: LockedLevels): Row<StockLevel>[] {
  const keys = places.filter(({ outside }) => !outside).map(levelKey);
  return [...new Set(keys)].map((key) => levels.get(key) as LockedLevel);
}
