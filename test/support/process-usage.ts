import { readdir, readFile } from 'node:fs/promises';

/** What a process of this machine holds, as Linux tells of it. */
export interface Usage {
  /** Memory that is not shared with files, in bytes. */
  readonly memory: number;
  /** Open files and sockets. */
  readonly handles: number;
  readonly threads: number;
}

/** Looks at a process. */
export async function usageOf(pid: number): Promise<Usage> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const value = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
  return {
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
