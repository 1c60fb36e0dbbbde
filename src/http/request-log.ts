import type { Logger } from 'pino';
import { isForMachines } from './machines.ts';
import { nameOf, type RequestFacts } from './request-facts.ts';
import type { Observer } from './request-watch.ts';

/**
 * Logs one line for each request: who asked what by its name, and what came of it. Neither addresses,
 * which may have a key, nor anything else that was sent.
 */
export const requestLog = (log: Logger): Observer => ({
  ended({ request, facts, status, ms }) {
    const level = isForMachines(request) ? 'debug' : 'info';
    const line = { requestId: facts.requestId, status, ms: round(ms), ...told(facts) };
    log[level](line, 'request');
  },
});

const round = (ms: number): number => Math.round(ms * 1000) / 1000;

const told = ({ viewer, operation, trace, cost, used }: RequestFacts) => ({
  operation: nameOf(operation) ?? undefined,
  key: viewer?.key?.prefix,
  statements: trace?.count,
  cost: cost ?? undefined,
  used: used ?? undefined,
});
