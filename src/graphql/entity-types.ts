import type { EntityClass } from '@mikro-orm/core';
import type { ObjectRef } from '@pothos/core';
import type { Row } from '../database/rows.ts';
import type { SchemaTypes } from './builder.ts';

type Types = PothosSchemaTypes.ExtendDefaultTypes<SchemaTypes>;
type AnyEntity = EntityClass<object>;

/** The GraphQL type of an entity's rows. */
export type EntityRef<E> = ObjectRef<Types, Row<E>>;

const types = new Map<AnyEntity, { name: string; ref: EntityRef<unknown>; isNode: boolean }>();

/** Keeps the GraphQL type of an entity; `isNode` says whether its rows are nodes. */
export function keepType<E extends object>(
  entity: EntityClass<E>,
  ref: EntityRef<E>,
  isNode: boolean,
): void {
  const name = entity.name;
  types.set(entity as AnyEntity, { name, ref: ref as EntityRef<unknown>, isNode });
}

/** The GraphQL type of an entity, once its feature has declared it. */
export function typeOf<E extends object>(entity: EntityClass<E>): EntityRef<E> {
  const type = types.get(entity as AnyEntity);
  if (!type) throw new Error(`${entity.name} has no GraphQL type`);
  return type.ref as EntityRef<E>;
}

/** The entity whose rows are the nodes of a GraphQL type. */
export function entityNamed(name: string): AnyEntity | undefined {
  for (const [entity, type] of types) if (type.isNode && type.name === name) return entity;
  return undefined;
}

/** Whether a GraphQL type is that of an entity's rows. */
export function isEntityType(name: string): boolean {
  for (const type of types.values()) if (type.name === name) return true;
  return false;
}
