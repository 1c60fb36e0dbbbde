import type { EntityClass } from '@mikro-orm/core';
import type { FieldMap, FieldRef } from '@pothos/core';
import type { Row } from '../database/rows.ts';
import { builder, type SchemaTypes } from './builder.ts';
import { EntityFields } from './entity-fields.ts';
import { type EntityRef, keepType, typeOf } from './entity-types.ts';

type Types = PothosSchemaTypes.ExtendDefaultTypes<SchemaTypes>;

/**
 * Gives an entity its GraphQL type, a node with an id. Its fields come from the entity's metadata
 * through `t.column`, `t.relation`, `t.relatedConnection` and `t.quantity`; whatever is nullable or
 * not is so because the entity says it.
 */
export function entityObject<E extends object>(
  entity: EntityClass<E>,
  options: EntityOptions<E>,
): EntityRef<E> {
  return defineType(entity, options, true);
}

/** Gives an entity whose rows are parts of another's a GraphQL type that is no node. */
export function partObject<E extends object>(
  entity: EntityClass<E>,
  options: EntityOptions<E>,
): EntityRef<E> {
  return defineType(entity, options, false);
}

interface EntityOptions<E> {
  readonly description: string;
  readonly fields: (t: EntityFields<E & object>) => FieldMap;
}

function defineType<E extends object>(
  entity: EntityClass<E>,
  options: EntityOptions<E>,
  isNode: boolean,
): EntityRef<E> {
  const ref: EntityRef<E> = builder.objectRef<Row<E>>(entity.name);
  keepType(entity, ref, isNode);
  builder.objectType(ref, {
    description: options.description,
    ...(isNode && { interfaces: [builder.nodeInterfaceRef()] }),
    fields: () => {
      const t = new EntityFields(entity);
      return { ...(isNode && { id: t.globalId() }), ...options.fields(t) };
    },
  });
  return ref;
}

/** Adds a field to the type of an entity, from the folder of a later feature. */
export function entityField<E extends object>(
  entity: EntityClass<E>,
  name: string,
  field: (t: EntityFields<E>) => FieldRef<Types, unknown>,
): void {
  builder.objectField(typeOf(entity), name, () => field(new EntityFields(entity)));
}
