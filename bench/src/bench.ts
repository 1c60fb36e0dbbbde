import { existsSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { Options } from './command-line.ts';
import { checkAnswers } from './measure/check.ts';
import { measureReplay } from './measure/replay.ts';
import { measureRounds } from './measure/rounds.ts';
import { type Soak, soak } from './measure/soak.ts';
import { measureStarts } from './measure/start.ts';
import { questionsFor, Transfers } from './operations.ts';
import { Progress } from './progress.ts';
import { plotRatios } from './report/plot.ts';
import { report } from './report/report.ts';
import { summarise } from './report/summary.ts';
import {
  commitNow,
  type LoadResult,
  loadNow,
  machineState,
  type Results,
  versions,
} from './results.ts';
import { type Running, SERVERS, startKind } from './servers.ts';
import { openPostgres, type Postgres } from './setup/postgres.ts';
import { dropDatabases, type Prepared, prepare } from './setup/prepare.ts';
import { ROOT } from './setup/process.ts';
import { verify } from './setup/quartermaster.ts';
import { createTransferFunction } from './setup/transfer-function.ts';

/** What every part works with. */
interface Bench {
  readonly options: Options;
  readonly postgres: Postgres;
  readonly directory: string;
  readonly progress: Progress;
}

/** Makes the databases, measures what the options ask for, and writes the results. */
export async function runBench(options: Options, command: readonly string[]): Promise<void> {
  const loadBefore = loadNow();
  const directory = options.data
    ? resolve(options.data)
    : await mkdtemp(join(tmpdir(), 'quartermaster-bench-'));
  await mkdir(directory, { recursive: true });
  const postgres = await openPostgres(directory);
  const bench: Bench = { options, postgres, directory, progress: new Progress() };
  const cleanUp = async () => {
    if (!options.data) await dropDatabases(postgres).catch(() => undefined);
    await postgres.stop();
  };
  // The last thing that happens, whoever ends the process: PostgreSQL's package listens to signals too.
  process.once('exit', () => {
    if (!options.data) rmSync(directory, { recursive: true, force: true });
  });
  const interrupt = () => {
    cleanUp().finally(() => process.exit(INTERRUPTED));
  };
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    const parts = await measureParts(bench);
    const results: Results = {
      date: new Date().toISOString(),
      // Where things are on this machine is nobody's business.
      command: ['npm run bench --', ...command.map((word) => basename(word))].join(' '),
      commit: commitNow(),
      machine: machineState(loadBefore),
      versions: versions(postgres.version),
      ...parts,
    };
    console.log(report(results));
    await writeResults(options, results);
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    await cleanUp();
  }
}

/** The exit code of a run that somebody stopped. */
const INTERRUPTED = 130;

type Parts = Pick<Results, 'load' | 'replay' | 'start' | 'soak'>;

async function measureParts(bench: Bench): Promise<Parts> {
  const { options, directory, postgres, progress } = bench;
  const asked = new Set(options.parts);
  let parts: Parts = {};
  if (asked.has('load')) parts = { ...parts, load: await measureLoads(bench) };
  if (asked.has('start')) {
    const { sqliteFile } = await prepareScale(bench, options.scales[0] ?? 1);
    const start = await measureStarts({ directory, sqliteFile, cold: options.cold, progress });
    parts = { ...parts, start };
  }
  if (asked.has('soak')) parts = { ...parts, soak: await measureSoaks(bench) };
  const file = resolve(ROOT, options.onlineRetail);
  if (asked.has('replay') && !existsSync(file)) {
    progress.say(`No replay: there is no file at ${options.onlineRetail}`);
  } else if (asked.has('replay')) {
    const lines = options.replayLines ?? null;
    const replay = await measureReplay({ postgres, directory, file, lines, progress });
    parts = { ...parts, replay };
  }
  return parts;
}

function prepareScale({ postgres, directory, progress }: Bench, scale: number) {
  return prepare({ postgres, directory, scale, progress });
}

async function measureLoads(bench: Bench): Promise<LoadResult[]> {
  const results: LoadResult[] = [];
  for (const scale of bench.options.scales) {
    const prepared = await prepareScale(bench, scale);
    await createTransferFunction(prepared.postgresUrl);
    const ofScale = await withServers(bench, prepared, (servers) =>
      measureScale(bench, prepared, servers, scale),
    );
    const after = await verifyAfter(bench, prepared);
    results.push(...ofScale.map((result) => ({ ...result, verified: after })));
  }
  return results;
}

async function measureScale(
  { options, postgres, progress }: Bench,
  prepared: Prepared,
  servers: readonly Running[],
  scale: number,
): Promise<LoadResult[]> {
  const { operations, rounds, duration } = options;
  const questions = questionsFor(prepared.size);
  const transfers = new Transfers(prepared.base, prepared.size);
  progress.say(`Comparing the answers of ${servers.length} servers`);
  const { answers } = await checkAnswers(servers, operations, questions, transfers);
  const results: LoadResult[] = [];
  for (const connections of options.connections) {
    const load = { operations, rounds, duration, connections, questions, transfers };
    const samples = await measureRounds(servers, { ...load, postgres: postgres.pid, progress });
    const cells = summarise(samples);
    const facts = { scale, connections, rounds, duration, answersCompared: answers };
    results.push({ ...facts, cells, verified: [] });
  }
  return results;
}

/** After all transfers the ledgers must be as clean as before: every server kept the rules. */
async function verifyAfter({ progress, options }: Bench, prepared: Prepared): Promise<string[]> {
  if (!options.operations.includes('M1')) return [...prepared.verified];
  progress.say('Verifying both ledgers after the transfers');
  const { postgresUrl, sqliteFile } = prepared;
  return [await verify(postgresUrl), await verify(`sqlite:${sqliteFile}`)];
}

async function measureSoaks(bench: Bench): Promise<Soak[]> {
  const { options, progress } = bench;
  const prepared = await prepareScale(bench, options.scales[0] ?? 1);
  const questions = questionsFor(prepared.size);
  const transfers = new Transfers(prepared.base, prepared.size);
  const own = { ...bench, options: { ...options, servers: OWN_SERVERS } };
  return withServers(own, prepared, async (servers) => {
    const soaks: Soak[] = [];
    for (const server of servers) {
      const connections = options.connections[0] ?? 16;
      const minutes = options.soakMinutes;
      soaks.push(await soak(server, { minutes, connections, questions, transfers, progress }));
    }
    return soaks;
  });
}

const OWN_SERVERS = ['quartermaster', 'quartermaster-sqlite'];

/** Starts the servers that the options name, does some work with them, and stops them. */
async function withServers<T>(
  { options, progress }: Bench,
  prepared: Prepared,
  work: (servers: readonly Running[]) => Promise<T>,
): Promise<T> {
  const servers: Running[] = [];
  try {
    for (const kind of SERVERS.filter(({ name }) => options.servers.includes(name))) {
      progress.say(`Starting ${kind.title}`);
      servers.push(await startKind(kind, prepared));
    }
    return await work(servers);
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

async function writeResults({ output, plot }: Options, results: Results): Promise<void> {
  await writeFile(resolve(ROOT, output), `${JSON.stringify(rounded(results), null, 2)}\n`);
  const cells = results.load?.[0]?.cells ?? [];
  const drawable = cells.some(({ ofPostgraphile }) => ofPostgraphile !== null);
  if (drawable) await writeFile(resolve(ROOT, plot), `${plotRatios(cells)}\n`);
  console.log(`\nResults are in ${output}${drawable ? `, the picture in ${plot}` : ''}.`);
}

/** More digits than four say nothing here. */
function rounded(value: unknown): unknown {
  if (typeof value === 'number') {
    return Number.isInteger(value) ? value : Number(value.toPrecision(4));
  }
  if (Array.isArray(value)) return value.map(rounded);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, rounded(field)]));
}
