import type { EntityManager } from '../database/entity-manager.ts';
import { toUnits } from '../database/quantity.ts';
import type { Row } from '../database/rows.ts';
import { type InputPath, InvalidInput } from '../errors.ts';
import { isOutside } from '../locations/location.entity.ts';
import { Allocation, type LotTake } from './allocation.ts';
import type { Draft, DraftLine } from './draft.ts';
import type { Found } from './found.ts';
import type { LevelPlace } from './level.service.ts';
import type { Lot } from './lot.entity.ts';
import type { LotReference, Lots } from './lots.ts';
import type { NamedItem } from './names.ts';
import type { AdjustPosting, MoveLine, MovePosting } from './posting.ts';
import type { StockShortage } from './stock.errors.ts';

/** The outside world that corrections come from and go to. */
export const ADJUSTMENT_WORLD = { world: 'ADJUSTMENT' } as const;

/**
 * Stock that goes from place to place. Of an item with lots, lines that name none take the first to
 * expire.
 * @throws NotFound, InvalidState and InvalidInput with the path of the line.
 */
export async function draftMove(
  em: EntityManager,
  organizationId: number,
  posting: MovePosting,
  found: Found,
): Promise<Draft> {
  const lines = posting.lines.map((line, index) => moveLine(line, index, found));
  const open = lines.filter((line) => line.open).map(({ draft }) => draft);
  const allocation = await Allocation.prepare(em, organizationId, open);
  const placesOfLine = ({ draft, open }: MovedLine): LevelPlace[] =>
    open
      ? allocation.sources(draft).flatMap((from) => [from, { ...draft.to, lot: from.lot }])
      : [draft.from, draft.to];
  return {
    places: lines.flatMap(placesOfLine),
    plan: ({ levels }) => {
      const taken = new Map<string, number>();
      const shortages: StockShortage[] = [];
      const planned = lines.flatMap(({ draft, open }): readonly DraftLine[] => {
        if (!open) return [draft];
        const served = allocation.serve(draft, levels, taken);
        if (Array.isArray(served)) return served.map((take) => ofLot(draft, take));
        shortages.push(served as StockShortage);
        return [];
      });
      return { lines: planned, shortages };
    },
  };
}

/** The part of a line that is of one lot. */
const ofLot = (line: DraftLine, { from, quantity }: LotTake): DraftLine => ({
  ...line,
  ...{ from, quantity },
  to: { ...line.to, lot: from.lot },
});

/** A correction: what is there more comes from the outside world of adjustments, or goes to it. */
export function draftAdjust({ location, lines }: AdjustPosting, { names, lots }: Found): Draft {
  return draftOf(
    lines.map(({ item: by, lot: reference, delta }, index) => {
      const path = ['input', 'lines', String(index)];
      const item = names.item(by, [...path, 'item']);
      const here = names.place(location, ['input', 'location']);
      if (isOutside(here.kind)) {
        throw new InvalidInput('Only a real place is adjusted.', ['input', 'location']);
      }
      const units = toUnits(delta, item.decimals, [...path, 'delta']);
      if (units === 0) throw new InvalidInput('delta must not be 0.', [...path, 'delta']);
      const lot = namedLot(item, reference, lots, path);
      const world = names.place(ADJUSTMENT_WORLD, ['input', 'location']);
      const ends = { level: names.level(item, here, lot), world: names.level(item, world, lot) };
      return between(ends, units, { line: index, serial: isSerial(item) });
    }),
  );
}

export const isSerial = ({ tracking }: NamedItem): boolean => tracking === 'SERIAL';

/**
 * The lot that a line must name, if its item has lots at all.
 * @throws InvalidInput when it names one too many or too few, NotFound when there is no such lot.
 */
export function namedLot(
  item: NamedItem,
  reference: LotReference | null | undefined,
  lots: Lots,
  path: InputPath,
): Row<Lot> | null {
  const own = [...path, 'lot'];
  if (item.tracking === 'NONE') {
    if (reference) throw new InvalidInput(`The item ${item.sku} has no lots.`, own);
    return null;
  }
  if (!reference) throw new InvalidInput(`Say which lot of the item ${item.sku}.`, own);
  return lots.get(item, reference, own);
}

/** The line that makes a level of a real place rise by a number of units, or fall. */
export function between(
  { level, world }: { readonly level: DraftLine['to']; readonly world: DraftLine['from'] },
  units: number,
  facts: Pick<DraftLine, 'line' | 'serial'>,
): DraftLine {
  return units > 0
    ? { ...facts, from: world, to: level, quantity: units }
    : { ...facts, from: level, to: world, quantity: -units };
}

/** A draft whose lines do not depend on what is on hand. */
export function draftOf(lines: readonly DraftLine[]): Draft {
  return { places: lines.flatMap(({ from, to }) => [from, to]), plan: () => ({ lines }) };
}

/** A line, and whether it is open which lots it takes. */
interface MovedLine {
  readonly draft: DraftLine;
  readonly open: boolean;
}

function moveLine(line: MoveLine, index: number, { names, lots }: Found): MovedLine {
  const path = ['input', 'lines', String(index)];
  const item = names.item(line.item, [...path, 'item']);
  const from = names.place(line.from, ['input', 'from']);
  const to = names.place(line.to, ['input', 'to']);
  if (from.id === to.id) {
    throw new InvalidInput('Stock cannot move to where it is.', ['input', 'to']);
  }
  if (isOutside(from.kind) && isOutside(to.kind)) {
    throw new InvalidInput('One end of a movement must be a real place.', ['input', 'to']);
  }
  const open = item.tracking !== 'NONE' && !line.lot && !isOutside(from.kind);
  const lot = open ? null : namedLot(item, line.lot, lots, path);
  const quantity = unitsOf(line, { item, lot }, path);
  const facts = { line: index, quantity, serial: isSerial(item) };
  const ends = { from: names.level(item, from, lot), to: names.level(item, to, lot) };
  return { draft: { ...facts, ...ends }, open };
}

/**
 * The quantity of a line in its item's smallest unit.
 * @throws InvalidInput unless it is greater than 0, and 1 for a serial number.
 */
export function unitsOf(
  { quantity }: { readonly quantity: string },
  { item, lot }: { readonly item: NamedItem; readonly lot: Row<Lot> | null },
  path: InputPath,
): number {
  const own = [...path, 'quantity'];
  const units = positive(quantity, item, own);
  if (!lot || !isSerial(item) || units === 1) return units;
  throw new InvalidInput(`The serial number ${lot.code} is one unit, not ${quantity}.`, own);
}

/** @throws InvalidInput unless a quantity is greater than 0. */
export function positive(decimal: string, item: NamedItem, path: InputPath): number {
  const units = toUnits(decimal, item.decimals, path);
  if (units > 0) return units;
  throw new InvalidInput(`A quantity must be greater than 0, got ${decimal}.`, path);
}
