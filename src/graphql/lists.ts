import type { EntityClass } from '@mikro-orm/core';
import type { Row } from '../database/rows.ts';
import { builder } from './builder.ts';
import { connectionType, type Ordering, resolveConnection } from './connections.ts';
import { typeOf } from './entity-type.ts';
import { type Connect, mark } from './marks.ts';

/** The orderings that a list offers: names for clients, each a property that an index carries. */
export type Orderings<E> = Readonly<
  Record<string, { readonly by: keyof Row<E> & string; readonly description: string }>
>;

interface RootListOptions<E, O extends Orderings<E>> {
  readonly description: string;
  readonly orderings: O;
  readonly defaultOrder: { readonly field: keyof O & string; readonly direction: 'ASC' | 'DESC' };
}

const OrderDirection = builder.enumType('OrderDirection', {
  description: 'Which end of an ordering comes first.',
  values: {
    ASC: { description: 'Smallest, earliest or first in the alphabet first.' },
    DESC: { description: 'Largest, latest or last in the alphabet first.' },
  },
});

/** Adds a list of all rows of an entity to the queries. */
export function rootConnection<E extends object, O extends Orderings<E>>(
  name: string,
  entity: EntityClass<E>,
  options: RootListOptions<E, O>,
): void {
  const type = entity.name;
  const fallback = options.defaultOrder;
  const order = orderInput(type, options);
  const connect: Connect = (context, read) => {
    const { orderBy } = read.page as { orderBy?: { field: string; direction: string } | null };
    const chosen = orderBy ?? fallback;
    const ordering: Ordering = {
      by: options.orderings[chosen.field]?.by ?? 'id',
      descending: chosen.direction === 'DESC',
    };
    return resolveConnection(context, entity, { orderBy: ordering }, read);
  };
  builder.queryField(name, (t) =>
    t.field({
      type: connectionType(typeOf(entity)),
      description: options.description,
      args: {
        ...t.arg.connectionArgs(),
        orderBy: t.arg({
          type: order,
          description: `The order of the list; by ${fallback.field}, ${fallback.direction} unless said.`,
        }),
      },
      ...mark({ kind: 'page', entity, connect }),
      resolve: (_root, page, context) =>
        connect(context, { list: `Query.${name}`, parent: null, page }),
    }),
  );
}

function orderInput<E, O extends Orderings<E>>(type: string, options: RootListOptions<E, O>) {
  const field = builder.enumType(`${type}OrderField`, {
    description: `What a list of ${type} rows can be ordered by.`,
    values: Object.fromEntries(
      Object.entries(options.orderings).map(([name, { description }]) => [name, { description }]),
    ) as Record<string, { description: string }>,
  });
  return builder.inputRef<{ field: string; direction: 'ASC' | 'DESC' }>(`${type}Order`).implement({
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
}
