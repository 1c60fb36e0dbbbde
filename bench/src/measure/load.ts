import autocannon from 'autocannon';
import type { OperationName, Question, Transfers } from '../operations.ts';
import type { Running } from '../servers.ts';
import { cpuSeconds, serverCpuSeconds } from './usage.ts';

/** What one operation is asked with, and how hard. */
export interface Load {
  readonly operation: OperationName;
  readonly connections: number;
  /** In seconds. */
  readonly duration: number;
  readonly questions: readonly Question[];
  readonly transfers: Transfers;
  /** The first process of PostgreSQL, if it is ours. */
  readonly postgres: number | null;
}

/** What came of it. Times are milliseconds; processor times are for each request. */
export interface Sample {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly nodeCpu: number | null;
  readonly postgresCpu: number | null;
  readonly bytes: number;
  /** Requests that failed, timed out, or were answered with something else. */
  readonly errors: number;
}

/** How long, in seconds, one request may take. */
const TIMEOUT_S = 20;

/** Sends one operation over a number of connections for some time. */
export async function runLoad(server: Running, load: Load): Promise<Sample> {
  const { connections, duration } = load;
  const usage = () =>
    Promise.all([cpuSeconds(server.pid), serverCpuSeconds(load.postgres)] as const);
  const latencies: number[] = [];
  let bytes = 0;
  const before = await usage();
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const run = autocannon(
      {
        ...{ url: server.url, method: 'POST', headers: server.headers, connections, duration },
        ...{ timeout: TIMEOUT_S, requests: requestsOf(server, load) },
        verifyBody: isGood(server, load.operation),
      },
      (error: unknown, done: autocannon.Result) => (error ? reject(error) : resolve(done)),
    );
    run.on('response', (_client, _status, size, time) => {
      latencies.push(time);
      bytes += size;
    });
  });
  const after = await usage();
  const requests = latencies.length;
  latencies.sort((a, b) => a - b);
  const each = (at: 0 | 1) => {
    const [from, to] = [before[at], after[at]];
    return from === null || to === null || requests === 0 ? null : (1000 * (to - from)) / requests;
  };
  return {
    requests,
    perSecond: requests / result.duration,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    nodeCpu: each(0),
    postgresCpu: server.kind.database === 'postgresql' ? each(1) : null,
    bytes: requests === 0 ? 0 : bytes / requests,
    errors: result.errors + result.timeouts + result.non2xx + result.mismatches,
  };
}

function requestsOf({ api }: Running, { operation, questions, transfers }: Load) {
  if (operation === 'M1') {
    const setupRequest = (request: autocannon.Request) => {
      return { ...request, body: JSON.stringify(api.transfer(transfers.next())) };
    };
    return [{ setupRequest }];
  }
  return questions.map((question) => ({ body: JSON.stringify(api.read(operation, question)) }));
}

/** A refusal and a GraphQL error have status 200 as well. */
function isGood({ api }: Running, operation: OperationName) {
  return (body: unknown): boolean => {
    const text = String(body);
    return operation === 'M1' ? text.includes(api.transferMark) : !text.startsWith('{"errors"');
  };
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
