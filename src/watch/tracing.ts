import type { IncomingMessage } from 'node:http';
import {
  type Attributes,
  trace as api,
  defaultTextMapGetter,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import type { Logger } from 'pino';
import type { TracedStatement } from '../database/trace.ts';
import { isForMachines } from '../http/machines.ts';
import { nameOf, type RequestFacts } from '../http/request-facts.ts';
import type { EndedRequest, Observer } from '../http/request-watch.ts';
import type { TracingConfig } from '../tracing-settings.ts';
import { isFault, outcomeOf } from './outcome.ts';
import { tracerProvider } from './tracer-provider.ts';

interface TracingOptions {
  readonly dialect: 'sqlite' | 'postgresql';
  readonly log: Logger;
}

/** A request that is being answered. */
interface Traced {
  readonly span: Span;
  /**
   * When the process's clock began, in milliseconds since 1970, as it is while the request is answered: all
   * its spans are on one clock, which is finer than that of the day, and which that one leaves with the days.
   */
  readonly origin: number;
}

/**
 * Tells a collector of each request, as part of the trace that its client says in `traceparent`, and of
 * each of its statements. Nothing of what was sent is told but the name of the operation, and no values.
 */
export class Tracing implements Observer {
  readonly #provider: ReturnType<typeof tracerProvider>;
  readonly #tracer: Tracer;
  readonly #propagator = new W3CTraceContextPropagator();
  readonly #system: string;
  readonly #traced = new WeakMap<RequestFacts, Traced>();

  constructor(config: TracingConfig, { dialect, log }: TracingOptions) {
    this.#provider = tracerProvider(config, log);
    this.#tracer = this.#provider.getTracer('quartermaster');
    this.#system = dialect;
  }

  begun(request: IncomingMessage, facts: RequestFacts): void {
    if (isForMachines(request)) return;
    const { method = 'GET', headers } = request;
    const parent = this.#propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
    const attributes = { 'http.request.method': method };
    const startTime = Date.now();
    const options = { kind: SpanKind.SERVER, startTime, attributes };
    const span = this.#tracer.startSpan(method, options, parent);
    if (!span.isRecording()) return;
    const traced = { span, origin: startTime - performance.now() };
    this.#traced.set(facts, traced);
    facts.onStatement = (statement) => this.#tell(traced, statement);
  }

  ended(request: EndedRequest): void {
    const { facts } = request;
    const { span, origin } = this.#traced.get(facts) ?? {};
    if (!span || origin === undefined) return;
    const kind = facts.operation?.operation;
    const name = nameOf(facts.operation);
    if (kind) span.updateName(name === null ? kind : `${kind} ${name}`);
    const outcome = outcomeOf(request);
    span.setAttributes(attributesOf(request, outcome));
    if (isFault(outcome)) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(origin + performance.now());
  }

  /** Tells what is left to tell, within a few seconds. What cannot be told the log was told of. */
  stop(): Promise<void> {
    return this.#provider.shutdown().catch(() => undefined);
  }

  #tell({ span: request, origin }: Traced, statement: TracedStatement): void {
    const { sql, ms, rows, batch, failed } = statement;
    const endedAt = origin + performance.now();
    const attributes: Attributes = {
      ...{ 'db.system.name': this.#system, 'db.query.text': sql },
      'db.response.returned_rows': rows,
      ...(batch !== null && { 'quartermaster.batch': batch }),
    };
    const options = { kind: SpanKind.CLIENT, startTime: endedAt - ms, attributes };
    const name = /^\w+/.exec(sql)?.[0].toLowerCase() ?? 'sql';
    const span = this.#tracer.startSpan(name, options, api.setSpan(ROOT_CONTEXT, request));
    if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(endedAt);
  }
}

function attributesOf({ facts, status }: EndedRequest, outcome: string): Attributes {
  const { requestId, operation, trace, cost } = facts;
  const name = nameOf(operation);
  return {
    'quartermaster.request_id': requestId,
    ...(status !== null && { 'http.response.status_code': status }),
    ...(operation && { 'graphql.operation.type': operation.operation }),
    ...(name !== null && { 'graphql.operation.name': name }),
    ...(trace && { 'quartermaster.statements': trace.count }),
    ...(cost !== null && { 'quartermaster.cost': cost }),
    ...(outcome !== 'ok' && { 'error.type': outcome }),
  };
}
