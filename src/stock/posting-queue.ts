import { setImmediate as turn } from 'node:timers/promises';
import { dialectOf } from '../database/dialect.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { runAcrossOrganizations, Statement } from '../database/statement.ts';
import { forkForAll } from '../database/trace.ts';
import { inTransaction } from '../database/transaction.ts';
import { postOrders } from './posting.service.ts';
import type { Order, Posted } from './posting.ts';
import { Refused } from './refused.ts';

/** The most postings that share a transaction, and the most lines that they have together. */
const MAX_POSTINGS = 64;
const MAX_LINES = 2000;

/** How long, in milliseconds, a shared transaction waits for a row that another writer holds. */
const LONGEST_LOCK_WAIT_MS = 1000;

/** After how long, in milliseconds, a transaction no longer keeps the next one from starting. */
const PATIENCE_MS = 2000;

/**
 * Whether a posting can share a transaction. Those that look at what others change before they have
 * locked it would not see what the postings before them do in the same transaction.
 */
export function canShare(order: Order): boolean {
  if ('reservation' in order || order.kind === 'REVERSAL') return false;
  if (order.kind !== 'COUNT' || 'confirmed' in order) return true;
  return order.unlisted === 'KEEP' && order.onReserved === 'REFUSE';
}

/** A posting that waits for its turn, or is under way. */
interface Waiting {
  readonly em: EntityManager;
  readonly order: Order;
  readonly lines: number;
  readonly resolve: (posted: Posted) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The postings of one organization in this process, on their way to the ledger. One that finds nothing
 * under way starts at once; those that come meanwhile share the next transaction, in the order in which
 * they came. Every answer is given after its commit, and is one that the posting could have got alone:
 * what a shared transaction cannot do for all is done again, for each in a transaction of its own.
 */
class PostingQueue {
  readonly #organizationId: number;
  /** Whether nobody can come while the database works: then those who wait at the door come in first. */
  readonly #blocks: boolean;
  readonly #waiting: Waiting[] = [];
  #isBusy = false;

  constructor(organizationId: number, blocks: boolean) {
    this.#organizationId = organizationId;
    this.#blocks = blocks;
  }

  /** Whether a posting that came now would wait. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** How many wait for their turn. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Records a movement and commits it. The EntityManager is the request's, and in no transaction. */
  post(em: EntityManager, order: Order): Promise<Posted> {
    const { promise, resolve, reject } = Promise.withResolvers<Posted>();
    const lines = 'lines' in order ? (order.lines?.length ?? 0) : 0;
    this.#waiting.push({ em, order, lines, resolve, reject });
    if (!this.#isBusy) void this.#carryOut();
    return promise;
  }

  async #carryOut(): Promise<void> {
    this.#isBusy = true;
    while (this.#waiting.length > 0) {
      if (this.#blocks) await turn();
      await noLongerThan(PATIENCE_MS, this.#post(this.#take()));
    }
    this.#isBusy = false;
  }

  /** The first that wait, as many as fit, and none with the key of another: the second is a replay. */
  #take(): Waiting[] {
    const keys = new Set<string>();
    let lines = 0;
    let count = 0;
    for (const { order, lines: own } of this.#waiting) {
      lines += own;
      const isFull = count === MAX_POSTINGS || (count > 0 && lines > MAX_LINES);
      if (isFull || keys.has(order.idempotencyKey)) break;
      keys.add(order.idempotencyKey);
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #post(batch: readonly Waiting[]): Promise<void> {
    const left = await this.#postTogether(batch);
    await Promise.all(left.map((each) => this.#postAlone(each)));
  }

  /**
   * Posts several in one transaction; without those that it is refused for, should they be known.
   * @returns those that are not done, and have to be posted alone to get their answer.
   */
  async #postTogether(batch: readonly Waiting[]): Promise<readonly Waiting[]> {
    const [first, ...others] = batch;
    if (!first || others.length === 0) return batch;
    const em = forkForAll([first.em, ...others.map((each) => each.em)]);
    const orders = batch.map(({ order }) => order);
    const refused = new Refused();
    try {
      const post = async (own: EntityManager) => {
        await limitLockWait(own);
        return postOrders(own, this.#organizationId, orders, refused);
      };
      const posted = await inTransaction(em, post, { tries: 1 });
      for (const [index, { resolve }] of batch.entries()) resolve(posted[index] as Posted);
      return [];
    } catch {
      // Whoever is to be told of it meets it again alone; the others have nothing to do with it.
      const good = batch.filter(({ order }) => !refused.has(order));
      if (good.length === batch.length) return batch;
      return [
        ...batch.filter(({ order }) => refused.has(order)),
        ...(await this.#postTogether(good)),
      ];
    }
  }

  async #postAlone({ em, order, resolve, reject }: Waiting): Promise<void> {
    try {
      const post = (own: EntityManager) => postOrders(own, this.#organizationId, [order]);
      const [posted] = await inTransaction(em, post);
      resolve(posted as Posted);
    } catch (error) {
      reject(error);
    }
  }
}

const LIMIT = new Statement<unknown>(() => `select set_config('lock_timeout', $1, true)`);

/** Whoever waits for a row takes all who share the transaction along; alone it waits as long as it must. */
async function limitLockWait(em: EntityManager): Promise<void> {
  if (dialectOf(em).name === 'sqlite') return;
  await runAcrossOrganizations(em, LIMIT, [`${LONGEST_LOCK_WAIT_MS}ms`]);
}

/** Waits for work that never fails, but not for ever: from then on it goes on by itself. */
async function noLongerThan(ms: number, work: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([work, promise]);
  clearTimeout(timer);
}

/** The queues of each database's connections, by organization: as many as this process has served. */
const queues = new WeakMap<object, Map<number, PostingQueue>>();

/** The queue of an organization on the database of an EntityManager. */
export function queueOf(em: EntityManager, organizationId: number): PostingQueue {
  const driver = em.getDriver();
  const ofDriver = queues.get(driver) ?? new Map<number, PostingQueue>();
  queues.set(driver, ofDriver);
  let queue = ofDriver.get(organizationId);
  if (!queue) {
    queue = new PostingQueue(organizationId, dialectOf(em).name === 'sqlite');
    ofDriver.set(organizationId, queue);
  }
  return queue;
}
