import { readdir, readFile } from 'node:fs/promises';

/** Ticks of `/proc/<pid>/stat` in a second, on every Linux that Node runs on. */
const TICKS = 100;

/** Processor time that a process has used, in seconds; null where that cannot be read. */
export async function cpuSeconds(pid: number): Promise<number | null> {
  const stat = await readStat(pid);
  return stat && stat.own / TICKS;
}

/** Processor time of a PostgreSQL server with all its processes, those that ended included. */
export async function serverCpuSeconds(postmaster: number | null): Promise<number | null> {
  const first = postmaster === null ? null : await readStat(postmaster);
  if (!first) return null;
  const names = await readdir('/proc');
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const stats = await Promise.all(pids.map(readStat));
  const children = stats.filter((stat) => stat?.parent === postmaster);
  const sum = children.reduce((total, stat) => total + (stat?.own ?? 0), 0);
  return (first.own + first.ended + sum) / TICKS;
}

/** Memory of a process that is in use now, in MiB; null where that cannot be read. */
export async function residentMib(pid: number): Promise<number | null> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kib = /^VmRSS:\s+(\d+) kB/m.exec(text)?.[1];
  return kib ? Number(kib) / 1024 : null;
}

interface Stat {
  readonly parent: number;
  /** Ticks in user and system mode. */
  readonly own: number;
  /** The same of children that ended and were waited for. */
  readonly ended: number;
}

async function readStat(pid: number): Promise<Stat | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name of the program, in brackets, may hold blanks.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  if (fields.length < 15) return null;
  const [parent, user, system, endedUser, endedSystem] = [1, 11, 12, 13, 14].map((at) =>
    Number(fields[at]),
  ) as [number, number, number, number, number];
  return { parent, own: user + system, ended: endedUser + endedSystem };
}
