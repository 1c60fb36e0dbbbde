import type { EntityManager } from '../database/entity-manager.ts';
import { foldKey } from '../database/key.ts';
import { formatUnits, toUnits } from '../database/quantity.ts';
import { run, Statement } from '../database/statement.ts';
import { JsonRows } from '../database/statement-values.ts';
import { DomainError, InvalidInput, InvalidState } from '../errors.ts';
import { isOutside } from '../locations/location.entity.ts';
import type { Names } from '../stock/names.ts';
import type { LEVEL_COLUMNS } from './level-columns.ts';
import type { Problem } from './problem.ts';
import type { TableRow } from './table.ts';

export type LevelRow = TableRow<typeof LEVEL_COLUMNS>;

/** A row whose names are found. */
interface WantedLevel {
  readonly line: LevelRow;
  readonly item: number;
  readonly decimals: number;
  readonly location: number;
  /** Blank for none. */
  readonly codeKey: string;
  readonly units: number;
}

const ON_HAND = new Statement<{ place: number; onHand: number }>((dialect) => {
  const fields = { place: 'bigint', item: 'bigint', location: 'bigint', codeKey: 'text' } as const;
  return `select j.place as "place", v.on_hand as "onHand"
    from ${dialect.jsonRows('$2', fields)} j ${dialect.orderedJoin} stock_levels v
      on v.organization_id = $1 and v.item_id = j.item and v.location_id = j.location
      and v.lot_key = case when j."codeKey" = '' then 0 else coalesce((select t.id from lots t
        where t.organization_id = $1 and t.item_id = j.item and t.code_key = j."codeKey"), -1) end`;
});

/** What rows of opening stock come to. */
interface Opening {
  /** Those whose stock is to be received. */
  readonly wanted: readonly LevelRow[];
  /** How many say just what is on hand. */
  readonly unchanged: number;
  readonly problems: readonly Problem[];
}

/** Compares rows of opening stock with what is on hand: there must be nothing, or what they say. */
export async function openingOf(
  em: EntityManager,
  organizationId: number,
  rows: readonly LevelRow[],
  names: Names,
): Promise<Opening> {
  const problems: Problem[] = [];
  const found = rows.flatMap((line) => wantedLevel(line, names, problems));
  const levels = withoutDoubles(found, problems);
  const places = levels.map(({ item, location, codeKey }, place) => ({
    ...{ place, item, location, codeKey },
  }));
  const there = await run(em, organizationId, ON_HAND, [new JsonRows(places)]);
  const onHand = new Map(there.map((level) => [level.place, level.onHand]));
  let unchanged = 0;
  const wanted = levels.flatMap(({ line, units, decimals }, place) => {
    const have = onHand.get(place) ?? 0;
    if (have === units) unchanged += 1;
    else if (have === 0) return [line];
    else problems.push(line.problem('onHand', otherStock(formatUnits(have, decimals))));
    return [];
  });
  return { wanted, unchanged, problems };
}

const otherStock = (onHand: string): InvalidState =>
  new InvalidState(
    `${onHand} are on hand. Opening stock goes only where there is none; a count sets the rest right.`,
    null,
  );

function wantedLevel(line: LevelRow, names: Names, problems: Problem[]): WantedLevel[] {
  const { sku = '', location = '', lot, onHand } = line.values;
  const attempt = <T>(column: keyof typeof LEVEL_COLUMNS, work: () => T): T | null => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      problems.push(line.problem(column, error));
      return null;
    }
  };
  const item = attempt('sku', () => names.item({ sku: sku ?? '' }, []));
  const place = attempt('location', () => realPlace(names, location ?? ''));
  const units = attempt('onHand', () => unitsOf(onHand ?? '', item?.decimals));
  if (!item || !place || units === null) return [];
  const { id, decimals } = item;
  const codeKey = lot ? foldKey(lot) : '';
  return [{ line, item: id, decimals, location: place.id, codeKey, units }];
}

function realPlace(names: Names, code: string) {
  const place = names.place({ code }, []);
  if (isOutside(place.kind)) throw new InvalidInput('Only real places have opening stock.', []);
  return place;
}

function unitsOf(onHand: string, decimals: number | undefined): number {
  if (decimals === undefined) return 0;
  const units = toUnits(onHand, decimals, []);
  if (units < 0) throw new InvalidInput('It must not be below 0.', []);
  return units;
}

function withoutDoubles(levels: readonly WantedLevel[], problems: Problem[]): WantedLevel[] {
  const seen = new Map<string, number>();
  return levels.filter(({ item, location, codeKey, line }) => {
    const key = `${item} ${location} ${codeKey}`;
    const earlier = seen.get(key);
    if (earlier === undefined) seen.set(key, line.row);
    else {
      const message = `Row ${earlier} says already what is on hand there.`;
      problems.push(line.problem('', { code: 'INVALID_INPUT', message }));
    }
    return earlier === undefined;
  });
}
