import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MAX_QUANTITY } from '../src/database/columns.ts';
import { foldKey } from '../src/database/key.ts';
import { formatUnits, toUnits } from '../src/database/quantity.ts';

const units = fc.integer({ min: -MAX_QUANTITY, max: MAX_QUANTITY });
const decimals = fc.integer({ min: 0, max: 6 });

describe('quantities', () => {
  // A failing run prints its seed and the smallest example that fails.
  test('what is written is read again, exactly', () => {
    fc.assert(
      fc.property(units, decimals, (amount, places) => {
        expect(toUnits(formatUnits(amount, places), places, [])).toBe(amount);
      }),
      { numRuns: 2000 },
    );
  });

  test('what is written has no trailing zero and no needless sign', () => {
    fc.assert(
      fc.property(units, decimals, (amount, places) => {
        expect(formatUnits(amount, places)).toMatch(/^(0|-?(?!0\d)\d+(\.\d*[1-9])?)$/);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['1.25', 3, 1250],
    ['-0.001', 3, -1],
    ['-0', 2, 0],
    ['007', 0, 7],
    ['9007199254740991', 0, MAX_QUANTITY],
    ['9007199254.740991', 6, MAX_QUANTITY],
  ])('%s with %i decimals is %i units', (text, places, expected) => {
    expect(toUnits(text, places, [])).toBe(expected);
  });

  test.each([
    ['1.250', 2],
    ['0.1', 0],
    ['9007199254740992', 0],
    ['9007199254.740992', 6],
    ['1'.repeat(39), 0],
  ])('%s with %i decimals is refused, not rounded', (text, places) => {
    expect(() => toUnits(text, places, ['here'])).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT', path: ['here'] }),
    );
  });
});

describe('keys', () => {
  test.each([
    ['ΣΑΣ', 'σας'],
    ['σασ', 'σας'],
    ['straße', 'STRASSE'],
    ['É', 'e\u0301'],
    ['ﬁle', 'FILE'],
    ['  a \u00a0 b ', 'A B'],
    ['Ａ１', 'a1'],
  ])('%j is the same as %j', (one, other) => {
    expect(foldKey(one)).toBe(foldKey(other));
  });

  test('folding twice changes nothing more', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(foldKey(foldKey(text))).toBe(foldKey(text));
      }),
      { numRuns: 2000 },
    );
  });
});
