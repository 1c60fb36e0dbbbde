import type { EntityManager } from '../database/entity-manager.ts';
import { madeOnce, type Row, tableOf } from '../database/rows.ts';
import { run, Statement } from '../database/statement.ts';
import { isOutside, Location, OUTSIDE_WORLDS } from '../locations/location.entity.ts';
import type { ToldRow } from './columns.ts';
import type { LOCATION_COLUMNS } from './location-columns.ts';

const allStatement = madeOnce((em): Statement<Row<Location>> => {
  const table = tableOf(em, Location);
  return new Statement<Row<Location>>(
    () => `select ${table.columns('x')} from locations x
      where x.organization_id = $1 order by x.code_key`,
    table.decode,
  );
});

/** All locations of an organization, by their codes. */
export const findLocations = (
  em: EntityManager,
  organizationId: number,
): Promise<Row<Location>[]> => run(em, organizationId, allStatement(em));

/** Whether a location is the outside world of its kind that its organization was born with. */
export function worldsAmong(locations: readonly Row<Location>[]): ReadonlySet<Row<Location>> {
  const first = OUTSIDE_WORLDS.flatMap((kind) =>
    locations
      .filter((each) => each.kind === kind)
      .sort((a, b) => a.id - b.id)
      .slice(0, 1),
  );
  return new Set(first);
}

/** All locations as rows of a file: the outside worlds, then each before those that lie in it. */
export async function* exportLocations(
  em: EntityManager,
  organizationId: number,
): AsyncGenerator<ToldRow<typeof LOCATION_COLUMNS>[]> {
  const locations = await findLocations(em, organizationId);
  const worlds = worldsAmong(locations);
  const byId = new Map(locations.map((location) => [location.id, location]));
  const within = Map.groupBy(locations, ({ parent }) => parent);
  const below = (parent: number | null): Row<Location>[] =>
    (within.get(parent) ?? []).flatMap((each) => [each, ...below(each.id)]);
  const rank = ({ kind }: Row<Location>) => (isOutside(kind) ? OUTSIDE_WORLDS.indexOf(kind) : 0);
  const born = [...worlds].sort((a, b) => rank(a) - rank(b));
  const ordered = [...born, ...below(null).filter((location) => !worlds.has(location))];
  yield ordered.map((location) => ({
    ...{ code: location.code, name: location.name, kind: location.kind },
    parent: location.parent === null ? null : byId.get(location.parent)?.code,
    world: worlds.has(location),
    archived: location.archivedAt !== null,
  }));
}
