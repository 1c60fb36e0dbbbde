import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import type { Logger } from 'pino';
import { errorCode } from '../database/error-code.ts';

type Done = Parameters<SpanExporter['export']>[1];

/** Has the log know when a collector begins to take no spans, and when it takes them again: once each. */
export class ToldExporter implements SpanExporter {
  readonly #exporter: SpanExporter;
  readonly #log: Logger;
  #lost = 0;

  constructor(exporter: SpanExporter, log: Logger) {
    this.#exporter = exporter;
    this.#log = log;
  }

  export(spans: ReadableSpan[], done: Done): void {
    this.#exporter.export(spans, (result) => {
      if (result.error) this.#failed(result.error, spans.length);
      else this.#succeeded();
      done(result);
    });
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }

  forceFlush(): Promise<void> {
    return this.#exporter.forceFlush?.() ?? Promise.resolve();
  }

  /** An address may have a password, and an answer anything: neither is told. */
  #failed(error: Error, spans: number): void {
    const reason = errorCode(error) || error.name;
    if (this.#lost === 0) this.#log.warn({ reason }, 'traces are lost: the collector takes none');
    this.#lost += spans;
  }

  #succeeded(): void {
    if (this.#lost > 0) this.#log.info({ lost: this.#lost }, 'the collector takes traces again');
    this.#lost = 0;
  }
}
