import { ItemBy, itemReference } from '../catalog/item.graphql.ts';
import { builder } from '../graphql/builder.ts';
import { entityField } from '../graphql/entity-type.ts';
import { LocationBy, locationReference } from '../locations/location.graphql.ts';
import { type ADJUSTMENT_REASONS, type AdjustmentReason, Movement } from './movement.entity.ts';
import { MAX_LINES } from './stock.service.ts';
import { lotReference, type StockInput, stockField } from './stock-field.graphql.ts';

const AdjustmentReasonType = builder.enumType('AdjustmentReason', {
  description: 'Why stock was adjusted.',
  values: {
    CORRECTION: { description: 'What was recorded before was wrong.' },
    DAMAGED: { description: 'It broke.' },
    EXPIRED: { description: 'It is too old.' },
    FOUND: { description: 'It turned up.' },
    LOST: { description: 'Nobody knows where it is.' },
    STOLEN: { description: 'Somebody took it.' },
    USED: { description: 'We used it up ourselves.' },
    OTHER: { description: 'What the note says.' },
  } satisfies Record<(typeof ADJUSTMENT_REASONS)[number], object>,
});

entityField(Movement, 'reason', (t) =>
  t.column('reason', {
    type: AdjustmentReasonType,
    description: 'Why stock was adjusted; null for every other kind.',
  }),
);

const StockAdjustLineInput = builder.inputType('StockAdjustLineInput', {
  description: 'By how much an item is off.',
  fields: (t) => ({
    item: t.field({ type: ItemBy, required: true, description: 'Which item.' }),
    lot: t.string({ description: 'Of which lot; required for an item with lots.' }),
    delta: t.field({
      type: 'Decimal',
      required: true,
      description: 'What is there more, or with a minus less; not 0.',
    }),
  }),
});

interface AdjustInput extends StockInput {
  readonly location: typeof LocationBy.$inferInput;
  readonly reason: AdjustmentReason;
  readonly lines: readonly (typeof StockAdjustLineInput.$inferInput)[];
}

stockField<AdjustInput>({
  name: 'stockAdjust',
  description: 'Corrects what is at a location, by the difference and for a reason.',
  fields: (t) => ({
    location: t.field({ type: LocationBy, required: true, description: 'Where it is off.' }),
    reason: t.field({ type: AdjustmentReasonType, required: true, description: 'Why it is off.' }),
    lines: t.field({
      type: [StockAdjustLineInput],
      required: true,
      description: `What is off: 1 to ${MAX_LINES} lines.`,
    }),
  }),
  posting: ({ location, lines, ...rest }) => ({
    ...rest,
    kind: 'ADJUSTMENT',
    location: locationReference(location),
    lines: lines.map(({ item, lot, delta }) => ({
      item: itemReference(item),
      lot: lotReference(lot),
      delta,
    })),
  }),
});
