import { readdir, readFile } from 'node:fs/promises';
import type { TestProcess } from './process.ts';
import { until } from './until.ts';

/** What a process of this machine holds, as Linux tells of it. */
export interface Usage {
  /** What lives on the heap, in bytes. */
  readonly heap: number;
  /** Memory that is not shared with files, in bytes. */
  readonly memory: number;
  /** Open files and sockets. */
  readonly handles: number;
  readonly threads: number;
}

const COLLECTOR = new URL('./collecting.ts', import.meta.url).href;

/** Has a server run as `npm start` has it, and collect its garbage whenever it is looked at. */
export const COLLECTING = {
  NODE_OPTIONS: `--max-semi-space-size=16 --expose-gc --import=${COLLECTOR}`,
};

const COLLECTED = /^collected: (\d+)/gm;

/** Looks at a server that was started with `COLLECTING`, without its garbage. */
export async function usageOf(server: TestProcess): Promise<Usage> {
  const { pid } = server;
  const collected = () => [...server.stdout.matchAll(COLLECTED)];
  const before = collected().length;
  process.kill(pid, 'SIGUSR2');
  await until('it has collected its garbage', () => collected().length > before);
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const value = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
  return {
    heap: Number(collected().at(-1)?.[1]),
    memory: value('RssAnon') * 1024,
    handles: (await readdir(`/proc/${pid}/fd`)).length,
    threads: value('Threads'),
  };
}

/** The slope of the line that lies closest to points, in units of `y` for one of `x`. */
export function slopeOf(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map(([each]) => each)), mean(points.map(([, each]) => each))];
  const over = points.reduce((sum, [px, py]) => sum + (px - x) * (py - y), 0);
  const under = points.reduce((sum, [px]) => sum + (px - x) ** 2, 0);
  return over / under;
}
