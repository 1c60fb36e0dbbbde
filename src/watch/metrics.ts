import { collectDefaultMetrics, Registry } from 'prom-client';
import type { PoolSize, PoolWatch } from '../database/pool.ts';
import type { EndedRequest, Observer } from '../http/request-watch.ts';
import { DatabaseMetrics } from './database-metrics.ts';
import { PoolMetrics } from './pool-metrics.ts';
import type { Reading } from './reading.ts';
import { RequestMetrics } from './request-metrics.ts';

/** The figures of one process, as Prometheus reads them: of Node, requests, the pool and the database. */
export class Metrics implements Observer, PoolWatch {
  readonly #registry = new Registry();
  readonly #requests = new RequestMetrics(this.#registry);
  readonly #database = new DatabaseMetrics(this.#registry);
  #pool: PoolMetrics | undefined;

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  ended(request: EndedRequest): void {
    this.#requests.ended(request);
  }

  opened(pool: PoolSize): void {
    this.#pool = new PoolMetrics(this.#registry, pool);
  }

  waited(ms: number): void {
    this.#pool?.waited(ms);
  }

  /** All figures, with what can be read from the database just now. */
  async text(read: () => Promise<Reading | null>): Promise<string> {
    // First, as reading takes a connection of the pool too.
    this.#pool?.look();
    this.#database.tell(await read());
    return this.#registry.metrics();
  }
}
