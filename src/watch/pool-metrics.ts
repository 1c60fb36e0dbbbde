import { Gauge, Histogram, type Registry } from 'prom-client';
import type { PoolSize } from '../database/pool.ts';

/** The figures of a pool of connections to PostgreSQL. */
export class PoolMetrics {
  readonly #pool: PoolSize;
  readonly #connections: Gauge<'state'>;
  readonly #pending: Gauge;
  readonly #waits: Histogram;

  constructor(registry: Registry, pool: PoolSize) {
    const registers = [registry];
    this.#pool = pool;
    new Gauge({
      name: 'quartermaster_pool_connections_max',
      help: 'How many connections to PostgreSQL the process opens at most.',
      registers,
    }).set(pool.options.max);
    this.#connections = new Gauge({
      name: 'quartermaster_pool_connections',
      help: 'Connections to PostgreSQL that are open, used or idle.',
      labelNames: ['state'],
      registers,
    });
    this.#pending = new Gauge({
      name: 'quartermaster_pool_pending',
      help: 'How many statements and transactions wait for a connection.',
      registers,
    });
    this.#waits = new Histogram({
      name: 'quartermaster_pool_wait_seconds',
      help: 'How long statements and transactions waited for a connection, in vain too.',
      buckets: [0.0001, 0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10],
      registers,
    });
  }

  waited(ms: number): void {
    this.#waits.observe(ms / 1000);
  }

  /** Looks how large the pool is now. */
  look(): void {
    const { totalCount, idleCount, waitingCount } = this.#pool;
    this.#connections.set({ state: 'used' }, totalCount - idleCount);
    this.#connections.set({ state: 'idle' }, idleCount);
    this.#pending.set(waitingCount);
  }
}
