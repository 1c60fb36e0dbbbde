import { toUnits } from '../database/quantity.ts';
import type { Draft, DraftCount } from './draft.ts';
import { namedLot } from './draft-move.ts';
import type { Found } from './found.ts';
import type { ConfirmPosting } from './posting.ts';

/**
 * A count that found what was on hand: it moves nothing, and needs no level.
 * @throws NotFound, InvalidState and InvalidInput with the path of the line.
 */
export function draftConfirmation({ confirmed }: ConfirmPosting, { names, lots }: Found): Draft {
  const counts = confirmed.map((line, index): DraftCount => {
    const path = ['input', 'lines', String(index)];
    const item = names.item(line.item, [...path, 'item']);
    const lot = namedLot(item, line.lot, lots, path);
    const units = (text: string, name: string) => toUnits(text, item.decimals, [...path, name]);
    return {
      ...{ position: index + 1, item: item.id, lot: lot?.id ?? null },
      counted: units(line.counted, 'counted'),
      expected: typeof line.expected === 'string' ? units(line.expected, 'expected') : null,
      difference: 0,
    };
  });
  return { places: [], plan: () => ({ lines: [], counts }) };
}
