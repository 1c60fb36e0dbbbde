import { toUnits } from '../database/quantity.ts';
import { InvalidInput } from '../errors.ts';
import { isOutside } from '../locations/location.entity.ts';
import type { Draft, DraftLine } from './draft.ts';
import type { Names } from './names.ts';
import type { AdjustPosting, MoveLine, MovePosting } from './posting.ts';

/** The outside world that corrections come from and go to. */
export const ADJUSTMENT_WORLD = { world: 'ADJUSTMENT' } as const;

/**
 * Stock that goes from place to place.
 * @throws NotFound, InvalidState and InvalidInput with the path of the line.
 */
export function draftMove(posting: MovePosting, names: Names): Draft {
  return draftOf(posting.lines.map((line, index) => moveLine(line, index, names)));
}

/** A correction: what is there more comes from the outside world of adjustments, or goes to it. */
export function draftAdjust({ location, lines }: AdjustPosting, names: Names): Draft {
  return draftOf(
    lines.map(({ item: by, delta }, index) => {
      const path = ['input', 'lines', String(index)];
      const item = names.item(by, [...path, 'item']);
      const here = names.place(location, ['input', 'location']);
      if (isOutside(here.kind)) {
        throw new InvalidInput('Only a real place is adjusted.', ['input', 'location']);
      }
      const units = toUnits(delta, item.decimals, [...path, 'delta']);
      if (units === 0) throw new InvalidInput('delta must not be 0.', [...path, 'delta']);
      const level = names.level(item, here);
      const world = names.level(item, names.place(ADJUSTMENT_WORLD, ['input', 'location']));
      return between(level, world, units);
    }),
  );
}

/** The line that makes a level of a real place rise by a number of units, or fall. */
export function between(
  level: DraftLine['to'],
  world: DraftLine['from'],
  units: number,
): DraftLine {
  return units > 0
    ? { from: world, to: level, quantity: units }
    : { from: level, to: world, quantity: -units };
}

/** A draft whose lines do not depend on what is on hand. */
export function draftOf(lines: readonly DraftLine[]): Draft {
  return {
    places: lines.flatMap(({ from, to }) => [from, to]),
    plan: () => ({ lines }),
  };
}

function moveLine(line: MoveLine, index: number, names: Names): DraftLine {
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
  const quantity = toUnits(line.quantity, item.decimals, [...path, 'quantity']);
  if (quantity <= 0) {
    const message = `A quantity must be greater than 0, got ${line.quantity}.`;
    throw new InvalidInput(message, [...path, 'quantity']);
  }
  return { from: names.level(item, from), to: names.level(item, to), quantity };
}
