import { ItemBy, itemReference } from '../catalog/item.graphql.ts';
import { builder } from '../graphql/builder.ts';
import { LocationBy, locationReference } from '../locations/location.graphql.ts';
import type { LocationReference } from '../locations/location.service.ts';
import type { LotReference } from './lots.ts';
import type { MovePosting } from './posting.ts';
import { MAX_LINES } from './stock.service.ts';
import { lotReference, type StockInput, stockField } from './stock-field.graphql.ts';

const StockLineInput = builder.inputType('StockLineInput', {
  description: 'How much of an item.',
  fields: (t) => ({
    item: t.field({ type: ItemBy, required: true, description: 'Which item.' }),
    quantity: t.field({ type: 'Decimal', required: true, description: 'How much, above 0.' }),
    lot: t.string({
      description: 'Of which lot; of an item with lots the first to expire unless said.',
    }),
  }),
});

const LotInput = builder.inputType('LotInput', {
  description: 'A lot or a serial number as it comes in.',
  fields: (t) => ({
    code: t.string({ required: true, description: 'Unique among the lots of its item.' }),
    expiresOn: t.field({ type: 'Date', description: 'The last day on which it may be used.' }),
  }),
});

const StockReceiveLineInput = builder.inputType('StockReceiveLineInput', {
  description: 'How much of an item comes in.',
  fields: (t) => ({
    item: t.field({ type: ItemBy, required: true, description: 'Which item.' }),
    quantity: t.field({ type: 'Decimal', required: true, description: 'How much, above 0.' }),
    lot: t.field({
      type: LotInput,
      description: 'Of which lot; required for an item with lots, and made when it is new.',
    }),
  }),
});

interface MoveInput extends StockInput {
  readonly from?: typeof LocationBy.$inferInput | null;
  readonly to?: typeof LocationBy.$inferInput | null;
  readonly lines: readonly {
    readonly item: typeof ItemBy.$inferInput;
    readonly quantity: string;
    readonly lot?: string | LotReference | null | undefined;
  }[];
}

interface MoveField {
  readonly name: string;
  readonly kind: MovePosting['kind'];
  readonly description: string;
  /** What stands for an end that the caller does not name; an end without it must be named. */
  readonly from?: LocationReference;
  readonly to?: LocationReference;
  readonly line: typeof StockLineInput | typeof StockReceiveLineInput;
}

/** Adds a mutation that moves all its lines from one location to another. */
function moveField({ name, kind, description, from, to, line }: MoveField): void {
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
        type: [line as typeof StockLineInput],
        required: true,
        description: `What moves: 1 to ${MAX_LINES} lines.`,
      }),
    }),
    posting: ({ from: source, to: target, lines, ...rest }) => ({
      ...rest,
      kind,
      lines: lines.map(({ item, quantity, lot }) => ({
        item: itemReference(item),
        quantity,
        lot: lotReference(lot),
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
  line: StockReceiveLineInput,
});

moveField({
  name: 'stockIssue',
  kind: 'ISSUE',
  description: 'Takes goods out: all lines, or nothing.',
  to: { world: 'CUSTOMER' },
  line: StockLineInput,
});

moveField({
  name: 'stockTransfer',
  kind: 'TRANSFER',
  description: 'Moves stock between two locations: both levels change, or neither does.',
  line: StockLineInput,
});
