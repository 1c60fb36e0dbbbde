import { MAX_DECIMALS, toUnits } from '../database/quantity.ts';
import { type InputPath, InvalidInput } from '../errors.ts';
import type { Tracking } from './item.entity.ts';

/** @throws InvalidInput when a new item cannot be counted so. */
export function refuseDecimals(
  { decimals, tracking }: { readonly decimals: number; readonly tracking: Tracking },
  root: InputPath,
): void {
  const path = [...root, 'decimals'];
  if (decimals < 0 || decimals > MAX_DECIMALS) {
    throw new InvalidInput(`decimals must be from 0 to ${MAX_DECIMALS}.`, path);
  }
  if (tracking !== 'SERIAL' || decimals === 0) return;
  throw new InvalidInput('An item with serial numbers is counted in whole units.', path);
}

/**
 * A reorder point in the item's smallest unit; null for none.
 * @throws InvalidInput when it is negative, or no quantity of the item.
 */
export function reorderPointOf(
  decimal: string | null,
  decimals: number,
  root: InputPath,
): number | null {
  if (decimal === null) return null;
  const path = [...root, 'reorderPoint'];
  const units = toUnits(decimal, decimals, path);
  if (units < 0) throw new InvalidInput('reorderPoint must not be negative.', path);
  return units;
}
