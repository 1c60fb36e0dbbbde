import type { EntityClass } from '@mikro-orm/core';
import type { InputFieldMap, InputShapeFromFields } from '@pothos/core';
import { builder, type SchemaTypes } from './builder.ts';
import { typeOf } from './entity-types.ts';
import { mark, type UniqueValue } from './marks.ts';

type Types = PothosSchemaTypes.ExtendDefaultTypes<SchemaTypes>;

/** Adds a query for one row, which is named by a value that is unique in the organization. */
export function rootLookup<E extends object, A extends InputFieldMap>(
  name: string,
  entity: EntityClass<E>,
  options: {
    readonly description: string;
    readonly args: A;
    readonly by: (args: InputShapeFromFields<A>) => UniqueValue;
  },
): void {
  const { description, args } = options;
  const by = options.by as (args: object) => UniqueValue;
  builder.queryField(name, (t) =>
    t.field({
      type: typeOf(entity),
      nullable: true,
      description,
      args,
      ...mark({ kind: 'find', target: entity, by }),
      resolve: (_root: unknown, given: object, { loaders }: Types['Context']) =>
        loaders.find(entity, by(given)),
    } as never),
  );
}
