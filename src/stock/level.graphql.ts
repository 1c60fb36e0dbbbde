import { Item } from '../catalog/item.entity.ts';
import { entityField, entityObject } from '../graphql/entity-type.ts';
import { rootConnection } from '../graphql/lists.ts';
import { filters } from '../graphql/where-fields.ts';
import { Location } from '../locations/location.entity.ts';
import { locationByName } from '../locations/location.graphql.ts';
import { Lot } from './lot.entity.ts';
import { StockLevel } from './stock-level.entity.ts';

export const LotType = entityObject(Lot, {
  description: 'A batch of an item, or the serial number of a single one.',
  fields: (t) => ({
    item: t.relation('item', { description: 'What it is a batch of.' }),
    code: t.column('code', { description: 'Unique among the lots of its item.' }),
    expiresOn: t.column('expiresOn', { description: 'The last day on which it may be used.' }),
    createdAt: t.column('createdAt', { description: 'When it was first received.' }),
  }),
});

export const StockLevelType = entityObject(StockLevel, {
  description: 'How much of one item is at one location now.',
  fields: (t) => ({
    item: t.relation('item', { description: 'What is there.' }),
    location: t.relation('location', { description: 'Where it is.' }),
    lot: t.relation('lot', { description: 'Of which lot; null where the item has none.' }),
    onHand: t.quantity('onHand', {
      item: 'item',
      description: 'What is physically there. Below zero only in the outside worlds.',
    }),
    reserved: t.quantity('reserved', {
      item: 'item',
      description: 'What of it is held for somebody.',
    }),
    available: t.quantity('onHand', {
      less: 'reserved',
      item: 'item',
      description: 'What can be taken: on hand less reserved.',
    }),
    updatedAt: t.column('updatedAt', { description: 'When it last changed.' }),
  }),
});

filters(Lot, (w) => ({
  id: w.id(),
  item: w.relation('item', { description: 'What it is a batch of.' }),
  code: w.text('codeKey', {
    folded: true,
    computed: true,
    description: 'Its code, whatever its case.',
  }),
  expiresOn: w.date('expiresOn', {
    ...{ computed: true, description: 'The last day on which it may be used.' },
  }),
}));

filters(StockLevel, (w) => ({
  id: w.id(),
  item: w.relation('item', { description: 'What is there.' }),
  location: w.relation('location', { description: 'Where it is.' }),
  locationUnder: w.under(Location, {
    ...{ ...locationByName, by: ['location'] },
    description: 'It is at this location, or at one below it.',
  }),
  lot: w.relation('lot', { description: 'Of which lot.' }),
  onHand: w.quantity('onHand', { item: 'item', description: 'What is physically there.' }),
  reserved: w.quantity('reserved', { item: 'item', description: 'What of it is held.' }),
  available: w.quantity('onHand', {
    ...{ less: 'reserved', item: 'item' },
    description: 'What can be taken: on hand less reserved.',
  }),
}));

filters(Item, (w) => ({
  stockLevels: w.many(StockLevel, { by: 'item' }, { description: 'Where it is.' }),
  lots: w.many(Lot, { by: 'item' }, { description: 'Its lots or serial numbers.' }),
}));

filters(Location, (w) => ({
  stockLevels: w.many(StockLevel, { by: 'location' }, { description: 'What is right at it.' }),
}));

rootConnection('stockLevels', StockLevel, {
  description: 'All stock levels, those of the outside worlds included.',
  orderings: { ID: { by: 'id', description: 'In the order in which they came to be.' } },
  defaultOrder: { field: 'ID', direction: 'ASC' },
});

entityField(Item, 'stockLevels', (t) =>
  t.relatedConnection(StockLevel, {
    by: 'item',
    orderings: { ID: { by: 'id', description: 'In the order in which they came to be.' } },
    defaultOrder: { field: 'ID', direction: 'ASC' },
    description: 'Where it is, in the order in which it first came there.',
  }),
);

entityField(Location, 'stockLevels', (t) =>
  t.relatedConnection(StockLevel, {
    by: 'location',
    orderings: { ID: { by: 'id', description: 'In the order in which they came to be.' } },
    defaultOrder: { field: 'ID', direction: 'ASC' },
    description: 'What is right at it, in the order in which it first came there.',
  }),
);

entityField(Item, 'lots', (t) =>
  t.relatedConnection(Lot, {
    by: 'item',
    orderings: {
      CODE: { by: 'codeKey', description: 'By code.' },
      EXPIRES_ON: {
        by: 'expiresKey',
        downwardsBy: 'expiresDownKey',
        description: 'By the day on which they expire; what never does comes last either way.',
      },
    },
    defaultOrder: { field: 'CODE', direction: 'ASC' },
    description: 'Its lots or serial numbers, by code.',
  }),
);
