import type { InputRef } from '@pothos/core';
import { builder } from './builder.ts';

/** The order of a list: a property that an index carries, with the id to break ties. */
export interface Ordering {
  readonly by: string;
  readonly descending: boolean;
}

/** The orderings that a list offers: names for clients, each a property that an index carries. */
export type Orderings<P extends string = string> = Readonly<
  Record<
    string,
    {
      readonly by: P;
      /** For rows of which some have no value: another property, which puts those last downwards too. */
      readonly downwardsBy?: P;
      readonly description: string;
    }
  >
>;

type Direction = 'ASC' | 'DESC';

/** What a list can be ordered by, and what it is ordered by unless somebody says. */
export interface Ordered<P extends string = string, O extends Orderings<P> = Orderings<P>> {
  readonly orderings: O;
  readonly defaultOrder: { readonly field: keyof O & string; readonly direction: Direction };
}

/** What a client says of the order of a list. */
export interface OrderBy {
  readonly field: string;
  readonly direction: Direction;
}

const OrderDirection = builder.enumType('OrderDirection', {
  description: 'Which end of an ordering comes first.',
  values: {
    ASC: { description: 'Smallest, earliest or first in the alphabet first.' },
    DESC: { description: 'Largest, latest or last in the alphabet first.' },
  },
});

/** The `orderBy` argument of a list of a type's rows; `name` is that of its input type, less `Order`. */
export function orderArgument(
  { name, type }: { readonly name: string; readonly type: string },
  { orderings, defaultOrder }: Ordered,
): { readonly type: InputRef<OrderBy>; readonly description: string } {
  const field = builder.enumType(`${name}OrderField`, {
    description: `What a list of ${type} rows can be ordered by.`,
    values: Object.fromEntries(
      Object.entries(orderings).map(([each, { description }]) => [each, { description }]),
    ) as Record<string, { description: string }>,
  });
  const input = builder.inputRef<OrderBy>(`${name}Order`).implement({
    description: `The order of a list of ${type} rows; ties are broken by id.`,
    fields: (t) => ({
      field: t.field({ type: field, required: true, description: 'What to order by.' }),
      direction: t.field({
        type: OrderDirection,
        required: true,
        defaultValue: 'ASC',
        description: 'Which end comes first.',
      }),
    }),
  });
  const { field: by, direction } = defaultOrder;
  const description = `The order of the list; by ${by}, ${direction} unless said.`;
  return { type: input, description };
}

/** The order that a client chose of those that a list offers. */
export function orderingOf(
  { orderings, defaultOrder }: Ordered,
  orderBy: OrderBy | null | undefined,
): Ordering {
  const { field, direction } = orderBy ?? defaultOrder;
  const descending = direction === 'DESC';
  const ordering = orderings[field];
  if (!ordering) throw new Error(`A list is not ordered by ${field}`);
  const { by, downwardsBy = by } = ordering;
  return { by: descending ? downwardsBy : by, descending };
}
