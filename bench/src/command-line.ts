import { Command, InvalidArgumentError } from 'commander';
import { runBench } from './bench.ts';
import { OPERATIONS, type OperationName } from './operations.ts';
import { SERVERS } from './servers.ts';

export const PARTS = ['load', 'replay', 'start', 'soak'] as const;
export type Part = (typeof PARTS)[number];

/** What a run is to do. */
export interface Options {
  readonly parts: readonly Part[];
  readonly operations: readonly OperationName[];
  readonly servers: readonly string[];
  readonly rounds: number;
  /** Seconds of each run. */
  readonly duration: number;
  readonly connections: readonly number[];
  readonly scales: readonly number[];
  readonly soakMinutes: number;
  readonly cold: boolean;
  readonly onlineRetail: string;
  readonly replayLines?: number;
  /** Where the databases are kept for the next run; removed unless said. */
  readonly data?: string;
  readonly output: string;
  readonly plot: string;
}

const operationNames = Object.keys(OPERATIONS) as OperationName[];
const serverNames = SERVERS.map(({ name }) => name);

/** `npm run bench` */
export async function runCommandLine(argv: readonly string[]): Promise<void> {
  const command = new Command('npm run bench --')
    .description('Measures Quartermaster beside its peers and beside the limit, on one database.')
    .option('--parts <list>', `some of ${PARTS}`, oneOf(PARTS), ['load', 'replay', 'start'])
    .option(
      '--operations <list>',
      `some of ${operationNames}`,
      oneOf(operationNames),
      operationNames,
    )
    .option('--servers <list>', `some of ${serverNames}`, oneOf(serverNames), serverNames)
    .option('--rounds <n>', 'rounds that count; one more warms up', number(1), 3)
    .option('--duration <seconds>', 'how long each run takes', number(1), 2)
    .option('--connections <list>', 'connections, the first is the measure', numbers(1), [16])
    .option('--scales <list>', 'sizes of the dataset, 1 is 500,000 lines', numbers(0.001), [1])
    .option('--soak-minutes <n>', 'how long the part soak takes a server', number(0.1), 5)
    .option('--cold', 'part start: drop the caches of the kernel too (takes root)', false)
    .option(
      '--online-retail <file>',
      'part replay: the file of sales (environment: ONLINE_RETAIL)',
      process.env['ONLINE_RETAIL'] ?? '../shared/data/online-retail.csv.gz',
    )
    .option('--replay-lines <n>', 'part replay: only the first lines of it', number(1))
    .option('--data <directory>', 'keep the databases there, and use them again')
    .option('--output <file>', 'where the results go', 'bench/results.json')
    .option('--plot <file>', 'where the picture goes', 'docs/bench.svg')
    .addHelpText('after', HELP)
    .action((options: Options) => runBench(options, argv.slice(2)));
  try {
    await command.parseAsync(argv);
  } catch (error) {
    console.error(`bench: ${(error as Error).stack ?? error}`);
    process.exitCode = 1;
  }
  // Whatever a library keeps open must not keep the run from ending.
  process.exit();
}

const HELP = `
Operations:
${Object.entries(OPERATIONS)
  .map(([name, what]) => `  ${name}  ${what}`)
  .join('\n')}

A quick look: npm run bench -- --parts load --scales 0.02 --rounds 1 --duration 1
How cost grows: npm run bench -- --parts load --connections 16,1,64 --scales 1,10

Environment:
  BENCH_DATABASE_URL  a PostgreSQL server where databases named quartermaster_bench* may be made and
                      dropped; without it one is started for the run`;

function oneOf<T extends string>(known: readonly T[]) {
  return (text: string): T[] => {
    const names = text.split(',').map((name) => name.trim());
    const strange = names.filter((name) => !(known as readonly string[]).includes(name));
    if (strange.length > 0) throw new InvalidArgumentError(`Unknown: ${strange}.`);
    // In our order, not in theirs: transfers come last.
    return known.filter((name) => names.includes(name));
  };
}

function number(least: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!(value >= least)) throw new InvalidArgumentError(`Not a number from ${least} up.`);
    return value;
  };
}

function numbers(least: number) {
  return (text: string): number[] => text.split(',').map(number(least));
}
