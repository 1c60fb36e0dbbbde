import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** All that a build is made of, below the root: a change of any of it asks for another build. */
const FILES = ['mikro-orm.config.ts', 'package-lock.json', 'package.json', 'scripts/build.ts'];
const DIRECTORIES = ['migrations', 'src'];

/** Where a build says what it was made of, below its directory. */
export const STAMP = 'built-from';

/** A hash of the names, sizes and times of all that a build is made of: reading it all takes too long. */
export function hashOfSources(root) {
  const below = (directory) =>
    readdirSync(join(root, directory), { recursive: true, withFileTypes: true })
      .filter((each) => each.isFile())
      .map((each) => join(each.parentPath, each.name));
  const files = [...FILES.map((file) => join(root, file)), ...DIRECTORIES.flatMap(below)].sort();
  const hash = createHash('sha256');
  for (const file of files) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${file.slice(root.length)} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

/**
 * Whether `dist` is to be run: always in the package, which has no sources; in a checkout only while it
 * is the build of exactly these sources, so that nobody who changed one runs what it was before.
 */
export function runsBuild(root) {
  if (!existsSync(join(root, 'src'))) return true;
  const stamp = join(root, 'dist', STAMP);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === hashOfSources(root);
}
