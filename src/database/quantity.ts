import { type InputPath, InvalidInput } from '../errors.ts';
import { MAX_QUANTITY } from './columns.ts';

/** A decimal number as callers write it: digits, perhaps a sign and a fraction, no exponent. */
export const DECIMAL_PATTERN = /^(-?)(\d+)(?:\.(\d+))?$/;

/**
 * Reads a decimal number as a whole number of an item's smallest unit; never rounds.
 * @throws InvalidInput when it has more fraction digits than the item, or is out of bounds.
 */
export function toUnits(decimal: string, decimals: number, path: InputPath): number {
  const [, sign, whole, fraction = ''] = DECIMAL_PATTERN.exec(decimal) ?? [];
  if (whole === undefined) throw new InvalidInput(`${decimal} is not a decimal number.`, path);
  if (fraction.length > decimals) {
    const allowed = decimals === 0 ? 'no fraction digits' : `at most ${decimals} fraction digits`;
    throw new InvalidInput(
      `${decimal} has too many fraction digits: the item has ${allowed}.`,
      path,
    );
  }
  const units = Number(BigInt(whole + fraction.padEnd(decimals, '0')));
  if (units > MAX_QUANTITY) {
    const most = formatUnits(MAX_QUANTITY, decimals);
    throw new InvalidInput(`${decimal} is out of bounds: the most is ${most}.`, path);
  }
  return sign && units !== 0 ? -units : units;
}

/** Writes a whole number of an item's smallest unit as a decimal number, without trailing zeros. */
export function formatUnits(units: number | bigint, decimals: number): string {
  if (decimals === 0) return String(units);
  const digits = String(units < 0 ? -units : units).padStart(decimals + 1, '0');
  const fraction = digits.slice(-decimals).replace(/0+$/, '');
  const whole = `${units < 0 ? '-' : ''}${digits.slice(0, -decimals)}`;
  return fraction ? `${whole}.${fraction}` : whole;
}
