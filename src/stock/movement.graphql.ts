import { Item } from '../catalog/item.entity.ts';
import { builder } from '../graphql/builder.ts';
import { entityField, entityObject } from '../graphql/entity-type.ts';
import { keyOf } from '../graphql/global-id.ts';
import { rootConnection } from '../graphql/lists.ts';
import { rootLookup } from '../graphql/lookup.ts';
import { filters } from '../graphql/where-fields.ts';
import { Location } from '../locations/location.entity.ts';
import { locationByName } from '../locations/location.graphql.ts';
import { type MOVEMENT_KINDS, Movement, MovementLine } from './movement.entity.ts';

/** What a movement is. */
export const MovementKindType = builder.enumType('MovementKind', {
  description: 'What happened.',
  values: {
    RECEIPT: { description: 'Goods came in.' },
    ISSUE: { description: 'Goods went out.' },
    TRANSFER: { description: 'Goods went from one place to another.' },
    ADJUSTMENT: { description: 'A correction, for a reason.' },
    COUNT: { description: 'Somebody counted.' },
    REVERSAL: { description: 'A mistake was undone.' },
  } satisfies Record<(typeof MOVEMENT_KINDS)[number], object>,
});

export const MovementType = entityObject(Movement, {
  description: 'One immutable event of the ledger.',
  fields: (t) => ({
    seq: t.column('seq', { description: 'Its place in the journal; rises without gaps.' }),
    kind: t.column('kind', { type: MovementKindType, description: 'What happened.' }),
    reference: t.column('reference', { description: "The caller's own number for it." }),
    note: t.column('note', { description: 'What people should know of it.' }),
    actor: t.relation('actor', { description: 'Who recorded it.' }),
    occurredAt: t.column('occurredAt', { description: 'When it happened, as the caller says.' }),
    recordedAt: t.column('recordedAt', { description: 'When the server recorded it.' }),
    lines: t.relatedConnection(MovementLine, {
      by: 'movement',
      orderings: { POSITION: { by: 'position', description: 'In the order of the call.' } },
      defaultOrder: { field: 'POSITION', direction: 'ASC' },
      description: 'What went where, in the order of the call.',
    }),
  }),
});

entityObject(MovementLine, {
  description: 'A quantity of an item that went from one location to another.',
  fields: (t) => ({
    movement: t.relation('movement', { description: 'The movement that it is part of.' }),
    item: t.relation('item', { description: 'What moved.' }),
    lot: t.relation('lot', { description: 'Of which lot; null where the item has none.' }),
    from: t.relation('from', { description: 'Where it came from.' }),
    to: t.relation('to', { description: 'Where it went.' }),
    quantity: t.quantity('quantity', {
      item: 'item',
      description: 'How much, always more than 0.',
    }),
    fromAfter: t.quantity('fromAfter', {
      item: 'item',
      description: 'What was on hand at `from` after this line.',
    }),
    toAfter: t.quantity('toAfter', {
      item: 'item',
      description: 'What was on hand at `to` after this line.',
    }),
  }),
});

filters(Movement, (w) => ({
  id: w.id(),
  seq: w.number('seq', { description: 'Its place in the journal.' }),
  kind: w.enum('kind', MovementKindType, { computed: true, description: 'What happened.' }),
  reference: w.text('reference', { description: "The caller's own number for it, to the letter." }),
  reverses: w.relation('reverses', { description: 'The movement that it undoes.' }),
  occurredAt: w.time('occurredAt', { description: 'When it happened, as the caller says.' }),
  recordedAt: w.time('recordedAt', { description: 'When the server recorded it.' }),
  lines: w.many(MovementLine, { by: 'movement' }, { description: 'What went where.' }),
}));

filters(MovementLine, (w) => ({
  id: w.id(),
  movement: w.relation('movement', { description: 'The movement that it is part of.' }),
  item: w.relation('item', { description: 'What moved.' }),
  lot: w.relation('lot', { description: 'Of which lot.' }),
  from: w.relation('from', { description: 'Where it came from.' }),
  to: w.relation('to', { description: 'Where it went.' }),
  locationUnder: w.under(Location, {
    ...{ ...locationByName, by: ['from', 'to'] },
    description: 'It came from or went to this location, or one below it.',
  }),
  quantity: w.quantity('quantity', { item: 'item', description: 'How much.' }),
}));

filters(Item, (w) => ({
  movementLines: w.many(MovementLine, { by: 'item' }, { description: 'How it moved.' }),
}));

rootConnection('movements', Movement, {
  description: 'All movements of the ledger.',
  orderings: {
    SEQ: { by: 'seq', description: 'In the order of the ledger.' },
    OCCURRED_AT: { by: 'occurredAt', description: 'By when they happened, as the callers say.' },
  },
  defaultOrder: { field: 'SEQ', direction: 'ASC' },
});

rootConnection('movementLines', MovementLine, {
  description: 'All lines of all movements.',
  orderings: { ID: { by: 'id', description: 'In the order of the ledger.' } },
  defaultOrder: { field: 'ID', direction: 'ASC' },
});

entityField(Item, 'movementLines', (t) =>
  t.relatedConnection(MovementLine, {
    by: 'item',
    orderings: { ID: { by: 'id', description: 'In the order of the ledger.' } },
    defaultOrder: { field: 'ID', direction: 'DESC' },
    description: 'How it moved, newest first.',
  }),
);

entityField(Location, 'movementLines', (t) =>
  t.relatedConnection(MovementLine, {
    by: 'from',
    orBy: 'to',
    orderings: { ID: { by: 'id', description: 'In the order of the ledger.' } },
    defaultOrder: { field: 'ID', direction: 'DESC' },
    description: 'What came from it and went to it, newest first; not what did so below it.',
  }),
);

rootLookup('movement', Movement, {
  description: 'One movement; null when there is none to see.',
  args: builder.args((t) => ({ id: t.id({ required: true, description: 'Its id.' }) })),
  by: ({ id }) => ({ property: 'id', value: keyOf('Movement', id) }),
});
