import { Item } from '../catalog/item.entity.ts';
import type { ItemReference } from '../catalog/item.service.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { foldKey } from '../database/key.ts';
import { madeOnce, type Row, tableOf } from '../database/rows.ts';
import { run, Statement } from '../database/statement.ts';
import { type InputPath, InvalidState, NotFound } from '../errors.ts';
import { isOutside, Location } from '../locations/location.entity.ts';
import type { LocationReference } from '../locations/location.service.ts';
import type { LevelPlace } from './level.service.ts';
import type { Lot } from './lot.entity.ts';

const itemName = (by: ItemReference) => ('id' in by ? `id ${by.id}` : `key ${foldKey(by.sku)}`);

function placeName(by: LocationReference): string {
  if ('world' in by) return `world ${by.world}`;
  return 'id' in by ? `id ${by.id}` : `key ${foldKey(by.code)}`;
}

/** The ids, keys and worlds in names, each list without doubles. */
function parts(names: readonly string[]) {
  const unique = [...new Set(names)].map((name) => name.split(/ (.*)/s) as [string, string]);
  const of = (kind: string) => unique.filter(([each]) => each === kind).map(([, text]) => text);
  return { ids: of('id').map(Number), keys: of('key'), worlds: of('world') };
}

async function findItems(em: EntityManager, organizationId: number, names: readonly string[]) {
  const { ids, keys } = parts(names);
  const rows = await run(em, organizationId, statementsFor(em).items, [ids, keys]);
  return new Map(
    rows.flatMap((row) => [[`id ${row.id}`, row] as const, [`key ${row.skuKey}`, row]]),
  );
}

async function findPlaces(em: EntityManager, organizationId: number, names: readonly string[]) {
  const { ids, keys, worlds } = parts(names);
  const rows = await run(em, organizationId, statementsFor(em).places, [ids, keys, worlds]);
  // The smallest id of a kind is the location that the organization was born with.
  const oldestLast = rows.toSorted((a, b) => b.id - a.id);
  const named = oldestLast.map((row) => [`world ${row.kind}`, row] as const);
  return new Map([
    ...named,
    ...rows.flatMap((row) => [
      [`id ${row.id}`, row] as const,
      [`key ${row.codeKey}`, row] as const,
    ]),
  ]);
}

interface Statements {
  readonly items: Statement<Row<Item>>;
  readonly places: Statement<Row<Location>>;
}

const statementsFor = madeOnce((em): Statements => {
  const items = tableOf(em, Item);
  const places = tableOf(em, Location);
  return {
    items: new Statement<Row<Item>>(
      (dialect) => `select ${items.columns('x')} from items x
        where ${dialect.owned('x')} and ${dialect.isIn('x.id', '$2')}
        union all select ${items.columns('x')} from items x
        where x.organization_id = $1 and ${dialect.isIn('x.sku_key', '$3', 'text')}`,
      items.decode,
    ),
    places: new Statement<Row<Location>>(
      (dialect) => `select ${places.columns('x')} from locations x
        where ${dialect.owned('x')} and ${dialect.isIn('x.id', '$2')}
        union all select ${places.columns('x')} from locations x
        where x.organization_id = $1 and ${dialect.isIn('x.code_key', '$3', 'text')}
        union all select ${places.columns('x')} from locations x
        where x.organization_id = $1 and ${dialect.isIn('x.kind', '$4', 'text')}
          and x.id = (select min(y.id) from locations y
            where y.organization_id = $1 and y.kind = x.kind)`,
      places.decode,
    ),
  };
});

/** The rows that postings name, found with two statements for any number of names. */
export class Names {
  readonly #items: ReadonlyMap<string, Row<Item>>;
  readonly #places: ReadonlyMap<string, Row<Location>>;

  private constructor(
    items: ReadonlyMap<string, Row<Item>>,
    places: ReadonlyMap<string, Row<Location>>,
  ) {
    this.#items = items;
    this.#places = places;
  }

  static async find(
    em: EntityManager,
    organizationId: number,
    items: readonly ItemReference[],
    places: readonly LocationReference[],
  ): Promise<Names> {
    const itemNames = items.map(itemName);
    const placeNames = places.map(placeName);
    return new Names(
      await findItems(em, organizationId, itemNames),
      await findPlaces(em, organizationId, placeNames),
    );
  }

  /** @throws NotFound when there is no such item, InvalidState when it is archived. */
  item(by: ItemReference, path: InputPath): Row<Item> {
    const item = this.#items.get(itemName(by));
    if (!item) throw new NotFound('The item does not exist.', path);
    if (item.archivedAt) throw new InvalidState(`The item ${item.sku} is archived.`, path);
    return item;
  }

  /** @throws NotFound when there is no such location, InvalidState when it is archived. */
  place(by: LocationReference, path: InputPath): Row<Location> {
    const place = this.#places.get(placeName(by));
    if (!place) throw new NotFound('The location does not exist.', path);
    if (place.archivedAt) throw new InvalidState(`The location ${place.code} is archived.`, path);
    return place;
  }

  /** The level of an item, or of a lot of it, at a location. */
  level(item: Row<Item>, location: Row<Location>, lot: Row<Lot> | null = null): LevelPlace {
    return {
      item: item.id,
      location: location.id,
      lot: lot?.id ?? null,
      outside: isOutside(location.kind),
    };
  }
}
