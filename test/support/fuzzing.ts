import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import fc from 'fast-check';
import { generateApiKey } from '../../src/access/api-key.service.ts';
import { createDatabase, type DatabaseName } from './databases.ts';
import { createItem, createLocation, stock } from './factories.ts';
import { type FuzzedRequest, fuzzedRequests } from './fuzz-requests.ts';
import { leaksOf } from './hostile.ts';
import { addressOf, startQuartermaster, type TestProcess } from './process.ts';
import { clientOf } from './server.ts';
import { until } from './until.ts';

/** What became of a run. */
export interface Fuzzed {
  /** How many answers had each status; 0 for connections that were closed without one. */
  readonly statuses: Readonly<Record<string, number>>;
  /** How long the server's event loop stood still at most, in milliseconds, and worked meanwhile. */
  readonly stalledMs: number;
  readonly workedMs: number;
  /** How the server ended, and what it wrote: the log of an unhandled error, if there was one. */
  readonly code: number | null;
  readonly stderr: string;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** How long, in milliseconds, an answer is waited for. */
const LONGEST_WAIT_MS = 10_000;

const MONITOR = new URL('./loop-monitor.ts', import.meta.url).href;

/**
 * Sends requests to a server in a process of its own, one after the other, and fails at the first whose
 * answer is a fault, tells how the server is built, or does not come.
 */
export async function fuzz(
  name: DatabaseName,
  { seed, numRuns }: { readonly seed: number; readonly numRuns: number },
): Promise<Fuzzed> {
  const key = generateApiKey();
  const database = await createDatabase(name);
  const settings = { DATABASE_URL: database.url, PORT: '0', QUARTERMASTER_API_KEY: key };
  const server = startQuartermaster(['serve'], {
    ...settings,
    NODE_OPTIONS: `--import=${MONITOR}`,
  });
  const address = await addressOf(server);
  const client = clientOf((init) => fetch(address, init), key);
  await createItem(client, 'BOLT', { decimals: 2 });
  await createLocation(client, 'A');
  await stock(client, 'BOLT', 'A', '100');
  const target = {
    port: Number(new URL(address).port),
    key,
    agent: new Agent({ keepAlive: true }),
  };
  const page = await graphiqlOf(target);
  const statuses: Record<string, number> = {};
  await stalls(server);
  await fc.assert(
    fc.asyncProperty(fuzzedRequests, async (each) => {
      const answer = await send(target, each);
      statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
      if (answer.text === page) return;
      const leaks = leaksOf(answer.text);
      if (answer.status >= 500 || FAULT.test(answer.text) || leaks.length > 0) {
        throw new Error(`${answer.status} ${leaks} ${answer.text.slice(0, 2000)}`);
      }
    }),
    { seed, numRuns, endOnFailure: true },
  );
  const { stalledMs, workedMs } = await stalls(server);
  target.agent.destroy();
  const { code, stderr } = await server.stop();
  await database.drop();
  return { statuses, stalledMs, workedMs, code, stderr };
}

/** Codes of what is our own fault, which may come with data and a good status. */
const FAULT = /"code":"(INTERNAL|UNAVAILABLE|TIMEOUT)"/;

const STALLED = /^stalled (\d+) ms, worked (\d+) ms$/gm;

/** How long the event loop of a server stood still at most since it was asked last. */
async function stalls(server: TestProcess): Promise<Pick<Fuzzed, 'stalledMs' | 'workedMs'>> {
  const said = () => [...server.stdout.matchAll(STALLED)];
  const before = said().length;
  process.kill(server.pid, 'SIGUSR2');
  await until('the server says it', () => said().length > before);
  const [, stalled, worked] = said().at(-1) ?? [];
  return { stalledMs: Number(stalled), workedMs: Number(worked) };
}

interface Target {
  readonly port: number;
  readonly key: string;
  readonly agent: Agent;
}

/** GraphiQL's page, to the letter the same for whoever asks with a key: its own scripts have all words. */
async function graphiqlOf(target: Target): Promise<string> {
  const headers = { accept: 'text/html' };
  const { status, text } = await sendRequest(target, {
    ...{ method: 'GET', path: '/graphql', headers, body: '' },
  });
  if (status !== 200 || !text.includes('<title>')) throw new Error(`No page: ${status}`);
  return text;
}

function send(target: Target, each: FuzzedRequest): Promise<Answer> {
  return each.method === null ? sendBytes(target, each.body) : sendRequest(target, each);
}

async function sendRequest({ port, key, agent }: Target, each: FuzzedRequest): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const { method, path, body } = each;
  const asked = request({
    ...{ port, agent, host: '127.0.0.1', method: method ?? 'GET', path },
    headers: {
      ...printable(each.headers),
      authorization: `Bearer ${key}`,
      'content-length': Buffer.byteLength(body),
    },
    signal: AbortSignal.timeout(LONGEST_WAIT_MS),
  });
  asked.on('response', (response) => {
    readText(response).then((text) => resolve({ status: response.statusCode ?? 0, text }), reject);
  });
  asked.on('upgrade', (response, socket) => {
    socket.destroy();
    resolve({ status: response.statusCode ?? 0, text: '' });
  });
  asked.on('error', reject);
  asked.end(body);
  return promise;
}

/** What a client may put into a header at all. */
const printable = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, value.replace(/[^\t\x20-\x7e]/g, '')]),
  );

function sendBytes({ port }: Target, bytes: string): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  let text = '';
  const socket = connect(port, '127.0.0.1', () => socket.end(bytes, 'latin1'));
  socket.setTimeout(LONGEST_WAIT_MS, () => reject(new Error(`No end: ${JSON.stringify(bytes)}`)));
  socket.on('data', (data) => {
    text += data.toString('latin1');
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    resolve({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0), text });
  });
  return promise;
}
