import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { timeText } from '../src/graphql/plan/time-text.ts';

const LAST = Date.UTC(10_000, 0) - 1;

test('a moment is written as Date writes it', () => {
  fc.assert(
    fc.property(fc.integer({ min: Date.UTC(1, 0), max: LAST }), (ms) => {
      expect(timeText(new Date(ms))).toBe(new Date(ms).toISOString());
    }),
    { numRuns: 20_000 },
  );
});

test.each([
  0,
  -1,
  951_782_400_000,
  951_868_799_999,
  4_107_542_400_000,
  LAST,
  Date.UTC(2100, 1, 28),
])('also %d', (ms) => {
  expect(timeText(new Date(ms))).toBe(new Date(ms).toISOString());
});

test('a moment that is none is no text', () => {
  expect(() => timeText(new Date(Number.NaN))).toThrow(RangeError);
});
