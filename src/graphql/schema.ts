import { type GraphQLSchema, specifiedDirectives } from 'graphql';
import '../journal/journal.graphql.ts';
import '../access/access.graphql.ts';
import '../access/viewer.graphql.ts';
import '../access/membership.graphql.ts';
import '../access/api-key.graphql.ts';
import '../locations/location.graphql.ts';
import '../catalog/category.graphql.ts';
import '../catalog/tag.graphql.ts';
import '../catalog/item.graphql.ts';
import '../catalog/item-upsert.graphql.ts';
import '../stock/level.graphql.ts';
import '../stock/movement.graphql.ts';
import '../stock/balance.graphql.ts';
import '../stock/stock.graphql.ts';
import '../stock/archive.graphql.ts';
import '../stock/adjust.graphql.ts';
import '../stock/count.graphql.ts';
import '../stock/reversal.graphql.ts';
import '../stock/reservation.graphql.ts';
import '../stock/reserve.graphql.ts';
import '../stock/audit.graphql.ts';
import '../stock/stock-summary.graphql.ts';
import '../stock/movement-summary.graphql.ts';
import { authorize } from '../access/authorization.ts';
import { builder } from './builder.ts';
import './nodes.ts';
import './scalars.ts';
import { SNAPSHOT } from './snapshot.ts';
import { UNIT_DIRECTIVES } from './unit-of-work.ts';

/** The whole schema: what every feature's GraphQL module adds to the builder. */
export const schema: GraphQLSchema = authorize(
  builder.toSchema({ directives: [...specifiedDirectives, ...UNIT_DIRECTIVES, SNAPSHOT] }),
);
