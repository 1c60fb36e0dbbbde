// A process that measures how a server bears more than it can do: see `overload.ts`.
import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { Measured, OverloadTask, Phase } from './overload.ts';

const { address, key, document, overloadSeconds } = JSON.parse(
  process.argv[2] ?? '',
) as OverloadTask;
const url = new URL(address);
// In turn, so that the server closes none that nobody has used for a while, just when it is used again.
const agent = new Agent({ keepAlive: true, scheduling: 'fifo' });
const body = JSON.stringify({ query: document });
const headers = {
  authorization: `Bearer ${key}`,
  'content-type': 'application/json',
  'content-length': Buffer.byteLength(body),
};

interface Answer {
  readonly status: number | string;
  readonly hasRetryAfter: boolean;
  readonly ms: number;
  readonly at: number;
}

/** Sends one request; a connection that fails is an answer too, by the name of its error. */
function ask(path?: string): Promise<Answer> {
  const started = performance.now();
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const done = (status: number | string, hasRetryAfter = false) => {
    const at = performance.now();
    resolve({ status, hasRetryAfter, ms: at - started, at });
  };
  const options = path ? { agent } : { agent, method: 'POST', headers };
  const sent = request(path ? new URL(path, url) : url, options, (answer) => {
    answer.resume().on('end', () => {
      done(answer.statusCode ?? 0, answer.headers['retry-after'] !== undefined);
    });
  });
  sent.on('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
  sent.end(path ? '' : body);
  return promise;
}

const p99 = (times: number[]): number =>
  Math.round(times.sort((one, other) => one - other)[Math.floor(times.length * 0.99)] ?? 0);

function phaseOf(
  answers: readonly Answer[],
  { from, seconds }: { from: number; seconds: number },
): Phase {
  const good = answers.filter(({ status }) => status === 200);
  const inTime = good.filter(({ at }) => at < from + seconds * 1000);
  const statuses: Record<string, number> = {};
  for (const { status } of answers) statuses[status] = (statuses[status] ?? 0) + 1;
  return {
    perSecond: Math.round(inTime.length / seconds),
    p99Ms: p99(good.map(({ ms }) => ms)),
    statuses,
    refusedWithoutRetryAfter: answers.filter((each) => each.status !== 200 && !each.hasRetryAfter)
      .length,
  };
}

/** So many clients, each of which asks again when it is answered. */
async function closedLoop(clients: number, seconds: number): Promise<Phase> {
  const from = performance.now();
  const answers: Answer[] = [];
  const client = async () => {
    while (performance.now() < from + seconds * 1000) answers.push(await ask());
  };
  await Promise.all(Array.from({ length: clients }, client));
  return phaseOf(answers, { from, seconds });
}

/** So many requests a second, whatever becomes of them. */
async function openLoop(perSecond: number, seconds: number): Promise<Phase> {
  const from = performance.now();
  const asked: Promise<Answer>[] = [];
  for (let elapsed = 0; elapsed < seconds; elapsed = (performance.now() - from) / 1000) {
    while (asked.length < perSecond * elapsed) asked.push(ask());
    await pause(5);
  }
  return phaseOf(await Promise.all(asked), { from, seconds });
}

/** Asks whether the server is alive until something is over, and gives the longest answer. */
async function watchHealth(until: Promise<unknown>): Promise<Phase> {
  const answers: Answer[] = [];
  const from = performance.now();
  let isOver = false;
  void until.then(() => {
    isOver = true;
  });
  while (!isOver) {
    answers.push(await ask('/healthz'));
    await pause(50);
  }
  return phaseOf(answers, { from, seconds: (performance.now() - from) / 1000 });
}

await closedLoop(8, 3);
const normal = await closedLoop(8, 8);
const overload = openLoop(4 * normal.perSecond, overloadSeconds);
const health = await watchHealth(overload);
await overload;
// Its connections are about to be closed by the server, as nobody uses them any more.
agent.destroy();
const measured: Measured = {
  normal,
  overload: await overload,
  health,
  // What is left of the load may take a while; then nothing of it is.
  afterwards: await pause(4000).then(() => openLoop(normal.perSecond / 4, 4)),
};
agent.destroy();
console.log(JSON.stringify(measured));
