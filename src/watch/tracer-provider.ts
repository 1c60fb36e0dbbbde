import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Logger } from 'pino';
import type { TracingConfig } from '../tracing-settings.ts';
import { ToldExporter } from './told-exporter.ts';

/** How long, in milliseconds, it is tried to tell spans, with all that is tried again. A stop waits for it. */
const EXPORT_MS = 3000;

/** The processor gives up later than the exporter, which knows why. */
const GIVE_UP_MS = EXPORT_MS + 500;

/**
 * What makes spans and tells them in the background, some hundred at once. Those that a collector does not
 * take are lost: at most 2,048 wait, and no request waits for them.
 */
export function tracerProvider(config: TracingConfig, log: Logger): TracerProvider {
  const exporter = new OTLPTraceExporter({ url: config.url, timeoutMillis: EXPORT_MS });
  const processor = new BatchSpanProcessor({
    exporter: new ToldExporter(exporter, log),
    exportTimeoutMillis: GIVE_UP_MS,
  });
  const resource = defaultResource()
    .merge(resourceFromAttributes({ 'service.name': 'quartermaster' }))
    .merge(detectResources({ detectors: [envDetector] }));
  return new TracerProvider({ resource, sampler: samplerOf(config), spanProcessors: [processor] });
}

function samplerOf({ sampler, ratio }: TracingConfig): Sampler {
  const [, parentBased, name] = /^(parentbased_)?(.+)$/.exec(sampler) ?? [];
  const root = name === 'traceidratio' ? new TraceIdRatioBasedSampler(ratio) : always(name);
  return parentBased ? new ParentBasedSampler({ root }) : root;
}

const always = (name: string | undefined): Sampler =>
  name === 'always_off' ? new AlwaysOffSampler() : new AlwaysOnSampler();
