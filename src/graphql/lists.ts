import type { EntityClass } from '@mikro-orm/core';
import type { Row } from '../database/rows.ts';
import { builder } from './builder.ts';
import { connectionType, resolveConnection } from './connections.ts';
import { typeOf } from './entity-types.ts';
import { type Connect, mark } from './marks.ts';
import { type Ordered, type Orderings, orderArgument } from './orderings.ts';
import type { Search } from './search.ts';
import { whereArgument } from './where.ts';

const SEARCH =
  'Only what this text finds, the best match first unless an order is asked for: exactly this SKU or ' +
  'barcode, then SKUs that begin with it, then what has all of its words, any of which may go on.';

/** Adds a list of all rows of an entity to the queries. */
export function rootConnection<E extends object, O extends Orderings<keyof Row<E> & string>>(
  name: string,
  entity: EntityClass<E>,
  options: Ordered<keyof Row<E> & string, O> & {
    readonly description: string;
    /** How the list is searched, where it can be. */
    readonly search?: Search;
    /** Whether it is null for some, who may not see it: what they ask beside it is answered. */
    readonly nullable?: boolean;
  },
): void {
  const type = entity.name;
  const connect: Connect = (context, read) => resolveConnection(context, entity, options, read);
  const order = orderArgument({ name: type, type }, options);
  builder.queryField(name, (t) =>
    t.field({
      type: connectionType(typeOf(entity)),
      nullable: options.nullable ?? false,
      description: options.description,
      args: {
        ...t.arg.connectionArgs(),
        where: t.arg(whereArgument(entity)),
        orderBy: t.arg(order),
        ...(options.search && { search: t.arg.string({ description: SEARCH }) }),
      },
      ...mark({ kind: 'page', entity, connect }),
      resolve: (_root, page, context) =>
        connect(context, { list: `Query.${name}`, parent: null, page }),
    }),
  );
}
