import type { Logger } from 'pino';

/** How many connections a pool has. */
export interface PoolSize {
  /** Used and idle ones. */
  readonly totalCount: number;
  readonly idleCount: number;
  /** How many wait for one. */
  readonly waitingCount: number;
  readonly options: { readonly max: number };
}

type Connected = (...given: never[]) => void;

/** The driver's pool, as far as it is watched. */
export interface WatchedPool extends PoolSize {
  on(event: 'connect' | 'acquire' | 'release' | 'remove', listener: () => void): void;
  connect(connected?: Connected): Promise<unknown> | undefined;
}

/** Whoever wants to know of a pool. */
export interface PoolWatch {
  /** Told of a pool that is there from now on. */
  opened(pool: PoolSize): void;
  /** Told how long, in milliseconds, somebody waited for a connection, or until there was none to have. */
  waited(ms: number): void;
}

/** Logs what happens in a pool, and its size, at the level debug. */
export function logPool(pool: WatchedPool, log: Logger): void {
  for (const event of ['connect', 'acquire', 'release', 'remove'] as const) {
    pool.on(event, () => {
      const { totalCount: total, idleCount: idle, waitingCount: waiting } = pool;
      log.debug({ pool: { event, total, idle, waiting } }, 'pool');
    });
  }
}

/** Has somebody know how long it takes to get a connection from a pool; the pool has no event for it. */
export function timeWaits(pool: WatchedPool, watch: PoolWatch): void {
  watch.opened(pool);
  const connect = pool.connect.bind(pool);
  pool.connect = (connected) => {
    const asked = performance.now();
    const done = () => watch.waited(performance.now() - asked);
    if (!connected) return connect()?.finally(done);
    return connect((...given) => {
      done();
      connected(...given);
    });
  };
}
