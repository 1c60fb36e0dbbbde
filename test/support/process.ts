import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { inTestDirectory } from './databases.ts';

/** How a process ended, and all that it wrote. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process that a test started. It is killed after the tests of the file, should it still run. */
export interface TestProcess {
  readonly pid: number;
  /** What it wrote so far. */
  readonly stdout: string;
  readonly stderr: string;
  /** Waits for a line of its standard output, also one that came before. Fails when none can come. */
  line(pattern: RegExp): Promise<RegExpExecArray>;
  /** Waits until it ends by itself. */
  ended(): Promise<Ending>;
  /** Sends it a signal, and waits until it has ended. */
  stop(signal?: NodeJS.Signals): Promise<Ending>;
}

/** The longest, in milliseconds, that a process may run unless said, or let a line be waited for. */
const LONGEST_RUN_MS = 900_000;
const LONGEST_WAIT_MS = 50_000;

const PROGRAM = join(import.meta.dirname, '../../bin/quartermaster.js');

/**
 * Starts `quartermaster` with arguments. It sees no setting of the tests' own environment, only those
 * given here, and its working directory is the tests', so that no file is left in the project.
 */
export function startQuartermaster(
  args: readonly string[],
  settings: Readonly<Record<string, string>> = {},
  longestRunMs = LONGEST_RUN_MS,
): TestProcess {
  const command = [PROGRAM, ...args];
  return startProcess(process.execPath, command, settings, inTestDirectory('.'), longestRunMs);
}

/** Runs `quartermaster` with arguments to its end. */
export function quartermaster(
  args: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): Promise<Ending> {
  return startQuartermaster(args, settings).ended();
}

/** Where a `serve` that was started listens. */
export const addressOf = async (server: TestProcess): Promise<string> =>
  (await server.line(/listens at (http:\S+\/graphql)/))[1] ?? '';

/** Starts a program, as `startQuartermaster` says, in another working directory if one is given. */
export function startProcess(
  program: string,
  args: readonly string[],
  settings: Readonly<Record<string, string>> = {},
  cwd = inTestDirectory('.'),
  longestRunMs = LONGEST_RUN_MS,
): TestProcess {
  const child = spawn(program, args, {
    cwd,
    env: {
      PATH: process.env['PATH'],
      // Half of a start is compiling the same sources again.
      NODE_COMPILE_CACHE: inTestDirectory('compile-cache'),
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: longestRunMs,
    killSignal: 'SIGKILL',
  });
  return new RunningProcess(child);
}

const running = new Set<RunningProcess>();

afterAll(() => Promise.all([...running].map((each) => each.stop('SIGKILL'))));

class RunningProcess implements TestProcess {
  readonly #child: ChildProcess;
  readonly #ending: Promise<Ending>;
  stdout = '';
  stderr = '';

  constructor(child: ChildProcess) {
    this.#child = child;
    running.add(this);
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.#ending = this.#awaitEnd();
    // Whoever waits for the end is told of a failed start; nobody has to wait.
    this.#ending.catch(() => undefined);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async #awaitEnd(): Promise<Ending> {
    try {
      const [code, signal] = await once(this.#child, 'close');
      return { code, signal, stdout: this.stdout, stderr: this.stderr };
    } finally {
      running.delete(this);
    }
  }

  line(pattern: RegExp): Promise<RegExpExecArray> {
    const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>();
    const look = () => {
      const found = this.#find(pattern);
      if (found) resolve(found);
    };
    const giveUp = (why: string) =>
      reject(new Error(`No line ${pattern}: ${why}\n${this.stdout}\n${this.stderr}`));
    const timer = setTimeout(() => giveUp('waited too long'), LONGEST_WAIT_MS);
    this.#child.stdout?.on('data', look);
    this.#ending.then(
      ({ code, signal }) => giveUp(`the process ended with ${code ?? signal}`),
      (error) => giveUp(String(error)),
    );
    look();
    return promise.finally(() => {
      clearTimeout(timer);
      this.#child.stdout?.off('data', look);
    });
  }

  /** Only whole lines are looked at: the rest of the last one may still come. */
  #find(pattern: RegExp): RegExpExecArray | null {
    for (const line of this.stdout.split('\n').slice(0, -1)) {
      const found = pattern.exec(line);
      if (found) return found;
    }
    return null;
  }

  ended(): Promise<Ending> {
    return this.#ending;
  }

  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ending> {
    this.#child.kill(signal);
    return this.#ending;
  }
}
