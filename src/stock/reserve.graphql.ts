import { ItemBy, itemReference } from '../catalog/item.graphql.ts';
import type { Context } from '../context.ts';
import type { Row } from '../database/rows.ts';
import { InvalidInput, InvalidState, NotFound } from '../errors.ts';
import { builder } from '../graphql/builder.ts';
import { keyOf } from '../graphql/global-id.ts';
import { changeField } from '../graphql/mutations.ts';
import { LocationBy, locationReference } from '../locations/location.graphql.ts';
import { StockLevelType } from './level.graphql.ts';
import { Reservation } from './reservation.entity.ts';
import { ReservationType } from './reservation.graphql.ts';
import { extendReservation, releaseReservation, reserveStock } from './reservation.service.ts';
import type { Reserved } from './reservation.ts';
import { IdempotencyMismatch, InsufficientStock, LotExpired } from './stock.errors.ts';
import { MAX_LINES } from './stock.service.ts';
import {
  idempotencyKey,
  lotReference,
  type StockInput,
  stockField,
} from './stock-field.graphql.ts';

const ReservationSuccess = builder.interfaceRef<Reserved>('ReservationSuccess').implement({
  description: 'What every mutation of a reservation answers.',
  fields: (t) => ({
    reservation: t.field({
      type: ReservationType,
      description: 'The reservation as it is now.',
      resolve: ({ reservation }, _arguments, context) => reservationOf(reservation, context),
    }),
    replayed: t.exposeBoolean('replayed', {
      description: 'Whether an earlier call with the same key did it.',
    }),
    levels: t.field({
      type: [StockLevelType],
      description: 'The levels of real places that it concerns, as they are now.',
      resolve: ({ levels }) => [...levels],
    }),
  }),
});

async function reservationOf(key: number, { loaders }: Context): Promise<Row<Reservation>> {
  const reservation = await loaders.row(Reservation, key);
  if (!reservation) throw new Error('An answer without its reservation');
  return reservation;
}

const RESERVATION_ID = 'The id of the reservation.';

const StockReserveLineInput = builder.inputType('StockReserveLineInput', {
  description: 'How much of an item is to be held, and where.',
  fields: (t) => ({
    item: t.field({ type: ItemBy, required: true, description: 'Which item.' }),
    location: t.field({ type: LocationBy, required: true, description: 'Where it is.' }),
    lot: t.string({
      description: 'Of which lot; of an item with lots the first to expire unless said.',
    }),
    quantity: t.field({ type: 'Decimal', required: true, description: 'How much, above 0.' }),
  }),
});

const StockReserveInput = builder.inputType('StockReserveInput', {
  description: 'Stock that is to be held for somebody.',
  fields: (t) => ({
    idempotencyKey: idempotencyKey(t),
    reference: t.string({ required: true, description: 'Your own number for it, as an order.' }),
    expiresAt: t.field({
      type: 'DateTime',
      description:
        'When it ends by itself; it lasts until it is fulfilled or released unless said.',
    }),
    lines: t.field({
      type: [StockReserveLineInput],
      required: true,
      description: `What is to be held: 1 to ${MAX_LINES} lines.`,
    }),
  }),
});

changeField('stockReserve', {
  description: 'Holds stock for somebody: all lines, or nothing. What is held is not available.',
  input: StockReserveInput,
  refusals: [
    InsufficientStock,
    NotFound,
    InvalidInput,
    InvalidState,
    IdempotencyMismatch,
    LotExpired,
  ],
  resolve: ({ lines, ...input }, { em, viewer }) =>
    reserveStock(em, viewer, {
      ...input,
      lines: lines.map(({ item, location, lot, quantity }) => ({
        item: itemReference(item),
        location: locationReference(location),
        lot: lotReference(lot),
        quantity,
      })),
    }),
  success: { description: 'It is held.', interfaces: [ReservationSuccess] },
});

const ReservationExtendInput = builder.inputType('ReservationExtendInput', {
  description: 'A reservation that is to last longer.',
  fields: (t) => ({
    idempotencyKey: idempotencyKey(t),
    reservation: t.id({ required: true, description: RESERVATION_ID }),
    expiresAt: t.field({
      type: 'DateTime',
      required: true,
      description: 'When it ends by itself: later than it did so far.',
    }),
  }),
});

changeField('reservationExtend', {
  description: 'Lets a reservation last longer.',
  input: ReservationExtendInput,
  refusals: [NotFound, InvalidInput, InvalidState, IdempotencyMismatch],
  resolve: ({ reservation, ...input }, { em, viewer }) =>
    extendReservation(em, viewer, { ...input, reservation: keyOf('Reservation', reservation) }),
  success: { description: 'It lasts longer.', interfaces: [ReservationSuccess] },
});

const ReservationReleaseInput = builder.inputType('ReservationReleaseInput', {
  description: 'A reservation that is to end.',
  fields: (t) => ({
    idempotencyKey: idempotencyKey(t),
    reservation: t.id({ required: true, description: RESERVATION_ID }),
  }),
});

changeField('reservationRelease', {
  description: 'Ends a reservation: what it still holds is available again.',
  input: ReservationReleaseInput,
  refusals: [NotFound, InvalidInput, InvalidState, IdempotencyMismatch],
  resolve: ({ reservation, ...input }, { em, viewer }) =>
    releaseReservation(em, viewer, { ...input, reservation: keyOf('Reservation', reservation) }),
  success: { description: 'It holds nothing any more.', interfaces: [ReservationSuccess] },
});

const ReservationFulfilLineInput = builder.inputType('ReservationFulfilLineInput', {
  description: 'How much of what a reservation holds is to go out.',
  fields: (t) => ({
    item: t.field({ type: ItemBy, required: true, description: 'Which item.' }),
    location: t.field({
      type: LocationBy,
      description: 'From where; wherever it is held unless said.',
    }),
    lot: t.string({ description: 'Of which lot; of any that is held unless said.' }),
    quantity: t.field({ type: 'Decimal', required: true, description: 'How much, above 0.' }),
  }),
});

interface FulfilInput extends StockInput {
  readonly reservation: string;
  readonly to?: typeof LocationBy.$inferInput | null;
  readonly lines?: readonly (typeof ReservationFulfilLineInput.$inferInput)[] | null;
}

stockField<FulfilInput, Reserved>({
  name: 'reservationFulfil',
  description: 'Issues what a reservation holds, whole or in part.',
  fields: (t) => ({
    reservation: t.id({ required: true, description: RESERVATION_ID }),
    to: t.field({
      type: LocationBy,
      description: 'Where it goes. The CUSTOMER world unless said.',
    }),
    lines: t.field({
      type: [ReservationFulfilLineInput],
      description: `What of it: 1 to ${MAX_LINES} lines; all that it holds unless said.`,
    }),
  }),
  posting: ({ reservation, to, lines, ...rest }) => ({
    ...rest,
    kind: 'ISSUE',
    reservation: keyOf('Reservation', reservation),
    to: to ? locationReference(to) : { world: 'CUSTOMER' },
    lines: lines?.map(({ item, location, lot, quantity }) => ({
      item: itemReference(item),
      location: location ? locationReference(location) : null,
      lot: lotReference(lot),
      quantity,
    })),
  }),
  answer: {
    of: (posted, { reservation }) => ({
      ...posted,
      reservation: keyOf('Reservation', reservation),
    }),
    interface: ReservationSuccess,
  },
});
