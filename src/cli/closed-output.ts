import { errorCode } from '../database/error-code.ts';

/**
 * Lets a command go on when whoever reads its output closes it, as `head` does: what it does is worth
 * doing, but it fails, as not all of it was told.
 */
export function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error) => {
      if (errorCode(error) !== 'EPIPE') throw error;
      process.exitCode = 1;
    });
  }
}
