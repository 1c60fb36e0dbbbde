import type { Question, Transfers } from '../operations.ts';
import type { Progress } from '../progress.ts';
import type { Running } from '../servers.ts';
import { runLoad } from './load.ts';
import { residentMib } from './usage.ts';

/** Memory of a server while it answered Q2 all the time, in MiB. */
export interface Soak {
  readonly server: string;
  readonly minutes: number;
  /** Means over the quarters of the time. */
  readonly firstQuarter: number;
  readonly lastQuarter: number;
  readonly most: number;
  readonly perSecond: number;
  readonly errors: number;
  /** One value every two seconds. */
  readonly series: readonly number[];
}

interface Options {
  readonly minutes: number;
  readonly connections: number;
  readonly questions: readonly Question[];
  readonly transfers: Transfers;
  readonly progress: Progress;
}

const SAMPLE_MS = 2000;

/** Watches the memory of one server under load. */
export async function soak(server: Running, options: Options): Promise<Soak> {
  const { minutes, progress, ...load } = options;
  const duration = Math.ceil(minutes * 60);
  const bar = progress.start(`Soaking ${server.kind.name}`, duration, 's');
  const series: number[] = [];
  const timer = setInterval(async () => {
    const mib = await residentMib(server.pid);
    if (mib === null) return;
    series.push(Math.round(mib * 10) / 10);
    bar.add(SAMPLE_MS / 1000, `| ${Math.round(mib)} MiB`);
  }, SAMPLE_MS);
  try {
    const { perSecond, errors } = await runLoad(server, {
      ...{ ...load, operation: 'Q2', duration, postgres: null },
    });
    const quarter = Math.max(1, Math.floor(series.length / 4));
    return {
      server: server.kind.name,
      minutes,
      firstQuarter: mean(series.slice(0, quarter)),
      lastQuarter: mean(series.slice(-quarter)),
      most: Math.max(...series),
      ...{ perSecond, errors, series },
    };
  } finally {
    clearInterval(timer);
    bar.stop();
  }
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
