import { startProcess } from './process.ts';

/** What a server is asked, and by whom. */
export interface OverloadTask {
  readonly address: string;
  readonly key: string;
  readonly document: string;
  readonly overloadSeconds: number;
}

/** What came of the requests of a while. */
export interface Phase {
  /** Good answers a second. */
  readonly perSecond: number;
  /** In how many milliseconds 99 of 100 good answers came. */
  readonly p99Ms: number;
  /** How many answers had each status; a lost connection counts by its error. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly refusedWithoutRetryAfter: number;
}

export interface Measured {
  /** As many at once as keep the server busy. */
  readonly normal: Phase;
  /** Four times as many a second. */
  readonly overload: Phase;
  /** What `/healthz` answered meanwhile. */
  readonly health: Phase;
  /** A quarter of what the server can do, from 4 s after the overload on. */
  readonly afterwards: Phase;
}

const CLIENT = new URL('./overload-client.ts', import.meta.url).pathname;

/** Measures, from another process, what a server can do, and what it does of four times as much. */
export async function measureOverload(task: OverloadTask): Promise<Measured> {
  const { code, stdout, stderr } = await startProcess(process.execPath, [
    CLIENT,
    JSON.stringify(task),
  ]).ended();
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}
