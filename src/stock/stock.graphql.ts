import { ItemBy, itemReference } from '../catalog/item.graphql.ts';
import { builder } from '../graphql/builder.ts';
import { LocationBy, locationReference } from '../locations/location.graphql.ts';
import type { LocationReference } from '../locations/location.service.ts';
import type { MovePosting } from './posting.ts';
import { MAX_LINES } from './stock.service.ts';
import { type StockInput, stockField } from './stock-field.graphql.ts';

const StockLineInput = builder.inputType('StockLineInput', {
  description: 'How much of an item.',
  fields: (t) => ({
    item: t.field({ type: ItemBy, required: true, description: 'Which item.' }),
    quantity: t.field({ type: 'Decimal', required: true, description: 'How much, above 0.' }),
  }),
});

interface MoveInput extends StockInput {
  readonly from?: typeof LocationBy.$inferInput | null;
  readonly to?: typeof LocationBy.$inferInput | null;
  readonly lines: readonly (typeof StockLineInput.$inferInput)[];
}

interface MoveField {
  readonly name: string;
  readonly kind: MovePosting['kind'];
  readonly description: string;
  /** What stands for an end that the caller does not name; an end without it must be named. */
  readonly from?: LocationReference;
  readonly to?: LocationReference;
}

/** Adds a mutation that moves all its lines from one location to another. */
function moveField({ name, kind, description, from, to }: MoveField): void {
  const end = (world: LocationReference | undefined, text: string) => ({
    type: LocationBy,
    required: !world,
    description: world && 'world' in world ? `${text} The ${world.world} world unless said.` : text,
  });
  stockField<MoveInput>({
    name,
    description,
    fields: (t) => ({
      from: t.field(end(from, 'Where it comes from.')),
      to: t.field(end(to, 'Where it goes.')),
      lines: t.field({
        type: [StockLineInput],
        required: true,
        description: `What moves: 1 to ${MAX_LINES} lines.`,
      }),
    }),
    posting: ({ from: source, to: target, lines, ...rest }) => ({
      ...rest,
      kind,
      lines: lines.map(({ item, quantity }) => ({
        item: itemReference(item),
        quantity,
        from: source ? locationReference(source) : (from as LocationReference),
        to: target ? locationReference(target) : (to as LocationReference),
      })),
    }),
  });
}

moveField({
  name: 'stockReceive',
  kind: 'RECEIPT',
  description: 'Brings goods in from outside.',
  from: { world: 'SUPPLIER' },
});

moveField({
  name: 'stockIssue',
  kind: 'ISSUE',
  description: 'Takes goods out: all lines, or nothing.',
  to: { world: 'CUSTOMER' },
});

moveField({
  name: 'stockTransfer',
  kind: 'TRANSFER',
  description: 'Moves stock between two locations: both levels change, or neither does.',
});
