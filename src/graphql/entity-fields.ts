import type { EntityClass } from '@mikro-orm/core';
import { type FieldRef, ObjectFieldBuilder, type ObjectRef } from '@pothos/core';
import type { Context } from '../context.ts';
import type { ListSource } from '../database/page-shape.ts';
import { formatUnits } from '../database/quantity.ts';
import type { RelationName, Row } from '../database/rows.ts';
import { builder, type SchemaTypes } from './builder.ts';
import {
  connectionType,
  type OrderedList,
  planConnections,
  resolveConnection,
} from './connections.ts';
import { decimalsBy, unitsOf } from './decimals.ts';
import { propertyOf, scalarOf, targetOf } from './entity-property.ts';
import { typeOf } from './entity-types.ts';
import { encodeGlobalId } from './global-id.ts';
import type { Loaders } from './loading.ts';
import { type ConnectAll, mark } from './marks.ts';
import { type Orderings, orderArgument } from './orderings.ts';
import { whereArgument } from './where.ts';

type Types = PothosSchemaTypes.ExtendDefaultTypes<SchemaTypes>;

interface FieldOptions {
  readonly description: string;
}

/** The fields that an entity's type can have. */
export class EntityFields<E extends object> extends ObjectFieldBuilder<Types, Row<E>> {
  readonly #entity: EntityClass<E>;

  constructor(entity: EntityClass<E>) {
    super(builder);
    this.#entity = entity;
  }

  globalId(): FieldRef<Types, string> {
    const { name } = this.#entity;
    return this.field({
      type: 'ID',
      description: 'Opaque, and unique over all types.',
      ...mark({ kind: 'id' }),
      resolve: (row) => encodeGlobalId(name, (row as unknown as { id: number }).id),
    });
  }

  /** A property as it is stored. */
  column<K extends keyof Row<E> & string>(
    property: K,
    options: FieldOptions & { readonly type?: ObjectRef<Types, unknown> | object },
  ): FieldRef<Types, unknown> {
    const found = propertyOf(this.#entity, property);
    return this.field({
      type: (options.type ?? scalarOf(this.#entity, found)) as 'String',
      nullable: found.nullable === true,
      description: options.description,
      ...mark({ kind: 'column', property }),
      resolve: (row) => row[property] as string,
    });
  }

  /** The row at the other end of a to-one relation. */
  relation<K extends RelationName<E>>(
    property: K,
    options: FieldOptions,
  ): FieldRef<Types, unknown> {
    const found = propertyOf(this.#entity, property);
    const target = targetOf(found);
    return this.field({
      type: typeOf(target),
      nullable: found.nullable === true,
      description: options.description,
      ...mark({ kind: 'relation', property, target }),
      resolve: (row, _arguments, context) => {
        const key = (row as Readonly<Record<string, unknown>>)[property] as number | null;
        return (key === null ? null : context.loaders.row(target, key)) as never;
      },
    });
  }

  /** The one row whose to-one relation, unique among all rows, leads here; null when there is none. */
  reverseRelation<T extends object>(
    target: EntityClass<T>,
    options: FieldOptions & { readonly by: RelationName<T> },
  ): FieldRef<Types, unknown> {
    const { by, description } = options;
    return this.field({
      type: typeOf(target),
      nullable: true,
      description,
      ...mark({ kind: 'lookup', entity: target.name }),
      resolve: (row, _arguments, { loaders }) =>
        loaders.rowBy(target, by, (row as unknown as { id: number }).id) as never,
    });
  }

  /** All rows whose to-one relation leads here, as a plain list: for parts that never are many. */
  parts<T extends object>(
    target: EntityClass<T>,
    options: PartsOptions<T> & FieldOptions,
  ): FieldRef<Types, unknown> {
    return this.field({
      type: [typeOf(target)],
      description: options.description,
      ...mark({ kind: 'parts', entity: target.name }),
      resolve: (row, _arguments, { loaders }) => partsOf(row, target, options, loaders) as never,
    });
  }

  /** A text of each row whose to-one relation leads here, as a plain list: for few of them. */
  texts<T extends object>(
    target: EntityClass<T>,
    options: PartsOptions<T> & FieldOptions & { readonly property: keyof Row<T> & string },
  ): FieldRef<Types, unknown> {
    const { description, property } = options;
    return this.field({
      type: ['String'],
      description,
      ...mark({ kind: 'texts', entity: target.name }),
      resolve: async (row, _arguments, { loaders }) => {
        const rows = await partsOf(row, target, options, loaders);
        return rows.map((each) => String(each[property]));
      },
    });
  }

  /** The rows that belong to this one, as a connection: paged per parent, in one statement for all. */
  relatedConnection<T extends object, O extends Orderings<keyof Row<T> & string>>(
    target: EntityClass<T>,
    options: OrderedList<keyof Row<T> & string, O> & FieldOptions,
  ): FieldRef<Types, unknown> {
    const { description } = options;
    const connectAll: ConnectAll = (context, read) =>
      planConnections(context, target, options, read);
    const own = this.#entity.name;
    const name = `${own}${own === target.name ? 'Child' : target.name}`;
    return this.field({
      type: connectionType(typeOf(target)),
      description,
      args: {
        ...this.arg.connectionArgs(),
        where: this.arg(whereArgument(target)),
        orderBy: this.arg(orderArgument({ name, type: target.name }, options)),
      },
      // Of two relations none says which of a row's parents it was found for.
      ...mark({
        kind: 'page',
        entity: target,
        by: options.orBy ? undefined : options.by,
        connectAll,
      }),
      resolve: (row, page, context, { parentType, fieldName }) => {
        const parent = (row as unknown as { id: number }).id;
        const list = `${parentType.name}.${fieldName}`;
        return resolveConnection(context, target, options, { list, parent, page });
      },
    });
  }

  /**
   * A quantity, written with the decimals of its item.
   * @param property holds the whole number of the item's smallest units.
   * @param less names a property to be taken off it.
   * @param item names the relation to the item; unsaid, the row is the item.
   */
  quantity<K extends keyof Row<E> & string>(
    property: K,
    options: FieldOptions & {
      readonly less?: keyof Row<E> & string;
      readonly item?: RelationName<E>;
    },
  ): FieldRef<Types, unknown> {
    const { less, item } = options;
    const found = item ? propertyOf(this.#entity, item) : undefined;
    const scale = decimalsBy(item, found && targetOf(found));
    return this.field({
      type: 'Decimal',
      nullable: propertyOf(this.#entity, property).nullable === true,
      description: options.description,
      ...mark({ kind: 'quantity', of: property, less, item }),
      resolve: ((row: Row<E>, _arguments: object, context: Context) => {
        const amount = unitsOf(row as Row<object>, property, less);
        if (amount === null) return null;
        const decimals = scale(row as Row<object>, context);
        if (typeof decimals === 'number') return formatUnits(amount, decimals);
        return decimals.then((known) => formatUnits(amount, known));
      }) as never,
    });
  }
}

/** How the parts of a row are found, and in which order. */
interface PartsOptions<T> extends Omit<ListSource, 'entity'> {
  readonly orderBy: keyof Row<T> & string;
  readonly most: number;
}

function partsOf<T extends object>(
  row: object,
  target: EntityClass<T>,
  { by, through, orderBy, most: limit }: PartsOptions<T>,
  loaders: Loaders,
): Promise<readonly Row<T>[]> {
  const source = { entity: target, ...(by && { by }), ...(through && { through }) };
  const request = { orderBy, descending: false, bounds: [], boundValues: [], limit };
  return loaders.pageOf(source, request, (row as { id: number }).id) as Promise<
    readonly object[]
  > as Promise<readonly Row<T>[]>;
}
