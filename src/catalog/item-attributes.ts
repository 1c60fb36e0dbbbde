import { z } from 'zod';
import { isKeepable } from '../input.ts';

/** Longest attributes, in characters of JSON. */
const MAX_ATTRIBUTES = 20_000;
/** Most levels of objects and lists in each other in attributes. */
const MAX_LEVELS = 20;

/** A JSON object that both databases can keep as it is. */
export const itemAttributes = z
  .record(z.string(), z.unknown(), { error: 'must be a JSON object' })
  .refine((value) => hasLevels(value, MAX_LEVELS), { error: 'are nested too deep', abort: true })
  .refine((value) => JSON.stringify(value).length <= MAX_ATTRIBUTES, 'are too large')
  .refine(isKeepableJson, 'must hold finite numbers, and Unicode text without NUL');

/** Whether a JSON value has at most so many levels; never looks deeper. */
function hasLevels(value: unknown, most: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return most > 0 && Object.values(value).every((inner) => hasLevels(inner, most - 1));
}

/** Whether both databases can keep a JSON value as it is. */
function isKeepableJson(value: unknown): boolean {
  if (typeof value === 'string') return isKeepable(value);
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([name, inner]) => isKeepable(name) && isKeepableJson(inner));
}
