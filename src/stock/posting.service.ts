import { z } from 'zod';
import type { Viewer } from '../access/viewer.ts';
import { MAX_QUANTITY } from '../database/columns.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import type { Row } from '../database/rows.ts';
import { InvalidInput } from '../errors.ts';
import { checkInput, optionalLongText, optionalText, requiredText } from '../input.ts';
import { takePlaces } from '../journal/journal.service.ts';
import { claimKeys } from './idempotency.ts';
import { type LockedLevel, levelKey, lockLevels, writeLevels } from './level.service.ts';
import { findReplays, type RecordedLine, writeMovements } from './movement.service.ts';
import type { Posted, Posting } from './posting.ts';
import { type ResolvedLine, resolveLines } from './resolve-lines.ts';
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
  const resolved = await resolveLines(em, organizationId, postings);
  const places = resolved.flat().flatMap(({ from, to }) => [from, to]);
  const levels = await lockLevels(em, organizationId, places);
  const lines = resolved.map((each) => applyLines(each, levels));
  // From here on, every other writer of the organization waits for the commit.
  const journal = await takePlaces(em, organizationId, postings.length);
  await writeLevels(em, organizationId, levels.values(), journal.recordedAt);
  const movements = await writeMovements(em, viewer, postings, { keys, lines, journal });
  for (const level of levels.values()) level.updatedAt = journal.recordedAt;
  return new Map(
    postings.map(({ idempotencyKey }, index) => {
      const touched = realLevels(resolved[index] ?? [], levels);
      const movement = movements[index] as Posted['movement'];
      return [idempotencyKey, { movement, replayed: false, levels: touched }] as const;
    }),
  );
}

/**
 * Carries the lines of one movement out on the locked levels, in memory.
 * @returns each line with the balance of both ends after it.
 */
function applyLines(
  lines: readonly ResolvedLine[],
  levels: ReadonlyMap<string, LockedLevel>,
): RecordedLine[] {
  refuseShortages(lines, levels);
  return lines.map((line, index) => {
    const from = levelOf(levels, line.from);
    const to = levelOf(levels, line.to);
    from.onHand -= line.quantity;
    to.onHand += line.quantity;
    if (from.onHand < -MAX_QUANTITY || to.onHand > MAX_QUANTITY) {
      const path = ['input', 'lines', String(index), 'quantity'];
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
}

/** The lines that meet at one level are summed before the check: what comes in counts too. */
function refuseShortages(
  lines: readonly ResolvedLine[],
  levels: ReadonlyMap<string, LockedLevel>,
): void {
  const changes = new Map<string, { delta: number; lines: number[] }>();
  const change = (key: string) => {
    const found = changes.get(key) ?? { delta: 0, lines: [] };
    changes.set(key, found);
    return found;
  };
  lines.forEach((line, index) => {
    const taken = change(levelKey(line.from));
    taken.delta -= line.quantity;
    taken.lines.push(index);
    change(levelKey(line.to)).delta += line.quantity;
  });
  const shortages: StockShortage[] = [];
  for (const [key, { delta, lines: indexes }] of changes) {
    const { outside, onHand, reserved, item, location, lot } = levels.get(key) as LockedLevel;
    const available = onHand - reserved;
    if (outside || available + delta >= 0) continue;
    shortages.push({ lines: indexes, item, location, lot, requested: -delta, available });
  }
  if (shortages.length > 0) throw new InsufficientStock(shortages);
}

function levelOf(levels: ReadonlyMap<string, LockedLevel>, place: ResolvedLine['from']) {
  const level = levels.get(levelKey(place));
  if (!level) throw new Error(`The level ${levelKey(place)} was not locked`);
  return level;
}

/** The levels of real places that lines touch, each once, in the order of the lines. */
function realLevels(
  lines: readonly ResolvedLine[],
  levels: ReadonlyMap<string, LockedLevel>,
): Row<StockLevel>[] {
  const places = lines.flatMap(({ from, to }) => [from, to]).filter(({ outside }) => !outside);
  return [...new Set(places.map(levelKey))].map((key) => levels.get(key) as LockedLevel);
}
