import type { Tracking } from '../catalog/item.entity.ts';
import type { ItemReference } from '../catalog/item-reference.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { foldKey } from '../database/key.ts';
import type { Decode, Row } from '../database/rows.ts';
import { run, Statement } from '../database/statement.ts';
import { type InputPath, InvalidState, NotFound } from '../errors.ts';
import { isOutside, type LocationKind } from '../locations/location.entity.ts';
import type { LocationReference } from '../locations/location.service.ts';
import type { LevelPlace } from './level.service.ts';
import type { Lot } from './lot.entity.ts';

function itemName(by: ItemReference): string {
  if ('id' in by) return `id ${by.id}`;
  return 'sku' in by ? `key ${foldKey(by.sku)}` : `barcode ${foldKey(by.barcode)}`;
}

function placeName(by: LocationReference): string {
  if ('world' in by) return `world ${by.world}`;
  return 'id' in by ? `id ${by.id}` : `key ${foldKey(by.code)}`;
}

/** The ids, keys and worlds in names, each list without doubles. */
function parts(names: readonly string[]) {
  const unique = [...new Set(names)].map((name) => name.split(/ (.*)/s) as [string, string]);
  const of = (kind: string) => unique.filter(([each]) => each === kind).map(([, text]) => text);
  return {
    ...{ ids: of('id').map(Number), keys: of('key') },
    ...{ barcodes: of('barcode'), worlds: of('world') },
  };
}

/** An item, or a location, that a name was found to mean; of an item by a barcode, that is the key. */
interface Found {
  readonly what: 'item' | 'barcode' | 'place' | 'head';
  readonly id: number;
  readonly key: string;
  readonly text: string;
  readonly kind: Tracking | LocationKind;
  readonly decimals: number;
  readonly archived: boolean;
}

/** What of an item matters where stock moves. */
export interface NamedItem {
  readonly id: number;
  readonly sku: string;
  readonly decimals: number;
  readonly tracking: Tracking;
  readonly archived: boolean;
}

/** What of a location matters where stock moves. */
export interface NamedPlace {
  readonly id: number;
  readonly code: string;
  readonly kind: LocationKind;
  readonly archived: boolean;
}

const decode: Decode = (row) => {
  row['archived'] = row['archived'] === 1;
};

const FIND = new Statement<Found>((dialect) => {
  const of = (what: string, key: string) => `select '${what}' as "what", x.id as "id",
      ${key} as "key", x.sku as "text", x.tracking as "kind", x.decimals as "decimals",
      x.archived_at is not null as "archived"`;
  const items = (where: string) => `${of('item', 'x.sku_key')} from items x where ${where}`;
  const places = (where: string) => `select 'place', x.id, x.code_key, x.code, x.kind, 0,
      x.archived_at is not null from locations x where ${where}`;
  return [
    items(`${dialect.owned('x')} and ${dialect.isIn('x.id', '$2')}`),
    items(`x.organization_id = $1 and ${dialect.isIn('x.sku_key', '$3', 'text')}`),
    places(`${dialect.owned('x')} and ${dialect.isIn('x.id', '$4')}`),
    places(`x.organization_id = $1 and ${dialect.isIn('x.code_key', '$5', 'text')}`),
    // The smallest id of a kind is the location that the organization was born with.
    places(`x.organization_id = $1 and ${dialect.isIn('x.kind', '$6', 'text')}
      and x.id = (select min(y.id) from locations y
        where y.organization_id = $1 and y.kind = x.kind)`),
    `${of('barcode', 'b.code_key')} from barcodes b
      ${dialect.orderedJoin} items x on x.id = b.item_id and ${dialect.owned('x')}
      where b.organization_id = $1 and ${dialect.isIn('b.code_key', '$7', 'text')}`,
    `select 'head', h.archived_seq, '', '', '', 0, false
      from journal_heads h where h.organization_id = $1`,
  ].join(' union all ');
}, decode);

/** The items and locations that an input names, found with one statement for any number of names. */
export class Names {
  readonly #items = new Map<string, NamedItem>();
  readonly #places = new Map<string, NamedPlace>();
  /**
   * The journal's place of the newest archiving before the names were read. When it is another one at
   * the end, what is named may have been archived meanwhile.
   */
  readonly archivedSeq: number;

  private constructor(found: readonly Found[]) {
    // By falling ids: of the locations of a kind the oldest, found last, keeps the world's name.
    for (const row of found.toSorted((a, b) => b.id - a.id)) {
      if (row.what === 'place') this.#addPlace(row);
      else if (row.what !== 'head') this.#addItem(row);
    }
    const head = found.find(({ what }) => what === 'head');
    if (!head) throw new Error('Names of an organization without a journal');
    this.archivedSeq = head.id;
  }

  #addItem({ what, id, key, text, kind, decimals, archived }: Found): void {
    const item = { id, sku: text, decimals, tracking: kind as Tracking, archived };
    const name = what === 'barcode' ? `barcode ${key}` : `key ${key}`;
    this.#items.set(`id ${id}`, item).set(name, item);
  }

  #addPlace({ id, key, text, kind, archived }: Found): void {
    const place = { id, code: text, kind: kind as LocationKind, archived };
    this.#places.set(`id ${id}`, place).set(`key ${key}`, place).set(`world ${kind}`, place);
  }

  static async find(
    em: EntityManager,
    organizationId: number,
    items: readonly ItemReference[],
    places: readonly LocationReference[],
  ): Promise<Names> {
    const item = parts(items.map(itemName));
    const place = parts(places.map(placeName));
    const values = [item.ids, item.keys, place.ids, place.keys, place.worlds, item.barcodes];
    return new Names(await run(em, organizationId, FIND, values));
  }

  /** @throws NotFound when there is no such item, InvalidState when it is archived. */
  item(by: ItemReference, path: InputPath): NamedItem {
    const item = this.#items.get(itemName(by));
    if (!item) throw new NotFound('The item does not exist.', path);
    if (item.archived) throw new InvalidState(`The item ${item.sku} is archived.`, path);
    return item;
  }

  /** @throws NotFound when there is no such location, InvalidState when it is archived. */
  place(by: LocationReference, path: InputPath): NamedPlace {
    const place = this.#places.get(placeName(by));
    if (!place) throw new NotFound('The location does not exist.', path);
    if (place.archived) throw new InvalidState(`The location ${place.code} is archived.`, path);
    return place;
  }

  /** The level of an item, or of a lot of it, at a location. */
  level(item: NamedItem, location: NamedPlace, lot: Row<Lot> | null = null): LevelPlace {
    return {
      item: item.id,
      location: location.id,
      lot: lot?.id ?? null,
      outside: isOutside(location.kind),
    };
  }
}
