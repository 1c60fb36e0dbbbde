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

/** The most fraction digits that an item's quantities can have. */
export const MAX_DECIMALS = 6;

/**
 * The largest whole number of units that is not above a decimal number, and whether it is that number.
 * What no quantity can reach stands for all that is further out.
 */
export function unitsBelow(
  decimal: string,
  decimals: number,
): { readonly floor: number; readonly isExact: boolean } {
  const [, sign, whole = '0', fraction = ''] = DECIMAL_PATTERN.exec(decimal) ?? [];
  const units = BigInt(whole + fraction.slice(0, decimals).padEnd(decimals, '0'));
  const isExact = /^0*$/.test(fraction.slice(decimals));
  const signed = sign ? -units - (isExact ? 0n : 1n) : units;
  const beyond = BigInt(MAX_QUANTITY) + 1n;
  if (signed > beyond || signed < -beyond)
    return { floor: Number(sign ? -beyond : beyond), isExact };
  return { floor: Number(signed), isExact };
}

/** Writes a whole number of an item's smallest unit as a decimal number, without trailing zeros. */
export function formatUnits(units: number | bigint, decimals: number): string {
  if (decimals === 0) return String(units);
  const digits = String(units < 0 ? -units : units).padStart(decimals + 1, '0');
  const fraction = digits.slice(-decimals).replace(/0+$/, '');
  const whole = `${units < 0 ? '-' : ''}${digits.slice(0, -decimals)}`;
  return fraction ? `${whole}.${fraction}` : whole;
}
