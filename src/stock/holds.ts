import type { EntityManager } from '../database/entity-manager.ts';
import type { Decode } from '../database/rows.ts';
import { run, Statement } from '../database/statement.ts';
import { JsonRows } from '../database/statement-values.ts';
import { InvalidState, NotFound } from '../errors.ts';
import type { Change } from '../journal/journal.service.ts';
import { type LevelPlace, type LockedLevels, levelOf } from './level.service.ts';
import type { ReservationState } from './reservation.entity.ts';

/** What a line of a reservation that is not resolved holds of a level. */
export interface Hold {
  /** The key of the reservation's line. */
  readonly id: number;
  readonly reservation: number;
  readonly item: number;
  readonly location: number;
  readonly lot: number | null;
  readonly held: number;
  readonly fulfilled: number;
  readonly expiresAt: Date | null;
}

/** What becomes of a reservation: of each of its holds some units end, fulfilled or not. */
export interface HoldChange {
  readonly reservation: number;
  /** The state that it has afterwards: ACTIVE when it is fulfilled in part. */
  readonly state: ReservationState;
  readonly ends: readonly { readonly hold: Hold; readonly units: number }[];
}

/** The level that a hold is of. Nothing is held in the outside worlds. */
export const placeOfHold = ({ item, location, lot }: Omit<LevelPlace, 'outside'>): LevelPlace => ({
  ...{ item, location, lot },
  outside: false,
});

const HOLD = `l.id as "id", l.reservation_id as "reservation", l.item_id as "item",
  l.location_id as "location", l.lot_id as "lot", l.held as "held", l.fulfilled as "fulfilled",
  r.expires_at as "expiresAt"
  from reservation_lines l join reservations r on r.id = l.reservation_id`;

const decode: Decode = (row) => {
  if (row['expiresAt'] !== null) row['expiresAt'] = new Date(Number(row['expiresAt']));
};

const FIND = new Statement<Hold>(
  (dialect) => `select ${HOLD}
    where ${dialect.owned('l')} and ${dialect.isIn('l.reservation_id', '$2')} and l.held > 0
    order by l.reservation_id, l.position`,
  decode,
);

/** Everything that reservations hold, in the order of their lines. Resolved ones hold nothing. */
export function findHolds(
  em: EntityManager,
  organizationId: number,
  reservations: readonly number[],
): Promise<Hold[]> {
  return run(em, organizationId, FIND, [reservations]);
}

const STATE = new Statement<{ state: Exclude<ReservationState, 'ACTIVE'> }>(
  (dialect) => `select r.state as "state" from reservations r
    where ${dialect.owned('r')} and r.id = $2`,
);

const RESERVATION = ['input', 'reservation'];

/**
 * Everything that a reservation holds.
 * @throws NotFound when there is none, InvalidState when it is resolved.
 */
export async function heldBy(
  em: EntityManager,
  organizationId: number,
  reservation: number,
): Promise<Hold[]> {
  const holds = await findHolds(em, organizationId, [reservation]);
  if (holds.length > 0) return holds;
  const [found] = await run(em, organizationId, STATE, [reservation]);
  if (!found) throw new NotFound('The reservation does not exist.', RESERVATION);
  throw new InvalidState(`The reservation is ${found.state.toLowerCase()} already.`, RESERVATION);
}

/**
 * Everything that a reservation holds, once its levels are locked: from here on it stays so.
 * @param expired what ends with this transaction.
 * @throws InvalidState when it is resolved by now.
 */
export async function stillHeldBy(
  em: EntityManager,
  organizationId: number,
  reservation: number,
  expired: readonly HoldChange[],
): Promise<Hold[]> {
  if (expired.some((change) => change.reservation === reservation)) {
    throw new InvalidState('The reservation is expired already.', RESERVATION);
  }
  return heldBy(em, organizationId, reservation);
}

const FIND_BESIDE = new Statement<Hold>(
  (dialect) => `select ${HOLD}
    where ${dialect.owned('l')} and l.held > 0 and l.reservation_id in (
      select h.reservation_id
      from ${dialect.jsonRows('$2', { item: 'bigint', location: 'bigint', lotKey: 'bigint' })} j
        ${dialect.orderedJoin} reservation_lines h on h.item_id = j.item
          and h.location_id = j.location and h.lot_key = j."lotKey" and h.held > 0)
    order by l.reservation_id desc, l.position`,
  decode,
);

/** Everything that the reservations of some levels hold there and elsewhere, the newest first. */
export function findHoldsOf(
  em: EntityManager,
  organizationId: number,
  places: readonly LevelPlace[],
): Promise<Hold[]> {
  const rows = places.map(({ item, location, lot }) => ({ item, location, lotKey: lot ?? 0 }));
  return run(em, organizationId, FIND_BESIDE, [new JsonRows(rows)]);
}

/** Resolves reservations of which all holds are given: everything that they hold ends. */
export function endReservations(
  holds: readonly Hold[],
  state: 'EXPIRED' | 'RELEASED',
): HoldChange[] {
  return [...Map.groupBy(holds, ({ reservation }) => reservation)].map(([reservation, own]) => ({
    ...{ reservation, state },
    ends: own.map((hold) => ({ hold, units: hold.held })),
  }));
}

/** Takes what ends off the locked levels, in memory. */
export function endHolds(changes: readonly HoldChange[], levels: LockedLevels): void {
  for (const { hold, units } of changes.flatMap(({ ends }) => ends)) {
    levelOf(levels, placeOfHold(hold)).reserved -= units;
  }
}

const UPDATE_LINES = new Statement<never>(
  (dialect) => `update reservation_lines as l set held = j.held, fulfilled = j.fulfilled
    from ${dialect.jsonRows('$2', { id: 'bigint', held: 'bigint', fulfilled: 'bigint' })} j
    where l.id = j.id and ${dialect.owned('l')}`,
);

const UPDATE_STATES = new Statement<never>(
  (dialect) => `update reservations as r set state = j.state, resolved_at = ${dialect.time('$3')}
    from ${dialect.jsonRows('$2', { id: 'bigint', state: 'text' })} j
    where r.id = j.id and ${dialect.owned('r')}`,
);

/** Writes what became of reservations. Their levels are locked, and are written with the others. */
export async function writeHolds(
  em: EntityManager,
  organizationId: number,
  changes: readonly HoldChange[],
  at: Date,
): Promise<void> {
  if (changes.length === 0) return;
  const lines = changes.flatMap(({ state, ends }) =>
    ends.map(({ hold: { id, held, fulfilled }, units }) => ({
      id,
      held: held - units,
      fulfilled: isFulfilment(state) ? fulfilled + units : fulfilled,
    })),
  );
  await run(em, organizationId, UPDATE_LINES, [new JsonRows(lines)]);
  const resolved = changes
    .filter(({ state }) => state !== 'ACTIVE')
    .map(({ reservation, state }) => ({ id: reservation, state }));
  if (resolved.length === 0) return;
  await run(em, organizationId, UPDATE_STATES, [new JsonRows(resolved), at]);
}

const isFulfilment = (state: ReservationState): boolean =>
  state === 'ACTIVE' || state === 'FULFILLED';

/** The journal's words for what became of a reservation; nobody did it where it expired. */
export function holdEntry({ reservation, state }: HoldChange, actorId: number | null): Change {
  const expired = state === 'EXPIRED';
  const verb = isFulfilment(state) ? 'fulfil' : expired ? 'expire' : 'release';
  return {
    action: `reservation.${verb}`,
    actorId: expired ? null : actorId,
    subjectType: 'Reservation',
    subjectId: reservation,
    changes: state === 'ACTIVE' ? null : { state: { from: 'ACTIVE', to: state } },
  };
}
