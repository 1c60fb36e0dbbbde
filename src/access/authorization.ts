import { defaultFieldResolver, GraphQLError, type GraphQLSchema, isObjectType } from 'graphql';
import type { Context } from '../context.ts';
import { unmark } from '../graphql/marks.ts';
import { neededFor, type Permission } from './permissions.ts';
import type { Viewer } from './viewer.ts';

/**
 * Has each field of a schema ask for the permission that the table says, before anything of it is
 * resolved. Such a field has no plan: the executor says what is not allowed, and goes on beside it.
 */
export function authorize(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const needed = neededFor(type.name, field.name);
      // Nobody gets here who may not read.
      if (!needed || needed === 'READ') continue;
      const { resolve = defaultFieldResolver } = field;
      unmark(field);
      field.resolve = (source, args, context: Context, info) => {
        requirePermission(context.viewer, needed);
        return resolve(source, args, context, info);
      };
    }
  }
  return schema;
}

/** @throws GraphQLError with the code FORBIDDEN, unless the viewer has a permission. */
function requirePermission({ permissions, role }: Viewer, needed: Permission): void {
  if (permissions.includes(needed)) return;
  const message = `This takes the permission ${needed}; your role is ${role}, and your key may do: ${permissions.join(', ')}.`;
  throw new GraphQLError(message, { extensions: { code: 'FORBIDDEN' } });
}
