import { z } from 'zod';
import type { Viewer } from '../access/viewer.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { rowsWhereIn } from '../database/read.ts';
import { madeOnce, type Row, tableOf } from '../database/rows.ts';
import { run, Statement } from '../database/statement.ts';
import { JsonRows } from '../database/statement-values.ts';
import { InvalidInput, InvalidState } from '../errors.ts';
import { checkInput, requiredText } from '../input.ts';
import { type Change, writeEntries } from '../journal/journal.service.ts';
import { draftReservation, type NewHold } from './draft-reservation.ts';
import {
  endHolds,
  endReservations,
  findHolds,
  type Hold,
  type HoldChange,
  heldBy,
  holdEntry,
  placeOfHold,
  stillHeldBy,
} from './holds.ts';
import { claimKey } from './idempotency.ts';
import { levelOf, realLevels } from './level.service.ts';
import { lockStock, writeStock } from './locking.ts';
import { Reservation } from './reservation.entity.ts';
import type { Extension, NewReservation, Release, Reserved } from './reservation.ts';
import { checkLineCount } from './stock.service.ts';
import { StockLevel } from './stock-level.entity.ts';

const Key = z.object({ idempotencyKey: requiredText });
const Texts = Key.extend({ reference: requiredText });

/**
 * Holds stock for somebody: all lines, or nothing.
 * @throws IdempotencyMismatch, InvalidInput, InvalidState, NotFound, LotExpired, InsufficientStock
 *   with every shortage. The transaction is of no use after that.
 */
export async function reserveStock(
  em: EntityManager,
  viewer: Viewer,
  input: NewReservation,
): Promise<Reserved> {
  const { organizationId, userId } = viewer;
  const { idempotencyKey, ...wanted } = { ...input, ...checkInput(Texts, input) };
  checkLineCount(wanted.lines);
  const asked = { key: idempotencyKey, input: { action: 'stockReserve', ...wanted } };
  const key = await claimKey(em, organizationId, asked);
  if (!key.fresh) return replay(em, organizationId, await madeUnder(em, organizationId, key.id));
  const { lines, reference, expiresAt = null } = wanted;
  if (expiresAt && expiresAt <= new Date()) {
    throw new InvalidInput('expiresAt must be in the future.', ['input', 'expiresAt']);
  }
  const draft = await draftReservation(em, organizationId, lines);
  const stock = await lockStock(em, organizationId, draft.places);
  const holds = draft.plan(stock);
  for (const { place, units } of holds) levelOf(stock.levels, place).reserved += units;
  const { archivedSeq } = draft;
  const write = { ended: stock.expired, others: 1, archivedSeq };
  const journal = await writeStock(em, organizationId, stock, write);
  const { recordedAt } = journal;
  const row = { reference, expiresAt, idempotencyKey: key.id, createdAt: recordedAt };
  const reservation = await insertReservation(em, organizationId, row, holds);
  await writeEntries(em, organizationId, journal, [
    ...stock.expired.map((change) => holdEntry(change, userId)),
    entryOf('create', reservation, userId, { reference, expiresAt }),
  ]);
  const places = holds.map(({ place }) => place);
  return { reservation, replayed: false, levels: realLevels(places, stock.levels) };
}

/**
 * Ends a reservation: what it still holds is available again.
 * @throws IdempotencyMismatch, InvalidInput, NotFound, InvalidState when it is resolved already.
 */
export async function releaseReservation(
  em: EntityManager,
  viewer: Viewer,
  input: Release,
): Promise<Reserved> {
  return changeReservation(em, viewer, { action: 'reservationRelease', ...input }, (held) => ({
    ended: endReservations(held, 'RELEASED'),
  }));
}

/**
 * Lets a reservation last longer.
 * @throws IdempotencyMismatch, NotFound, InvalidState when it is resolved already or never expires,
 *   InvalidInput when it would end no later than it does.
 */
export async function extendReservation(
  em: EntityManager,
  viewer: Viewer,
  input: Extension,
): Promise<Reserved> {
  const { expiresAt: to } = input;
  return changeReservation(em, viewer, { action: 'reservationExtend', ...input }, ([hold]) => {
    const { expiresAt: from, reservation } = hold as Hold;
    if (!from) {
      throw new InvalidState('The reservation does not expire.', ['input', 'reservation']);
    }
    if (to <= from) {
      const message = `expiresAt must be later than ${from.toISOString()}.`;
      throw new InvalidInput(message, ['input', 'expiresAt']);
    }
    return {
      ended: [],
      write: () => run(em, viewer.organizationId, EXTEND, [reservation, to]),
      entry: entryOf('extend', reservation, viewer.userId, { expiresAt: { from, to } }),
    };
  });
}

/** What a call makes of a reservation, once its levels are locked. */
interface Outcome {
  readonly ended: readonly HoldChange[];
  readonly write?: () => Promise<unknown>;
  readonly entry?: Change;
}

async function changeReservation(
  em: EntityManager,
  { organizationId, userId }: Viewer,
  call: Release & { readonly action: string },
  decide: (held: readonly Hold[]) => Outcome,
): Promise<Reserved> {
  const { idempotencyKey, ...input } = { ...call, ...checkInput(Key, call) };
  const { reservation } = call;
  const key = await claimKey(em, organizationId, { key: idempotencyKey, input });
  if (!key.fresh) return replay(em, organizationId, reservation);
  const places = (await heldBy(em, organizationId, reservation)).map(placeOfHold);
  const stock = await lockStock(em, organizationId, places);
  const held = await stillHeldBy(em, organizationId, reservation, stock.expired);
  const { ended: own, write, entry } = decide(held);
  endHolds(own, stock.levels);
  const ended = [...stock.expired, ...own];
  // A reservation that lasts longer changes no level.
  const changed = ended.length > 0 ? stock : { ...stock, levels: new Map() };
  const others = entry ? 1 : 0;
  const journal = await writeStock(em, organizationId, changed, { ended, others });
  await write?.();
  await writeEntries(em, organizationId, journal, [
    ...ended.map((change) => holdEntry(change, userId)),
    ...(entry ? [entry] : []),
  ]);
  return { reservation, replayed: false, levels: realLevels(places, stock.levels) };
}

/**
 * Resolves reservations of an organization that are due. For all others it does nothing.
 * @returns how many were resolved.
 */
export async function expireReservations(
  em: EntityManager,
  organizationId: number,
  reservations: readonly number[],
): Promise<number> {
  const places = (await findHolds(em, organizationId, reservations)).map(placeOfHold);
  if (places.length === 0) return 0;
  const stock = await lockStock(em, organizationId, places);
  const { expired } = stock;
  if (expired.length === 0) return 0;
  const journal = await writeStock(em, organizationId, stock, { ended: expired, others: 0 });
  const entries = expired.map((change) => holdEntry(change, null));
  await writeEntries(em, organizationId, journal, entries);
  return expired.length;
}

const entryOf = (
  verb: 'create' | 'extend',
  reservation: number,
  actorId: number,
  changes: NonNullable<Change['changes']>,
): Change => ({
  action: `reservation.${verb}`,
  ...{ actorId, changes },
  ...{ subjectType: 'Reservation', subjectId: reservation },
});

const EXTEND = new Statement<never>(
  (dialect) => `update reservations as r set expires_at = ${dialect.time('$3')}
    where r.id = $2 and ${dialect.owned('r')}`,
);

const INSERT = new Statement<{ id: number }>(
  (dialect) => `insert into reservations (organization_id, idempotency_key_id, reference, state,
      expires_at, created_at)
    values ($1, $2, $3, 'ACTIVE', ${dialect.time('$4')}, ${dialect.time('$5')}) returning id as "id"`,
);

const INSERT_LINES = new Statement<never>((dialect) => {
  const rows = dialect.jsonRows('$3', {
    position: 'bigint',
    item: 'bigint',
    location: 'bigint',
    lot: 'bigint',
    units: 'bigint',
  });
  return `insert into reservation_lines (organization_id, reservation_id, position, item_id,
      location_id, lot_id, lot_key, quantity, fulfilled, held)
    select cast($1 as bigint), cast($2 as bigint), position, item, location, lot, coalesce(lot, 0),
      units, 0, units
    from ${rows} j order by position`;
});

async function insertReservation(
  em: EntityManager,
  organizationId: number,
  row: Pick<Row<Reservation>, 'idempotencyKey' | 'reference' | 'expiresAt' | 'createdAt'>,
  holds: readonly NewHold[],
): Promise<number> {
  const { idempotencyKey, reference, expiresAt, createdAt } = row;
  const values = [idempotencyKey, reference, expiresAt, createdAt];
  const [inserted] = await run(em, organizationId, INSERT, values);
  if (!inserted) throw new Error('A reservation was inserted without an id');
  const lines = holds.map(({ place, units }, index) => ({ ...place, units, position: index + 1 }));
  await run(em, organizationId, INSERT_LINES, [inserted.id, new JsonRows(lines)]);
  return inserted.id;
}

async function replay(
  em: EntityManager,
  organizationId: number,
  reservation: number,
): Promise<Reserved> {
  const levels = await run(em, organizationId, levelsOf(em), [reservation]);
  return { reservation, replayed: true, levels };
}

const levelsOf = madeOnce((em): Statement<Row<StockLevel>> => {
  const levels = tableOf(em, StockLevel);
  return new Statement<Row<StockLevel>>(
    (dialect) => `select ${levels.columns('v')}
      from reservation_lines l ${dialect.orderedJoin} stock_levels v on v.organization_id = $1
        and v.item_id = l.item_id and v.location_id = l.location_id and v.lot_key = l.lot_key
      where ${dialect.owned('l')} and l.reservation_id = $2
      group by v.id order by min(l.position)`,
    levels.decode,
  );
});

/** The reservation that an earlier call made under a key. */
async function madeUnder(em: EntityManager, organizationId: number, key: number): Promise<number> {
  const statement = rowsWhereIn(em, Reservation, 'idempotencyKey');
  const [row] = await run(em, organizationId, statement, [[key]]);
  if (!row) throw new Error('An idempotency key without its reservation');
  return row.id;
}
