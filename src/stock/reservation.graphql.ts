import { Item } from '../catalog/item.entity.ts';
import { builder } from '../graphql/builder.ts';
import { entityField, entityObject, partObject } from '../graphql/entity-type.ts';
import { rootConnection } from '../graphql/lists.ts';
import { filters } from '../graphql/where-fields.ts';
import { type RESERVATION_STATES, Reservation, ReservationLine } from './reservation.entity.ts';

const ReservationStateType = builder.enumType('ReservationState', {
  description: 'What became of a reservation.',
  values: {
    ACTIVE: { description: 'It holds what was not fulfilled of it yet.' },
    FULFILLED: { description: 'All of it was issued.' },
    RELEASED: { description: 'It was given up.' },
    EXPIRED: { description: 'Its time ran out.' },
  } satisfies Record<(typeof RESERVATION_STATES)[number], object>,
});

partObject(ReservationLine, {
  description: 'A quantity of an item at a location that a reservation was made of.',
  fields: (t) => ({
    item: t.relation('item', { description: 'What is held.' }),
    location: t.relation('location', { description: 'Where it is held.' }),
    lot: t.relation('lot', { description: 'Of which lot; null where the item has none.' }),
    quantity: t.quantity('quantity', {
      item: 'item',
      description: 'How much was reserved.',
    }),
    fulfilled: t.quantity('fulfilled', {
      item: 'item',
      description: 'How much of it was issued.',
    }),
  }),
});

export const ReservationType = entityObject(Reservation, {
  description: 'A hold on stock for somebody. It is resolved once: fulfilled, released or expired.',
  fields: (t) => ({
    reference: t.column('reference', { description: "The owner's own number for it." }),
    state: t.column('state', { type: ReservationStateType, description: 'What became of it.' }),
    expiresAt: t.column('expiresAt', { description: 'When it ends by itself; null for never.' }),
    lines: t.parts(ReservationLine, {
      by: 'reservation',
      orderBy: 'position',
      // A line of serial numbers without names is as many lines here as it has units.
      most: 100_000,
      description: 'What it was made of, lot by lot, in the order of the call.',
    }),
    createdAt: t.column('createdAt', { description: 'When it was made.' }),
    resolvedAt: t.column('resolvedAt', { description: 'When it was resolved; null until then.' }),
  }),
});

filters(ReservationLine, (w) => ({
  item: w.relation('item', { description: 'What is held.' }),
  location: w.relation('location', { description: 'Where it is held.' }),
  lot: w.relation('lot', { description: 'Of which lot.' }),
}));

filters(Reservation, (w) => ({
  id: w.id(),
  reference: w.text('reference', { description: "The owner's own number for it, to the letter." }),
  state: w.enum('state', ReservationStateType, { description: 'What became of it.' }),
  expiresAt: w.time('expiresAt', { computed: true, description: 'When it ends by itself.' }),
  createdAt: w.time('createdAt', { description: 'When it was made.' }),
  lines: w.many(ReservationLine, { by: 'reservation' }, { description: 'What it was made of.' }),
}));

filters(Item, (w) => ({
  reservations: w.many(
    Reservation,
    { through: ReservationLine, owner: 'item', target: 'reservation' },
    { description: 'The reservations that hold it, or held it.' },
  ),
}));

rootConnection('reservations', Reservation, {
  description: 'All reservations, the resolved ones included.',
  orderings: { CREATED_AT: { by: 'createdAt', description: 'By when they were made.' } },
  defaultOrder: { field: 'CREATED_AT', direction: 'ASC' },
});

entityField(Item, 'reservations', (t) =>
  t.relatedConnection(Reservation, {
    through: { entity: ReservationLine, owner: 'item', target: 'reservation', repeats: true },
    orderings: { CREATED_AT: { by: 'createdAt', description: 'By when they were made.' } },
    defaultOrder: { field: 'CREATED_AT', direction: 'DESC' },
    description: 'The reservations that hold it, or held it, newest first.',
  }),
);
