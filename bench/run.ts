// `npm run bench`: installs what the benchmark needs where that is missing, then runs it.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const here = import.meta.dirname;
const lock = join(here, 'package-lock.json');
/** The lock file that `node_modules` was installed from. */
const installed = join(here, 'node_modules', '.installed-lock.json');

const isInstalled =
  existsSync(installed) && readFileSync(installed, 'utf8') === readFileSync(lock, 'utf8');
if (!isInstalled) {
  console.error('Installing the peers into bench/node_modules');
  const options = ['ci', '--no-audit', '--no-fund'];
  const { status } = spawnSync('npm', options, { cwd: here, stdio: ['ignore', 2, 2] });
  if (status === 0) copyFileSync(lock, installed);
  else process.exitCode = status ?? 1;
}
if (!process.exitCode) {
  const { runCommandLine } = await import('./src/command-line.ts');
  await runCommandLine(process.argv);
}
