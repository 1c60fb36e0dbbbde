import type { EntityManager } from '../database/entity-manager.ts';
import { formatUnits } from '../database/quantity.ts';
import { InvalidInput } from '../errors.ts';
import { isOutside } from '../locations/location.entity.ts';
import type { Draft, DraftLine, Plan } from './draft.ts';
import { positive } from './draft-move.ts';
import type { Found } from './found.ts';
import { type Hold, type HoldChange, heldBy, placeOfHold, stillHeldBy } from './holds.ts';
import type { LevelPlace } from './level.service.ts';
import type { FulfilLine, FulfilPosting } from './posting.ts';

/** What a line takes of a hold. */
interface Take {
  readonly line: number;
  readonly hold: Hold;
  readonly units: number;
}

/**
 * What a reservation holds, or a part of it, as an issue. What goes out was held, and is held no more.
 * @throws NotFound, InvalidState when the reservation is resolved, InvalidInput when it holds less
 *   than a line says.
 */
export async function draftFulfilment(
  em: EntityManager,
  organizationId: number,
  { reservation, to: target, lines }: FulfilPosting,
  found: Found,
): Promise<Draft> {
  const holds = await heldBy(em, organizationId, reservation);
  const to = found.names.place(target, ['input', 'to']);
  if (holds.some(({ location }) => location === to.id)) {
    throw new InvalidInput('Stock cannot move to where it is.', ['input', 'to']);
  }
  const wanted = lines?.map((line, index) => wantedLine(line, index, found));
  const endOf = (hold: Hold): LevelPlace => ({
    ...placeOfHold(hold),
    ...{ location: to.id, outside: isOutside(to.kind) },
  });
  return {
    places: holds.flatMap((hold) => [placeOfHold(hold), endOf(hold)]),
    plan: async (stock): Promise<Plan> => {
      const held = await stillHeldBy(em, organizationId, reservation, stock.expired);
      const takes = wanted ? takeLines(wanted, held) : held.map(takeAll);
      const moved = takes.map(({ line, hold, units }): DraftLine => {
        // A serial number that only goes out is never in two places.
        const facts = { line, serial: false, quantity: units };
        return { ...facts, from: placeOfHold(hold), to: endOf(hold) };
      });
      return { lines: moved, holds: [fulfilled(reservation, held, takes)] };
    },
  };
}

const takeAll = (hold: Hold, line: number): Take => ({ line, hold, units: hold.held });

/** A line whose names are found. */
interface WantedLine {
  readonly line: number;
  readonly item: number;
  readonly decimals: number;
  readonly location: number | null;
  readonly lot: number | null;
  readonly units: number;
}

function wantedLine(line: FulfilLine, index: number, { names, lots }: Found): WantedLine {
  const path = ['input', 'lines', String(index)];
  const item = names.item(line.item, [...path, 'item']);
  return {
    line: index,
    item: item.id,
    decimals: item.decimals,
    location: line.location ? names.place(line.location, [...path, 'location']).id : null,
    lot: line.lot ? lots.get(item, line.lot, [...path, 'lot']).id : null,
    units: positive(line.quantity, item, [...path, 'quantity']),
  };
}

/** Serves lines from what a reservation holds, in the order of its own lines. */
function takeLines(wanted: readonly WantedLine[], held: readonly Hold[]): Take[] {
  const left = new Map(held.map((hold) => [hold, hold.held]));
  return wanted.flatMap(({ line, item, decimals, location, lot, units }) => {
    const takes: Take[] = [];
    let missing = units;
    for (const [hold, rest] of left) {
      const elsewhere = location !== null && hold.location !== location;
      if (hold.item !== item || elsewhere || (lot !== null && hold.lot !== lot)) continue;
      const part = Math.min(missing, rest);
      if (part === 0) continue;
      takes.push({ line, hold, units: part });
      left.set(hold, rest - part);
      missing -= part;
    }
    if (missing === 0) return takes;
    const message = `The reservation holds ${formatUnits(units - missing, decimals)} of it.`;
    throw new InvalidInput(message, ['input', 'lines', String(line), 'quantity']);
  });
}

function fulfilled(reservation: number, held: readonly Hold[], takes: readonly Take[]): HoldChange {
  const ends = [...Map.groupBy(takes, ({ hold }) => hold)].map(([hold, own]) => ({
    hold,
    units: own.reduce((sum, { units }) => sum + units, 0),
  }));
  const all = ends.length === held.length && ends.every(({ hold, units }) => units === hold.held);
  return { reservation, state: all ? 'FULFILLED' : 'ACTIVE', ends };
}
