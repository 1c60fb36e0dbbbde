import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Progress } from '../progress.ts';
import { median } from '../report/summary.ts';
import { removeSqlite } from '../setup/prepare.ts';
import { API_KEY, serve } from '../setup/quartermaster.ts';

/** How long it took, in milliseconds, from the start of the process to its first answer. */
export interface Start {
  readonly what: string;
  readonly median: number;
  readonly worst: number;
  readonly all: readonly number[];
}

interface Options {
  readonly directory: string;
  /** A SQLite file with the dataset. */
  readonly sqliteFile: string;
  /** Whether the kernel is told to forget every file before each start: it takes root. */
  readonly cold: boolean;
  readonly progress: Progress;
}

const TIMES = 5;

/** Starts the product on an empty SQLite file, and on the dataset. */
export async function measureStarts(options: Options): Promise<Start[]> {
  const { directory, sqliteFile, cold, progress } = options;
  const empty = join(directory, 'start.db');
  const kinds = [
    { what: 'empty file', file: empty, before: () => removeSqlite(empty) },
    { what: 'dataset', file: sqliteFile, before: async () => undefined },
    ...(cold
      ? [{ what: 'dataset, nothing cached', file: sqliteFile, before: async () => dropCaches() }]
      : []),
  ];
  const bar = progress.start('Starting', kinds.length * TIMES, 'times');
  const starts: Start[] = [];
  try {
    for (const { what, file, before } of kinds) {
      const all: number[] = [];
      for (let time = 0; time < TIMES; time += 1) {
        await before();
        all.push(await firstAnswer(`sqlite:${file}`));
        bar.add(1);
      }
      starts.push({ what, median: median(all), worst: Math.max(...all), all });
    }
  } finally {
    bar.stop();
    await removeSqlite(empty);
  }
  return starts;
}

async function firstAnswer(databaseUrl: string): Promise<number> {
  const started = performance.now();
  const server = await serve(databaseUrl);
  try {
    const response = await fetch(server.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${API_KEY}` },
      body: JSON.stringify({ query: '{ items(first: 1) { nodes { id sku } } }' }),
      signal: AbortSignal.timeout(10_000),
    });
    const answer = (await response.json()) as { data?: { items?: object } };
    if (!answer.data?.items) throw new Error(`The first answer was ${JSON.stringify(answer)}`);
    return performance.now() - started;
  } finally {
    await server.stop();
  }
}

function dropCaches(): void {
  writeFileSync('/proc/sys/vm/drop_caches', '3');
}
