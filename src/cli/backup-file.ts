import { existsSync, rmSync, statSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { errorCode } from '../database/error-code.ts';
import { CommandError } from './command-error.ts';

/** What SQLite may put beside a database, and reads as a part of whatever is under the database's name. */
const BESIDE = ['-wal', '-shm', '-journal'];

/**
 * Where a backup goes: to the file that was named, or to one named after the database and the time, in
 * the directory that was named or in this one.
 * @throws CommandError when that must not be written.
 */
export function backupFile(
  source: string,
  named: string | undefined,
  { now, overwrite }: { readonly now: Date; readonly overwrite: boolean },
): string {
  const file = isDirectory(named ?? '.') ? join(named ?? '', defaultName(source, now)) : named;
  if (file === undefined) throw new CommandError('Name the file to write.');
  const beside = BESIDE.map((ending) => file + ending).find(existsSync);
  if (beside) {
    throw new CommandError(
      `${beside} is there, so ${file} is a database in use, or the rest of one: choose another name.`,
    );
  }
  if (!existsSync(file)) return file;
  if (isSame(source, file)) throw new CommandError(`${file} is the database itself.`);
  if (!overwrite) {
    throw new CommandError(
      `${file} is there already: choose another name, or add --overwrite to replace it.`,
    );
  }
  return file;
}

/** Such as `quartermaster-2026-11-26T034845Z.db`: in the order of time, and good on every file system. */
function defaultName(source: string, now: Date): string {
  const extension = extname(source);
  const time = now.toISOString().replaceAll(':', '').replace(/\.\d+/, '');
  return `${basename(source, extension)}-${time}${extension}`;
}

const isDirectory = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

function isSame(one: string, other: string): boolean {
  const [first, second] = [statSync(one), statSync(other)];
  return first.dev === second.dev && first.ino === second.ino;
}

/** What a backup is called until it is known to be sound. */
export class PartialFile {
  readonly path: string;
  readonly #file: string;
  readonly #overwrite: boolean;

  constructor(file: string, overwrite: boolean) {
    this.#file = file;
    this.#overwrite = overwrite;
    this.path = `${file}.${crypto.randomUUID().slice(0, 8)}.part`;
  }

  /**
   * Makes it, empty, for those to read who may read the source.
   * @throws CommandError when it cannot be written there.
   */
  async create(source: string): Promise<void> {
    try {
      const handle = await open(this.path, 'wx', statSync(source).mode);
      await handle.close();
    } catch (error) {
      throw new CommandError(`${this.#file} cannot be written there: ${errorCode(error)}.`);
    }
  }

  /** Removes it, with what SQLite put beside it. */
  remove(): void {
    for (const ending of ['', ...BESIDE]) rmSync(this.path + ending, { force: true });
  }

  /**
   * Gives it its name, which outlives a loss of power from then on.
   * @throws CommandError when the name was taken meanwhile.
   */
  async publish(): Promise<void> {
    if (!this.#overwrite && existsSync(this.#file)) {
      throw new CommandError(`${this.#file} was made meanwhile by somebody else: try again.`);
    }
    await rename(this.path, this.#file);
    // Elsewhere a directory cannot be opened, and its system keeps names by itself.
    if (process.platform === 'win32') return;
    const directory = await open(dirname(this.#file));
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  }
}
