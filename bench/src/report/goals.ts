import type { Results } from '../results.ts';

/** What Quartermaster is to reach, beside what was measured. */
export interface Goal {
  readonly what: string;
  readonly target: number;
  readonly measured: number;
  /** Whether less is better. */
  readonly atMost: boolean;
  readonly met: boolean;
}

const OF_POSTGRAPHILE = { Q1: 1.2, Q2: 1.2, Q3: 1, Q4: 1, Q5: 1.2, M1: 1.2 };
const OF_LIMIT = 0.3;
const OF_SQLITE_LIMIT = { Q1: 0.35, Q2: 0.35, Q5: 0.35, M1: 0.35 };
const REPLAY_OF_BARE = 0.3;
const REPLAY_PER_SECOND = 15_000;
const START_MS = 1500;
const MOST_MIB = 300;

/** Every goal of which this run says something. */
export function goalsOf({ load = [], replay, start, soak }: Results): Goal[] {
  const goals: Goal[] = [];
  const add = (
    what: string,
    target: number,
    measured: number | null | undefined,
    atMost = false,
  ) => {
    if (typeof measured !== 'number') return;
    goals.push({
      ...{ what, target, measured, atMost },
      met: atMost ? measured <= target : measured >= target,
    });
  };
  // What was measured first is the measure: other sizes and connections show how cost grows.
  const cells = load[0]?.cells ?? [];
  const cell = (server: string, operation: string) =>
    cells.find((each) => each.server === server && each.operation === operation);
  for (const [operation, target] of Object.entries(OF_POSTGRAPHILE)) {
    const found = cell('quartermaster', operation);
    add(`${operation} beside PostGraphile`, target, found?.ofPostgraphile);
    add(`${operation} beside the limit`, OF_LIMIT, found?.ofLimit);
  }
  for (const [operation, target] of Object.entries(OF_SQLITE_LIMIT)) {
    const found = cell('quartermaster-sqlite', operation);
    add(`${operation} on SQLite beside its limit`, target, found?.ofLimit);
  }
  for (const { database, ratio, importPerSecond } of replay?.databases ?? []) {
    add(`Replay on ${database} beside bare inserts`, REPLAY_OF_BARE, ratio);
    add(`Replay on ${database}, lines/s`, REPLAY_PER_SECOND, importPerSecond);
  }
  for (const { what, median } of start ?? []) {
    add(`First answer, ${what}, ms`, START_MS, median, true);
  }
  for (const { server, most } of soak ?? []) {
    add(`Memory of ${server} under Q2, MiB`, MOST_MIB, most, true);
  }
  return goals;
}
