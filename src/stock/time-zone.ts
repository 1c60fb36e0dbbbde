/** How far apart a zone's clock is looked at. None since 1900 changed there and back within 3 days. */
const STEP_MS = 3 * 24 * 60 * 60 * 1000;

/** The years of which zones are known; before and after, days are those of UTC. */
const FIRST_YEAR = 1900;
const LAST_YEAR = 2100;

/** The zone whose offset is always 0. */
export const UTC = 'UTC';

/** What is added to UTC for a while, in seconds; null for a while without beginning or end. */
export interface Offset {
  readonly from: Date | null;
  /** The first moment that it is not for. */
  readonly until: Date | null;
  readonly seconds: number;
}

/** No offset, at any time. */
export const ALWAYS_UTC: readonly Offset[] = [{ from: null, until: null, seconds: 0 }];

/**
 * The time zone with a name of the IANA's, whatever its case, in one spelling.
 * @returns null when there is none.
 */
export function timeZoneNamed(name: string): string | null {
  // Intl takes offsets too, such as +02:00.
  if (!/^[a-z]/i.test(name)) return null;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/**
 * The offsets of a zone that cover every moment, exact between two moments and a year around them, so
 * that a movement of today that is recorded meanwhile has its day as well.
 */
export function offsetsBetween(timeZone: string, first: number, last: number): readonly Offset[] {
  const firstYear = Math.max(new Date(first).getUTCFullYear() - 1, FIRST_YEAR);
  const lastYear = Math.min(new Date(last).getUTCFullYear() + 1, LAST_YEAR);
  if (firstYear > lastYear) return ALWAYS_UTC;
  const changes: Change[] = [];
  for (let year = firstYear; year <= lastYear; year += 1) {
    changes.push(...changesIn(timeZone, year));
  }
  const start = { at: Date.UTC(firstYear, 0), seconds: offsetAt(timeZone, Date.UTC(firstYear, 0)) };
  const end = { at: Date.UTC(lastYear + 1, 0), seconds: 0 };
  const steps = [{ at: null, seconds: 0 }, start, ...changes, end];
  return steps.map(({ at, seconds }, index) => {
    const next = steps[index + 1]?.at;
    const from = at === null ? null : new Date(at);
    return { from, until: next === undefined || next === null ? null : new Date(next), seconds };
  });
}

/** A moment, in milliseconds, from which on another offset holds. */
interface Change {
  readonly at: number;
  readonly seconds: number;
}

const changes = new Map<string, readonly Change[]>();

/** When a zone's offset changes in a year of UTC; looked for once. */
function changesIn(timeZone: string, year: number): readonly Change[] {
  const name = `${timeZone} ${year}`;
  const known = changes.get(name);
  if (known) return known;
  const found: Change[] = [];
  const end = Date.UTC(year + 1, 0);
  let low = Date.UTC(year, 0);
  let before = offsetAt(timeZone, low);
  while (low < end) {
    const high = Math.min(low + STEP_MS, end);
    const seconds = offsetAt(timeZone, high);
    if (seconds !== before) found.push({ at: changeBetween(timeZone, low, high), seconds });
    [low, before] = [high, seconds];
  }
  changes.set(name, found);
  return found;
}

/** The second at which another offset begins: what lies between is halved until one is left. */
function changeBetween(timeZone: string, start: number, end: number): number {
  const before = offsetAt(timeZone, start);
  let [low, high] = [start / 1000, end / 1000];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(timeZone, middle * 1000) === before) low = middle;
    else high = middle;
  }
  return high * 1000;
}

/** What a zone's clock shows beyond UTC's, in seconds. */
function offsetAt(timeZone: string, moment: number): number {
  const shown = Object.fromEntries(
    clockOf(timeZone)
      .formatToParts(moment)
      .map(({ type, value }) => [type, Number(value)]),
  ) as Record<'year' | 'month' | 'day' | 'hour' | 'minute' | 'second', number>;
  const { year, month, day, hour, minute, second } = shown;
  return (Date.UTC(year, month - 1, day, hour, minute, second) - moment) / 1000;
}

const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(timeZone: string): Intl.DateTimeFormat {
  let clock = clocks.get(timeZone);
  if (!clock) {
    const [numeric, hourCycle] = ['numeric', 'h23'] as const;
    clock = new Intl.DateTimeFormat('en', {
      ...{ timeZone, hourCycle, calendar: 'gregory', numberingSystem: 'latn' },
      ...{ year: numeric, month: numeric, day: numeric },
      ...{ hour: numeric, minute: numeric, second: numeric },
    });
    clocks.set(timeZone, clock);
  }
  return clock;
}
