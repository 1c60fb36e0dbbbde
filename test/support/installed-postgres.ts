import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from './postgres.ts';
import { until } from './until.ts';

/** Where packages put the programs of each version of PostgreSQL. */
const INSTALLED = '/usr/lib/postgresql';

/** A user without rights, as PostgreSQL refuses to be root's. */
const NOBODY = 65_534;

/** The directory with the server and `pg_dump` of the latest version; null where none has both. */
export async function installedPrograms(): Promise<string | null> {
  const versions = await readdir(INSTALLED).catch((): string[] => []);
  for (const version of versions.sort((a, b) => Number(b) - Number(a))) {
    const programs = join(INSTALLED, version, 'bin');
    const names = await readdir(programs).catch((): string[] => []);
    if (['initdb', 'postgres', 'pg_dump', 'pg_restore'].every((name) => names.includes(name))) {
      return programs;
    }
  }
  return null;
}

/** A server from the machine's own package, with an empty cluster that goes with it. */
export async function startInstalled(
  programs: string,
): Promise<{ url(database: string): string; stop(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'quartermaster-installed-'));
  await chmod(directory, 0o755);
  const data = join(directory, 'data');
  const root = process.getuid?.() === 0;
  const owner = root ? { uid: NOBODY, gid: NOBODY } : {};
  if (root) await chown(directory, NOBODY, NOBODY);
  const options = { ...owner, stdio: 'ignore' as const, cwd: directory };
  const init = ['-D', data, '-U', 'postgres', '--auth=trust', '--no-sync', '--locale=C'];
  execFileSync(join(programs, 'initdb'), [...init, '--encoding=UTF8'], options);
  const port = await freePort();
  const flags = { fsync: 'off', listen_addresses: '127.0.0.1', unix_socket_directories: '' };
  const set = Object.entries(flags).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const args = ['-D', data, '-p', String(port), ...set];
  const child = spawn(join(programs, 'postgres'), args, options);
  const ended = once(child, 'exit');
  const url = (database: string) => `postgres://postgres@127.0.0.1:${port}/${database}`;
  await until('it takes connections', () => answers(url('postgres')));
  return {
    url,
    stop: async () => {
      child.kill('SIGQUIT');
      await ended;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client(url);
  try {
    await client.connect();
    return true;
  } catch {
    // It is not up yet.
    return false;
  } finally {
    await client.end();
  }
}
