import { runCommandLine } from '../../src/cli/command-line.ts';
import type { Ending } from './process.ts';

type Settings = Readonly<Record<string, string>>;
type Streams = { stdout: string; stderr: string };

/**
 * Runs `quartermaster` with arguments to its end in the process of the tests, which saves the start of
 * another. It sees no settings but those given here. For commands that end by themselves: where the end
 * of the process, its signals or its files matter, a test starts one.
 */
export async function runCommand(
  args: readonly string[],
  settings: Settings = {},
): Promise<Omit<Ending, 'signal'>> {
  const written: Streams = { stdout: '', stderr: '' };
  const restore = [settle(settings), capture(written)];
  process.exitCode = undefined;
  try {
    await runCommandLine(['node', 'quartermaster', ...args]);
    return { code: Number(process.exitCode ?? 0), ...written };
  } finally {
    process.exitCode = undefined;
    for (const each of restore) each();
  }
}

/** What the tests themselves read meanwhile: where their databases and programs are. */
const OF_TESTS = /^(TEST_|PATH$)/;

/** Has the environment hold these settings alone, and gives what undoes it. */
function settle(settings: Settings): () => void {
  const before = { ...process.env };
  for (const name of Object.keys(before)) if (!OF_TESTS.test(name)) delete process.env[name];
  Object.assign(process.env, settings);
  return () => {
    for (const name of Object.keys(settings)) delete process.env[name];
    Object.assign(process.env, before);
  };
}

/** Keeps what is written to the console and to the standard streams, and gives what undoes it. */
function capture(written: Streams): () => void {
  const { log, error } = console;
  const undo = (['stdout', 'stderr'] as const).map((name) => {
    const stream = process[name];
    const { write } = stream;
    stream.write = (text: string | Uint8Array) => {
      written[name] += text.toString();
      return true;
    };
    return () => {
      stream.write = write;
    };
  });
  console.log = (line: unknown) => {
    written.stdout += `${line}\n`;
  };
  console.error = (line: unknown) => {
    written.stderr += `${line}\n`;
  };
  return () => {
    Object.assign(console, { log, error });
    for (const each of undo) each();
  };
}
