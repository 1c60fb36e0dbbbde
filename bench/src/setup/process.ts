import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** The checkout that this benchmark belongs to. */
export const ROOT = join(import.meta.dirname, '..', '..', '..');

/** How long, in milliseconds, a process has until it says its address. */
const START_MS = 60_000;
/** How long, in milliseconds, a process has to end by itself. */
const STOP_MS = 15_000;

type Environment = Readonly<Record<string, string>>;

/** A server that runs as one Node process of its own. */
export interface ServerProcess {
  readonly pid: number;
  /** The address that it printed. */
  readonly url: string;
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();
// Whatever ends this process ends those that it started.
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** What a child gets of the environment: where programs are, and what the caller says. */
function environment(own: Environment): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR } = process.env;
  return { PATH, HOME, ...(TMPDIR && { TMPDIR }), NODE_ENV: 'production', ...own };
}

/** Starts a server with this Node, and waits until it prints the address that it listens at. */
export async function startServer(args: readonly string[], own: Environment) {
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: environment(own),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const ended = once(child, 'exit').finally(() => running.delete(child));
  const output: string[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const watch = (chunk: Buffer) => {
    output.push(chunk.toString());
    const url = /(http:\/\/127\.0\.0\.1:\d+[^\s,]*)[\s,]/.exec(output.join(''))?.[1];
    if (url) resolve(url);
  };
  child.stdout.on('data', watch);
  child.stderr.on('data', watch);
  const told = () => `${args.join(' ')} did not start:\n${output.join('')}`;
  const late = setTimeout(() => reject(new Error(told())), START_MS);
  ended.then(() => reject(new Error(told())), reject);
  try {
    const url = await promise;
    output.length = 0;
    return { pid: child.pid as number, url, stop: () => stopChild(child, ended) };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    clearTimeout(late);
    // From here on it is read, so that it never waits, and forgotten.
    for (const stream of [child.stdout, child.stderr]) stream.off('data', watch).resume();
  }
}

async function stopChild(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const kill = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  child.kill('SIGTERM');
  await ended;
  clearTimeout(kill);
}

/**
 * Runs a program of this checkout to its end.
 * @returns what it wrote to its output.
 * @throws Error with all that it wrote when its exit code is not 0.
 */
export async function runProgram(
  args: readonly string[],
  own: Environment,
  timeoutMs: number,
): Promise<string> {
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: environment(own),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const out: Buffer[] = [];
  const all: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => {
    out.push(chunk);
    all.push(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => all.push(chunk));
  const kill = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  clearTimeout(kill);
  running.delete(child);
  if (code === 0) return Buffer.concat(out).toString();
  const text = Buffer.concat(all).toString();
  throw new Error(`${args.join(' ')} ended with ${code ?? signal}:\n${text}`);
}
