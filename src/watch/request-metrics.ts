import { Histogram, type Registry } from 'prom-client';
import { isForMachines } from '../http/machines.ts';
import type { EndedRequest, Observer } from '../http/request-watch.ts';
import { NO_OPERATION, OperationNames } from './operation-labels.ts';
import { outcomeOf } from './outcome.ts';

/** Counts requests by what they asked for and what came of it; not those of machines that look after the server. */
export class RequestMetrics implements Observer {
  readonly #operations = new OperationNames();
  readonly #durations: Histogram<'operation' | 'kind' | 'outcome'>;
  readonly #statements: Histogram<'operation' | 'kind'>;

  constructor(registry: Registry) {
    this.#durations = new Histogram({
      name: 'quartermaster_http_request_duration_seconds',
      help: 'How long requests took, from their headers to the end of their answer.',
      labelNames: ['operation', 'kind', 'outcome'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers: [registry],
    });
    this.#statements = new Histogram({
      name: 'quartermaster_request_statements',
      help: 'SQL statements of a request, without the look-up of its key and transaction control.',
      labelNames: ['operation', 'kind'],
      buckets: [0, 1, 2, 3, 4, 5, 6, 8, 10, 15, 25, 50],
      registers: [registry],
    });
  }

  ended(ended: EndedRequest): void {
    const { request, facts, ms } = ended;
    if (isForMachines(request)) return;
    const labels = this.#operations.labelsOf(facts);
    const { operation, kind } = labels;
    this.#durations.observe({ operation, kind, outcome: outcomeOf(ended) }, ms / 1000);
    if (labels !== NO_OPERATION) this.#statements.observe(labels, facts.trace?.count ?? 0);
  }
}
