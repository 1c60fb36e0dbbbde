import type { EntityClass } from '@mikro-orm/core';
import { Item } from '../catalog/item.entity.ts';
import { ItemType } from '../catalog/item.graphql.ts';
import type { Context } from '../context.ts';
import { formatUnits } from '../database/quantity.ts';
import { badRequest } from '../graphql/bad-request.ts';
import type { SchemaTypes } from '../graphql/builder.ts';
import { Location } from '../locations/location.entity.ts';
import { LocationType } from '../locations/location.graphql.ts';
import { MOST_GROUPS } from './summary.ts';

type Fields<S> = PothosSchemaTypes.ObjectFieldBuilder<
  PothosSchemaTypes.ExtendDefaultTypes<SchemaTypes>,
  S
>;

/** The field of a summary that tells which item a group is of. */
export const groupItem = <S extends { readonly item?: number }>(t: Fields<S>) =>
  t.field({
    type: ItemType,
    nullable: true,
    description: 'The item of the group; null unless grouped by ITEM.',
    resolve: ({ item }, _arguments, context) => keyRow(context, Item, item),
  });

/** The field of a summary that tells which location a group is at. */
export const groupLocation = <S extends { readonly location?: number }>(t: Fields<S>) =>
  t.field({
    type: LocationType,
    nullable: true,
    description: 'The location of the group; null unless grouped by LOCATION.',
    resolve: ({ location }, _arguments, context) => keyRow(context, Location, location),
  });

/** The row that a key of a group leads to. */
export const keyRow = <E extends object>(
  { loaders }: Context,
  entity: EntityClass<E>,
  key: number | null | undefined,
) => (key ? loaders.row(entity, key) : null);

/** A quantity of a group's item, less another; null where the group is not of one item. */
export function quantity(
  { decimals }: { readonly decimals?: number },
  units: string | undefined,
  less = '0',
): string | null {
  if (decimals === undefined || units === undefined) return null;
  return formatUnits(BigInt(units) - BigInt(less), decimals);
}

/** How the rows of summaries are ordered. */
export const ORDER =
  'Ordered by the groups as they are given: by SKU, name, code or day, null last.';

/** @throws GraphQLError with the code BAD_REQUEST for no group, or one that is there twice. */
export function checkGroups(groupBy: readonly string[]): void {
  if (groupBy.length === 0) throw badRequest('`groupBy` must name at least one group.');
  const repeated = groupBy.find((group, index) => groupBy.indexOf(group) !== index);
  if (repeated) throw badRequest(`\`groupBy\` names ${repeated} more than once.`);
}

/** @throws GraphQLError with the code BAD_REQUEST for more rows than a summary may have. */
export function bounded<R>(rows: readonly R[]): R[] {
  if (rows.length <= MOST_GROUPS) return [...rows];
  throw badRequest(
    `There are more than ${MOST_GROUPS} groups: ask for fewer with \`where\`, group by less, or by ` +
      'months instead of days.',
  );
}
