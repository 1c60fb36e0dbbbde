import { createHash } from 'node:crypto';
import { and, asc, eq, inArray, sql } from 'drizzle-orm';
import { db } from './database.ts';
import {
  idempotencyKeys,
  items,
  journalEntries,
  journalHeads,
  locations,
  movementLines,
  movements,
  stockLevels,
} from './tables.ts';

export interface Transfer {
  readonly organization: number;
  readonly actor: number;
  readonly idempotencyKey: string;
  readonly item: number;
  readonly from: number;
  readonly to: number;
  readonly quantity: number;
}

export interface Transferred {
  readonly seq: number;
  readonly fromAfter: number;
  readonly toAfter: number;
  readonly replayed: boolean;
}

type Transaction = Parameters<Parameters<typeof db.transaction>[0]>[0];
type Level = typeof stockLevels.$inferSelect;

const isOutside = ({ kind }: { kind: string }) => kind !== 'STORAGE' && kind !== 'TRANSIT';

/** A transfer by the rules of the ledger, as `transfer-function.ts` says them in SQL. */
export function transfer(input: Transfer): Promise<Transferred> {
  return db.transaction(async (tx) => {
    const { organization, idempotencyKey: key, item, from, to, quantity } = input;
    const facts = `TRANSFER:${item}:${from}:${to}:${quantity}`;
    const inputHash = createHash('sha256').update(facts).digest('hex');
    const [claimed] = await tx
      .insert(idempotencyKeys)
      .values({ organizationId: organization, key, inputHash })
      .onConflictDoNothing({ target: [idempotencyKeys.organizationId, idempotencyKeys.key] })
      .returning({ id: idempotencyKeys.id });
    if (!claimed) return replay(tx, input, inputHash);
    const [taken, given] = await lockEnds(tx, input);
    if (!taken.outside && taken.onHand - taken.reserved < quantity) {
      throw new Error('INSUFFICIENT_STOCK');
    }
    return post(tx, input, { taken, given, keyId: claimed.id });
  });
}

async function replay(tx: Transaction, { organization, idempotencyKey }: Transfer, hash: string) {
  const [known] = await tx
    .select({
      hash: idempotencyKeys.inputHash,
      seq: movements.seq,
      fromAfter: movementLines.fromAfter,
      toAfter: movementLines.toAfter,
    })
    .from(idempotencyKeys)
    .innerJoin(movements, eq(movements.idempotencyKeyId, idempotencyKeys.id))
    .innerJoin(movementLines, eq(movementLines.movementId, movements.id))
    .where(
      and(
        eq(idempotencyKeys.organizationId, organization),
        eq(idempotencyKeys.key, idempotencyKey),
      ),
    );
  if (known?.hash !== hash) throw new Error('IDEMPOTENCY_MISMATCH');
  const { seq, fromAfter, toAfter } = known;
  return { seq, fromAfter, toAfter, replayed: true };
}

/** Checks what is named, and locks both levels in the order of their locations. */
async function lockEnds(tx: Transaction, input: Transfer): Promise<[Level, Level]> {
  const { organization, item: itemId, from, to, quantity } = input;
  const [item] = await tx
    .select({ tracking: items.tracking, archivedAt: items.archivedAt })
    .from(items)
    .where(and(eq(items.id, itemId), eq(items.organizationId, organization)));
  const places = await tx
    .select()
    .from(locations)
    .where(and(inArray(locations.id, [from, to]), eq(locations.organizationId, organization)));
  const [source, target] = [from, to].map((id) => places.find((place) => place.id === id));
  const isUsable = item && !item.archivedAt && item.tracking === 'NONE';
  if (!isUsable || !source || !target || source.archivedAt || target.archivedAt) {
    throw new Error('NOT_FOUND');
  }
  if (!(quantity > 0) || from === to || (isOutside(source) && isOutside(target))) {
    throw new Error('INVALID_INPUT');
  }
  let levels = await lock(tx, input);
  if (levels.length < 2) {
    const missing = [source, target].filter(({ id }) =>
      levels.every(({ locationId }) => locationId !== id),
    );
    const facts = { organizationId: organization, itemId, lotKey: 0, onHand: 0, reserved: 0 };
    await tx
      .insert(stockLevels)
      .values(
        missing.map((place) => ({
          ...facts,
          locationId: place.id,
          outside: isOutside(place),
          updatedAt: new Date(),
        })),
      )
      .onConflictDoNothing();
    levels = await lock(tx, input);
  }
  const at = (place: number) => levels.find(({ locationId }) => locationId === place) as Level;
  return [at(from), at(to)];
}

function lock(tx: Transaction, { organization, item, from, to }: Transfer): Promise<Level[]> {
  return tx
    .select()
    .from(stockLevels)
    .where(
      and(
        eq(stockLevels.organizationId, organization),
        eq(stockLevels.itemId, item),
        inArray(stockLevels.locationId, [from, to]),
        eq(stockLevels.lotKey, 0),
      ),
    )
    .orderBy(asc(stockLevels.locationId))
    .for('no key update');
}

interface Ends {
  readonly taken: Level;
  readonly given: Level;
  readonly keyId: number;
}

async function post(tx: Transaction, input: Transfer, { taken, given, keyId }: Ends) {
  const { organization: organizationId, actor: actorId, item, from, to, quantity } = input;
  const fromAfter = taken.onHand - quantity;
  const toAfter = given.onHand + quantity;
  const [head] = await tx
    .update(journalHeads)
    .set({
      seq: sql`${journalHeads.seq} + 1`,
      recordedAt: sql`greatest(${journalHeads.recordedAt}, clock_timestamp())`,
    })
    .where(eq(journalHeads.organizationId, organizationId))
    .returning({ seq: journalHeads.seq, at: journalHeads.recordedAt });
  if (!head) throw new Error('NO_JOURNAL');
  const { seq, at } = head;
  const write = (onHand: number, id: number) =>
    tx.update(stockLevels).set({ onHand, updatedAt: at }).where(eq(stockLevels.id, id));
  await write(fromAfter, taken.id);
  await write(toAfter, given.id);
  const [movement] = await tx
    .insert(movements)
    .values({
      ...{ organizationId, seq, kind: 'TRANSFER', idempotencyKeyId: keyId, actorId },
      ...{ occurredAt: at, recordedAt: at },
    })
    .returning({ id: movements.id });
  const movementId = movement?.id as number;
  await tx.insert(movementLines).values({
    ...{ organizationId, movementId, position: 1, itemId: item, lotKey: 0 },
    ...{ fromLocationId: from, toLocationId: to, quantity, fromAfter, toAfter },
  });
  await tx.insert(journalEntries).values({
    ...{ organizationId, seq, at, action: 'stock.transfer', actorId },
    ...{ subjectType: 'Movement', subjectId: movementId },
  });
  return { seq, fromAfter, toAfter, replayed: false };
}
