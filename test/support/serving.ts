import { addressOf, startQuartermaster, type TestProcess } from './process.ts';
import { type Client, clientOf } from './server.ts';
import { until } from './until.ts';

/** A request that takes longer, in milliseconds, hangs. */
const LONGEST_REQUEST_MS = 10_000;

/** A `quartermaster serve` in a process of its own, and a client at its socket. */
export interface Serving {
  readonly process: TestProcess;
  /** Where its API is. */
  readonly address: string;
  readonly client: Client;
  /** How long it took from its start, in milliseconds, until it said that it is ready. */
  readonly readyMs: number;
  /** The status that one of the addresses for machines answers with. */
  status(path: '/healthz' | '/readyz'): Promise<number>;
}

interface ServeOptions {
  readonly args?: readonly string[];
  readonly settings?: Readonly<Record<string, string>>;
  /** After so many milliseconds it is killed: five minutes, unless said. */
  readonly longestRunMs?: number;
}

/** Starts a server on a database, at a port of its own, and waits until it is ready. */
export async function startServing(
  url: string,
  key: string,
  options: ServeOptions = {},
): Promise<Serving> {
  const started = performance.now();
  const process = startServe(url, key, options);
  const address = await addressOf(process);
  const status = async (path: string) =>
    (await fetch(new URL(path, address), { signal: patience() })).status;
  await until(`${address} is ready`, async () => (await status('/readyz')) === 200);
  return {
    process,
    address,
    client: clientAt(address, key),
    readyMs: performance.now() - started,
    status,
  };
}

const patience = () => AbortSignal.timeout(LONGEST_REQUEST_MS);

/** Whoever shows a key at an address. */
export const clientAt = (address: string, key: string): Client =>
  clientOf((request) => fetch(address, { ...request, signal: patience() }), key);

/** Starts a server on a database, and waits for nothing. */
export function startServe(
  url: string,
  key: string,
  { args = [], settings = {}, longestRunMs }: ServeOptions = {},
): TestProcess {
  const all = { DATABASE_URL: url, PORT: '0', QUARTERMASTER_API_KEY: key, ...settings };
  return startQuartermaster(['serve', ...args], all, longestRunMs);
}
