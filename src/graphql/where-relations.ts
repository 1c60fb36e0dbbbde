import type { EntityClass } from '@mikro-orm/core';
import type { InputRef } from '@pothos/core';
import { builder } from './builder.ts';
import type { UniqueValue } from './marks.ts';
import { type RowsOf, type Where, type WhereWriter, whereType } from './where.ts';

type AnyEntity = EntityClass<object>;

/** How the rows of a to-many relation are found: by their relation to the row, or through others. */
export type Children =
  | { readonly by: string }
  | { readonly through: AnyEntity; readonly owner: string; readonly target: string };

/** The keys of a tree's row and of all below it, as a select. */
export function rowsBelow(
  writer: WhereWriter,
  tree: AnyEntity,
  { property, value }: UniqueValue,
): string {
  const [top, next] = [writer.rowsOf(tree), writer.rowsOf(tree)];
  const below = writer.alias();
  const { name, column } = top.table;
  return `with recursive ${below}(id) as (
    select ${top.alias}.id from ${name} ${top.alias} where ${top.alias}.organization_id = $1
      and ${top.alias}.${column(property)} = ${writer.value(value)}
    union select ${next.alias}.id from ${name} ${next.alias}
      join ${below} on ${next.alias}.${column('parent')} = ${below}.id)
    select id from ${below}`;
}

/** The rows of a relation beside the row that they belong to. */
export function joined(writer: WhereWriter, of: RowsOf, other: RowsOf, children: Children): string {
  const from = `${other.table.name} ${other.alias}`;
  if ('by' in children) {
    return `${from} where ${other.alias}.${other.table.column(children.by)} = ${of.alias}.id`;
  }
  const between = writer.rowsOf(children.through);
  const column = (property: string) => `${between.alias}.${between.table.column(property)}`;
  return `${between.table.name} ${between.alias} join ${from}
    on ${other.alias}.id = ${column(children.target)}
    where ${column(children.owner)} = ${of.alias}.id`;
}

const relationTypes = new Map<string, InputRef<Where>>();

function once(name: string, make: () => InputRef<Where>): InputRef<Where> {
  const type = relationTypes.get(name) ?? make();
  relationTypes.set(name, type);
  return type;
}

export function relationType(target: AnyEntity, nullable: boolean): InputRef<Where> {
  const name = `${nullable ? 'Optional' : ''}${target.name}RelationWhere`;
  return once(name, () =>
    builder.inputRef<Where>(name).implement({
      description: `Conditions on the ${target.name} at the other end; all that are given hold.`,
      fields: (t) => ({
        is: t.field({ type: whereType(target), description: 'It is one of these.' }),
        ...(nullable && { isNull: t.boolean({ description: 'Whether there is none.' }) }),
      }),
    }),
  );
}

export function manyType(target: AnyEntity): InputRef<Where> {
  const name = `${target.name}ListWhere`;
  return once(name, () =>
    builder.inputRef<Where>(name).implement({
      description: `Conditions on a list of ${target.name} rows; all that are given hold.`,
      fields: (t) => ({
        some: t.field({
          type: whereType(target),
          description: 'At least one of them is like this.',
        }),
        none: t.field({ type: whereType(target), description: 'None of them is like this.' }),
      }),
    }),
  );
}
