import {
  BigIntType,
  BooleanType,
  DateTimeType,
  DateType,
  type EntityClass,
  type EntityProperty,
  EntitySchema,
  IntegerType,
  JsonType,
  StringType,
  TextType,
} from '@mikro-orm/core';

type AnyEntity = EntityClass<object>;

/** The metadata of a property. Known without a database: the entity's definition is enough. */
export function propertyOf(entity: AnyEntity, name: string): EntityProperty {
  const schema = EntitySchema.REGISTRY.get(entity)?.init();
  const property = schema?.meta.properties[name as never] as EntityProperty | undefined;
  if (!property) throw new Error(`${entity.name} has no property ${name}`);
  return property;
}

/** The entity at the other end of a relation. */
export function targetOf(property: EntityProperty): AnyEntity {
  return (property.entity as () => AnyEntity)();
}

/** The scalars of the types that properties have. */
const SCALARS = [
  [TextType, 'String'],
  [StringType, 'String'],
  [IntegerType, 'Int'],
  [BigIntType, 'SafeInt'],
  [BooleanType, 'Boolean'],
  [DateTimeType, 'DateTime'],
  [DateType, 'Date'],
  [JsonType, 'JSON'],
] as const;

/** The scalar of a property that has no type of its own. */
export function scalarOf(entity: AnyEntity, property: EntityProperty): string {
  const type: unknown = property.type;
  const found = SCALARS.find(([known]) => type === known || type instanceof known);
  if (!found) throw new Error(`${entity.name}.${property.name} needs a type of its own`);
  return found[1];
}
