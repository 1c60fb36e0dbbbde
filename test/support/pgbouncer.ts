import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './postgres.ts';
import { until } from './until.ts';

/** A pgbouncer in transaction mode in front of the tests' PostgreSQL. */
export interface Pgbouncer {
  /** How to reach a database through it. */
  url(database: string): string;
  stop(): Promise<void>;
}

/** Where the program is that is tried: Debian's, or another one. */
const PROGRAM = process.env['PGBOUNCER'] ?? '/usr/sbin/pgbouncer';

/** Nobody's user and group, as the program refuses to be root's. */
const NOBODY = 65_534;

/** Which version there is, such as [1, 18]; null where there is none. */
export function pgbouncerVersion(): readonly [number, number] | null {
  try {
    const [, major, minor] = /PgBouncer (\d+)\.(\d+)/.exec(
      execFileSync(PROGRAM, ['--version'], { encoding: 'utf8' }),
    ) ?? ['', '', ''];
    return [Number(major), Number(minor)];
  } catch {
    return null;
  }
}

/**
 * Starts one in front of a PostgreSQL, with settings besides those that docs/operations.md asks for.
 * Fewer of its connections lead to the server than come to it: transactions take turns on them.
 */
export async function startPgbouncer(
  postgres: string,
  settings: Readonly<Record<string, string | number>> = {},
): Promise<Pgbouncer> {
  const { hostname, port, username, password } = new URL(postgres);
  const directory = await mkdtemp(join(tmpdir(), 'quartermaster-pgbouncer-'));
  await chmod(directory, 0o755);
  const own = await freePort();
  const lines = {
    ...{ listen_addr: '127.0.0.1', listen_port: own, unix_socket_dir: '' },
    ...{ auth_type: 'trust', auth_file: join(directory, 'users') },
    ...{ pool_mode: 'transaction', default_pool_size: 5, max_client_conn: 200 },
    ...settings,
  };
  const file = join(directory, 'pgbouncer.ini');
  await writeFile(join(directory, 'users'), `"${username}" "${password}"\n`);
  await writeFile(
    file,
    `[databases]
* = host=${hostname} port=${port}
[pgbouncer]
${Object.entries(lines)
  .map(([name, value]) => `${name} = ${value}`)
  .join('\n')}
`,
  );
  const root = process.getuid?.() === 0;
  const child = spawn(PROGRAM, ['-q', file], {
    stdio: 'ignore',
    ...(root && { uid: NOBODY, gid: NOBODY }),
  });
  const ended = once(child, 'exit');
  await until('pgbouncer listens', () => isListening(own));
  return {
    url: (database) => `postgres://${username}:${password}@127.0.0.1:${own}/${database}`,
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function isListening(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, '127.0.0.1', () => {
    socket.destroy();
    resolve(true);
  });
  socket.on('error', () => resolve(false));
  return promise;
}
