import { OPERATIONS, type OperationName } from '../operations.ts';
import type { Results } from '../results.ts';
import { goalsOf } from './goals.ts';
import type { Cell } from './summary.ts';
import { fixed, table } from './table.ts';

/** Everything that was measured, for a terminal. */
export function report(results: Results): string {
  const { machine, load = [], replay, soak, start } = results;
  const before = machine.loadBefore.map((value) => value.toFixed(1)).join(' ');
  const after = machine.loadAfter.map((value) => value.toFixed(1)).join(' ');
  const parts = [
    `${machine.cores} cores, load average ${before} before and ${after} after`,
    ...load.flatMap(({ scale, connections, cells, verified }) => [
      `Data x ${scale}, ${connections} connections`,
      ...loadTables(cells),
      ...verified,
    ]),
  ];
  if (replay) {
    const rows = replay.databases;
    parts.push(
      `Online Retail replay: ${replay.lines} lines`,
      table(rows, {
        database: (row) => row.database,
        'import, lines/s': (row) => fixed(row.importPerSecond, 0),
        'bare insert, lines/s': (row) => fixed(row.barePerSecond, 0),
        ratio: (row) => fixed(row.ratio, 2),
        'peak MiB': (row) => fixed(row.peakMib, 0),
        'with reading, s': (row) => fixed(row.seconds, 1),
      }),
      ...rows.map(({ verified }) => verified),
    );
  }
  if (start) {
    parts.push(
      'From the start of the process to its first answer, SQLite',
      table(start, {
        database: (row) => row.what,
        'median ms': (row) => fixed(row.median, 0),
        'worst ms': (row) => fixed(row.worst, 0),
      }),
    );
  }
  if (soak) {
    parts.push(
      'Memory under the load of Q2',
      table(soak, {
        server: (row) => row.server,
        minutes: (row) => fixed(row.minutes, 1),
        'first quarter MiB': (row) => fixed(row.firstQuarter, 0),
        'last quarter MiB': (row) => fixed(row.lastQuarter, 0),
        'most MiB': (row) => fixed(row.most, 0),
        'requests/s': (row) => fixed(row.perSecond, 0),
      }),
    );
  }
  const goals = goalsOf(results);
  if (goals.length > 0) {
    parts.push(
      'Goals',
      table(goals, {
        what: (goal) => goal.what,
        goal: (goal) => `${goal.atMost ? '<=' : '>='} ${goal.target}`,
        measured: (goal) => fixed(goal.measured, goal.target < 10 ? 2 : 0),
        met: (goal) => (goal.met ? 'yes' : 'NO'),
      }),
    );
  }
  return parts.join('\n\n');
}

function loadTables(cells: readonly Cell[]): string[] {
  return [...Map.groupBy(cells, ({ operation }) => operation)].map(([operation, rows]) =>
    [
      `${operation}: ${OPERATIONS[operation as OperationName]}`,
      table(rows, {
        server: (cell) => cell.server,
        'req/s': (cell) => fixed(cell.perSecond, 0),
        'x PostGraphile': (cell) => fixed(cell.ofPostgraphile, 2),
        'x limit': (cell) => fixed(cell.ofLimit, 2),
        'p50 ms': (cell) => fixed(cell.p50, 1),
        'p99 ms': (cell) => fixed(cell.p99, 1),
        'node CPU ms': (cell) => fixed(cell.nodeCpu, 2),
        'pg CPU ms': (cell) => fixed(cell.postgresCpu, 2),
        KB: (cell) => fixed(cell.bytes / 1000, 1),
        errors: (cell) => String(cell.errors),
      }),
    ].join('\n'),
  );
}
