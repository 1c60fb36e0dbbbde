import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Replay } from './measure/replay.ts';
import type { Soak } from './measure/soak.ts';
import type { Start } from './measure/start.ts';
import type { Cell } from './report/summary.ts';
import { ROOT } from './setup/process.ts';

/** What the machine was like: without it the figures say nothing. */
export interface Machine {
  readonly cores: number;
  readonly processor: string;
  readonly memoryGib: number;
  readonly loadBefore: readonly number[];
  readonly loadAfter: readonly number[];
}

/** One dataset asked over one number of connections. */
export interface LoadResult {
  readonly scale: number;
  readonly connections: number;
  readonly rounds: number;
  /** Seconds of each run. */
  readonly duration: number;
  /** How many answers were compared before anything was measured. */
  readonly answersCompared: number;
  readonly cells: readonly Cell[];
  /** What `quartermaster verify` said of the ledgers after all transfers, and of the dataset. */
  readonly verified: readonly string[];
}

/** What `bench/results.json` holds. */
export interface Results {
  readonly date: string;
  readonly command: string;
  readonly commit: string;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly load?: readonly LoadResult[];
  readonly replay?: Replay;
  readonly start?: readonly Start[];
  readonly soak?: readonly Soak[];
}

/** What the machine is like now. */
export const loadNow = (): number[] => loadavg();

export function machineState(loadBefore: readonly number[]): Machine {
  const [first] = cpus();
  return {
    cores: cpus().length,
    processor: first?.model ?? 'unknown',
    memoryGib: Math.round(totalmem() / 2 ** 30),
    loadBefore,
    loadAfter: loadavg(),
  };
}

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
}

/** Versions of all that is measured. */
export function versions(postgres: string): Record<string, string> {
  const read = (file: string) => JSON.parse(readFileSync(join(ROOT, file), 'utf8')) as Manifest;
  const { dependencies: ours } = read('package.json');
  const { dependencies: theirs } = read('bench/package.json');
  const pick = (all: Manifest['dependencies'], names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, all[name] ?? 'unknown']));
  const memory = new Database(':memory:');
  const sqlite = String(memory.prepare('select sqlite_version()').pluck().get());
  memory.close();
  return {
    node: process.versions.node,
    postgresql: postgres,
    sqlite,
    ...pick(ours, ['@mikro-orm/core', 'graphql-yoga', '@pothos/core', 'better-sqlite3']),
    ...pick(theirs, ['postgraphile', 'drizzle-orm', '@pothos/plugin-drizzle', 'pg', 'autocannon']),
  };
}

/** The commit that was measured, with a word where files differ from it. */
export function commitNow(): string {
  try {
    const args = ['describe', '--always', '--dirty'];
    return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return 'unknown';
  }
}
