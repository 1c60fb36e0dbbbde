import { outliveReaders } from './cli/closed-output.ts';
import { runCommandLine } from './cli/command-line.ts';

outliveReaders();

/** Settled when the command is done: `bin/quartermaster.js` waits for it, from the sources or a build. */
export const ended: Promise<void> = runCommandLine(process.argv);
