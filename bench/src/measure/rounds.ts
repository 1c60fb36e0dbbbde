import type { OperationName, Question, Transfers } from '../operations.ts';
import type { Bar, Progress } from '../progress.ts';
import type { Running } from '../servers.ts';
import { runLoad, type Sample } from './load.ts';

export interface RoundOptions {
  readonly operations: readonly OperationName[];
  /** Rounds that count; one more comes before them and does not. */
  readonly rounds: number;
  readonly duration: number;
  readonly connections: number;
  readonly questions: readonly Question[];
  readonly transfers: Transfers;
  readonly postgres: number | null;
  readonly progress: Progress;
}

/** How long, in seconds, a run of the round lasts that does not count. */
const WARM_UP_S = 1;

/** What each server did in each round: `samples[operation][server][round]`. */
export type Samples = Readonly<Record<string, Readonly<Record<string, readonly Sample[]>>>>;

/**
 * Measures operation by operation, the servers one after another within each round, so that whatever
 * else the machine does meets all of them. Reads come first: transfers change what is read.
 */
export async function measureRounds(
  servers: readonly Running[],
  options: RoundOptions,
): Promise<Samples> {
  const { operations, rounds, progress } = options;
  const total = operations.length * (rounds + 1) * servers.length;
  const title = `Measuring ${options.connections} connections`;
  const bar = progress.start(title, total, 'runs');
  const samples: Record<string, Record<string, Sample[]>> = {};
  try {
    for (const operation of operations) {
      const ofOperation: Record<string, Sample[]> = {};
      samples[operation] = ofOperation;
      for (let round = 0; round <= rounds; round += 1) {
        await measureRound(
          turned(servers, round),
          { ...options, operation, ...(round === 0 && { duration: WARM_UP_S }) },
          bar,
          (name, sample) => {
            if (round > 0) ofOperation[name] = [...(ofOperation[name] ?? []), sample];
          },
        );
      }
    }
  } finally {
    bar.stop();
  }
  return samples;
}

async function measureRound(
  servers: readonly Running[],
  { operation, ...options }: RoundOptions & { readonly operation: OperationName },
  bar: Bar,
  take: (name: string, sample: Sample) => void,
): Promise<void> {
  for (const server of servers) {
    const name = server.kind.name;
    const sample = await runLoad(server, { ...options, operation });
    take(name, sample);
    bar.add(1, `| ${operation} ${name} ${Math.round(sample.perSecond)}/s`);
  }
}

/** Each round begins with another server. */
const turned = <T>(values: readonly T[], by: number): T[] =>
  values.map((_, index) => values[(index + by) % values.length] as T);
