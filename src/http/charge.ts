import type { IncomingMessage } from 'node:http';
import { type DocumentNode, GraphQLError, getOperationAST } from 'graphql';
import type { Viewer } from '../access/viewer.ts';
import type { Trace } from '../database/trace.ts';
import { figure } from '../graphql/limits.ts';
import type { Cost } from '../graphql/price.ts';
import type { Bucket, Rate, RateLimiter } from './rate-limit.ts';
import { factsOf, nameOf, type RequestFacts } from './request-facts.ts';

/** What an answer says of the cost of its operation where keys have limits. */
interface ChargedCost extends Cost {
  /** What was taken of the key's limit in the end. */
  readonly used: number;
  readonly rate: Rate;
}

/** An operation that is about to run. */
interface Operation {
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  readonly viewer: Viewer;
  readonly trace: Trace;
  /** Node's request, where there is one. */
  readonly request: IncomingMessage | undefined;
  readonly cost: Cost;
  /** How much of the cost is work that is done however few rows there are. */
  readonly work: number;
}

/**
 * Takes the whole cost of an operation out of its key's bucket before it runs, or says what is missing
 * there. Notes what is known of the operation for whoever watches.
 * @param limiter has the buckets; null where keys have no limits.
 */
export function takeCharge(limiter: RateLimiter | null, operation: Operation): Charge | Missing {
  const { document, operationName, viewer, trace, request, cost } = operation;
  const facts = factsOf(request);
  if (facts) {
    const asked = getOperationAST(document, operationName) ?? null;
    Object.assign(facts, { viewer, trace, operation: asked, cost: cost.requested });
    trace.asked = { requestId: facts.requestId, operation: nameOf(asked) };
    trace.onStatement = facts.onStatement;
  }
  const bucket = limiter?.of(viewer) ?? null;
  const missing = bucket?.take(cost.requested) ?? 0;
  return bucket && missing > 0
    ? new Missing(bucket, cost, missing)
    : new Charge(bucket, operation, facts);
}

/** What an operation took out of its key's bucket; nothing where keys have no limits. */
export class Charge {
  readonly #bucket: Bucket | null;
  readonly #operation: Operation;
  readonly #facts: RequestFacts | undefined;

  constructor(bucket: Bucket | null, operation: Operation, facts: RequestFacts | undefined) {
    this.#bucket = bucket;
    this.#operation = operation;
    this.#facts = facts;
  }

  /** Puts everything back: nothing was done. */
  cancel(): void {
    this.#bucket?.giveBack(this.#operation.cost.requested);
  }

  /**
   * Puts back what was not used: rows that were asked for, and that no statement gave. Work is used in
   * any case.
   * @returns what the answer says of the cost.
   */
  settle(): Cost | ChargedCost {
    const { cost, work, trace } = this.#operation;
    const used = Math.min(cost.requested, work + trace.rows);
    if (this.#facts) this.#facts.used = used;
    if (!this.#bucket) return cost;
    this.#bucket.giveBack(cost.requested - used);
    return { ...cost, used, rate: this.#bucket.rate };
  }
}

/** Why an operation is not run: its key has used too much. */
export class Missing {
  readonly error: GraphQLError;
  readonly cost: ChargedCost;
  /** How HTTP tells it. */
  readonly http: { readonly status: number; readonly headers: Record<string, string> };

  constructor({ rate }: Bucket, cost: Cost, missing: number) {
    const seconds = Math.max(1, Math.ceil(missing / rate.perSecond));
    this.cost = { ...cost, used: 0, rate };
    this.http = { status: 429, headers: { 'retry-after': String(seconds) } };
    this.error = new GraphQLError(
      `The key has used what its requests may cost just now. This one costs ` +
        `${figure(cost.requested)}: ${figure(Math.ceil(missing))} more than is left, and that is ` +
        `there again in ${seconds} second${seconds === 1 ? '' : 's'}.`,
      { extensions: { code: 'RATE_LIMITED', http: this.http } },
    );
  }
}
