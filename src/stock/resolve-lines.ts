import { Item } from '../catalog/item.entity.ts';
import type { ItemReference } from '../catalog/item.service.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { foldKey } from '../database/key.ts';
import { toUnits } from '../database/quantity.ts';
import { type Row, tableOf } from '../database/rows.ts';
import { run, Statement } from '../database/statement.ts';
import { InvalidInput, NotFound } from '../errors.ts';
import { isOutside, Location } from '../locations/location.entity.ts';
import type { LocationReference } from '../locations/location.service.ts';
import type { LevelPlace } from './level.service.ts';
import type { Posting, PostingLine } from './posting.ts';

/** A line whose names are resolved and whose quantity is counted in the item's smallest unit. */
export interface ResolvedLine {
  readonly from: LevelPlace;
  readonly to: LevelPlace;
  readonly quantity: number;
}

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

let statements: Statements | undefined;

function statementsFor(em: EntityManager): Statements {
  const items = tableOf(em, Item);
  const places = tableOf(em, Location);
  statements ??= {
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
  return statements;
}

/**
 * Resolves what the lines of postings name, for all of them with two statements.
 * @throws NotFound and InvalidInput with the path of the line.
 */
export async function resolveLines(
  em: EntityManager,
  organizationId: number,
  postings: readonly Posting[],
): Promise<ResolvedLine[][]> {
  const lines = postings.flatMap((posting) => posting.lines);
  const places = lines.flatMap((line) => [placeName(line.from), placeName(line.to)]);
  const named = {
    items: await findItems(
      em,
      organizationId,
      lines.map((line) => itemName(line.item)),
    ),
    places: await findPlaces(em, organizationId, places),
  };
  return postings.map((posting) =>
    posting.lines.map((line, index) => resolveLine(line, index, named)),
  );
}

interface Named {
  readonly items: ReadonlyMap<string, Row<Item>>;
  readonly places: ReadonlyMap<string, Row<Location>>;
}

function resolveLine(line: PostingLine, index: number, { items, places }: Named): ResolvedLine {
  const path = ['input', 'lines', String(index)];
  const item = items.get(itemName(line.item));
  if (!item) throw new NotFound('The item does not exist.', [...path, 'item']);
  const from = places.get(placeName(line.from));
  if (!from) throw new NotFound('The location to take from does not exist.', ['input', 'from']);
  const to = places.get(placeName(line.to));
  if (!to) throw new NotFound('The location to bring to does not exist.', ['input', 'to']);
  if (from.id === to.id) {
    throw new InvalidInput('Stock cannot move to where it is.', ['input', 'to']);
  }
  if (isOutside(from.kind) && isOutside(to.kind)) {
    throw new InvalidInput('One end of a movement must be a real place.', ['input', 'to']);
  }
  const quantity = toUnits(line.quantity, item.decimals, [...path, 'quantity']);
  if (quantity <= 0) {
    const message = `A quantity must be greater than 0, got ${line.quantity}.`;
    throw new InvalidInput(message, [...path, 'quantity']);
  }
  const place = (location: Row<Location>): LevelPlace => ({
    item: item.id,
    location: location.id,
    lot: null,
    outside: isOutside(location.kind),
  });
  return { from: place(from), to: place(to), quantity };
}
