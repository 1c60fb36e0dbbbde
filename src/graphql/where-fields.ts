import type { EntityClass } from '@mikro-orm/core';
import type { InputRef } from '@pothos/core';
import type { RelationName, Row } from '../database/rows.ts';
import { propertyOf, targetOf } from './entity-property.ts';
import {
  type Compared,
  type Comparison,
  dateFilter,
  encodeText,
  enumFilter,
  idFilter,
  numberFilter,
  quantityFilter,
  textFilter,
  timeFilter,
  writeComparison,
  writeQuantities,
} from './filters.ts';
import { keyOf } from './global-id.ts';
import type { UniqueValue } from './marks.ts';
import { addWhereFields, type RowsOf, type Where, type WhereField } from './where.ts';
import { type Children, joined, manyType, relationType, rowsBelow } from './where-relations.ts';

type AnyEntity = EntityClass<object>;

interface FieldOptions {
  readonly description: string;
}

interface ColumnOptions extends FieldOptions {
  /** Whether it is looked at in each row of the list, because no index carries it. */
  readonly computed?: boolean;
}

/**
 * Declares by what lists of an entity can be filtered, one line for each field. Each is carried by an
 * index that begins with its property, unless it says that it is computed.
 * @param name that of the input type; the entity's name and `Where` unless said.
 */
export function filters<E extends object>(
  entity: EntityClass<E>,
  fields: (w: WhereFields<E>) => Readonly<Record<string, WhereField>>,
  { name }: { readonly name?: string } = {},
): void {
  addWhereFields(entity, fields(new WhereFields(entity)), name);
}

/** The fields that a `where` input can have. */
class WhereFields<E extends object> {
  readonly #entity: EntityClass<E>;

  constructor(entity: EntityClass<E>) {
    this.#entity = entity;
  }

  /** The row itself. */
  id(): WhereField {
    const { name } = this.#entity;
    const encode = (id: string) => keyOf(name, id);
    const options = { description: 'Its id.', encode, type: 'bigint' } as const;
    return this.#compare('id' as never, idFilter, options);
  }

  /** Text; `folded` where the property is the key by which case and accents do not count. */
  text(property: keyof Row<E> & string, options: ColumnOptions & { folded?: boolean }): WhereField {
    const { description, computed, folded = false } = options;
    return {
      type: textFilter,
      description,
      indexed: computed ? null : property,
      write: (given: Comparison, of, writer) => {
        const encode = encodeText(folded, writer);
        return writeComparison(given, this.#compared(property, of, encode, 'text'), writer);
      },
    };
  }

  enum(
    property: keyof Row<E> & string,
    type: { readonly name: string },
    options: ColumnOptions,
  ): WhereField {
    const encode = (value: string) => value;
    return this.#compare(property, () => enumFilter(type), { ...options, encode, type: 'text' });
  }

  number(property: keyof Row<E> & string, options: ColumnOptions): WhereField {
    const encode = (value: number) => value;
    return this.#compare(property, numberFilter, { ...options, encode, type: 'bigint' });
  }

  time(property: keyof Row<E> & string, options: ColumnOptions): WhereField {
    const encode = (value: Date) => value;
    return this.#compare(property, timeFilter, { ...options, encode, type: 'bigint' });
  }

  date(property: keyof Row<E> & string, options: ColumnOptions): WhereField {
    const encode = (value: string) => value;
    return this.#compare(property, dateFilter, { ...options, encode, type: 'text' });
  }

  /**
   * A quantity, compared in the smallest unit of its item.
   * @param less names a property to be taken off it.
   * @param item names the relation to the item; unsaid, the row is the item.
   */
  quantity(
    property: keyof Row<E> & string,
    options: FieldOptions & {
      readonly less?: keyof Row<E> & string;
      readonly item?: RelationName<E>;
    },
  ): WhereField {
    const { description, less, item } = options;
    return {
      type: quantityFilter,
      description,
      indexed: null,
      write: (given: Comparison, { table, alias }, writer) => {
        const column = (name: string) => `${alias}.${table.column(name)}`;
        const units = less ? `(${column(property)} - ${column(less)})` : column(property);
        return writeQuantities(given, { units, decimals: decimalsOf(item, column) }, writer);
      },
    };
  }

  /** Whether a property has a value. */
  has(property: keyof Row<E> & string, options: FieldOptions): WhereField {
    return {
      ...options,
      type: () => 'Boolean',
      indexed: null,
      write: (wanted: boolean, { table, alias }) =>
        `${alias}.${table.column(property)} is ${wanted ? 'not ' : ''}null`,
    };
  }

  /** The row at the other end of a to-one relation. */
  relation(property: RelationName<E>, options: FieldOptions): WhereField {
    const found = propertyOf(this.#entity, property);
    const nullable = found.nullable === true;
    const target = targetOf(found);
    return {
      ...options,
      type: () => relationType(target, nullable),
      indexed: property,
      write: (given: Where, { table, alias }, writer) => {
        const column = `${alias}.${table.column(property)}`;
        return writer.all(given, (part, value) => {
          if (part === 'isNull') return `${column} is ${value ? '' : 'not '}null`;
          const other = writer.rowsOf(target);
          const condition = writer.where(value as Where, other);
          const rows = `select ${other.alias}.id from ${other.table.name} ${other.alias}
            where ${other.alias}.organization_id = $1 and (${condition})`;
          return `${nullable ? `${column} is not null and ` : ''}${column} in (${rows})`;
        });
      },
    };
  }

  /** The rows that belong to this one. */
  many(target: AnyEntity, children: Children, options: FieldOptions): WhereField {
    return {
      ...options,
      type: () => manyType(target),
      indexed: 'id',
      write: (given: Where, of, writer) =>
        writer.all(given, (part, value) => {
          const other = writer.rowsOf(target);
          const condition = writer.where(value as Where, other);
          return `${part === 'none' ? 'not ' : ''}exists (
            select 1 from ${joined(writer, of, other, children)}
              and ${writer.dialect.owned(other.alias)} and (${condition}))`;
        }),
    };
  }

  /**
   * Whether the row lies below another of a tree, or is that one: by the tree's own rows, or by what
   * relations lead to. `named` says which row of the tree is meant.
   */
  under<V>(
    tree: AnyEntity,
    options: FieldOptions & {
      readonly by: readonly (keyof Row<E> & string)[];
      readonly type: () => object | string;
      readonly named: (value: V) => UniqueValue;
    },
  ): WhereField {
    const { by, type, named, description } = options;
    return {
      type,
      description,
      indexed: by[0] ?? 'id',
      write: (value: V, { table, alias }, writer) => {
        const below = rowsBelow(writer, tree, named(value));
        const columns = by.map((property) => `${alias}.${table.column(property)}`);
        const isBelow = (column: string) => `(${column} is not null and ${column} in (${below}))`;
        return columns.map(isBelow).join(' or ');
      },
    };
  }

  #compare(
    property: keyof Row<E> & string,
    type: () => InputRef<Comparison>,
    options: ColumnOptions & Pick<Compared, 'encode' | 'type'>,
  ): WhereField {
    const { description, encode, computed } = options;
    return {
      type,
      description,
      indexed: computed ? null : property,
      write: (given: Comparison, of, writer) =>
        writeComparison(given, this.#compared(property, of, encode, options.type), writer),
    };
  }

  #compared(
    property: keyof Row<E> & string,
    { table, alias }: RowsOf,
    encode: Compared['encode'],
    type: Compared['type'],
  ): Compared {
    const nullable = propertyOf(this.#entity, property).nullable === true;
    return { sql: `${alias}.${table.column(property)}`, nullable, type, encode };
  }
}

/** How many decimals the quantities of a row have, as SQL: its item says so. */
const decimalsOf = (item: string | undefined, column: (property: string) => string): string =>
  item ? `(select i.decimals from items i where i.id = ${column(item)})` : column('decimals');
