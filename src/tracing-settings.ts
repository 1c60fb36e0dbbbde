import { z } from 'zod';

const SAMPLERS = ['always_on', 'always_off', 'traceidratio'] as const;
const PARENT_BASED = SAMPLERS.map((name) => `parentbased_${name}` as const);

/** Where traces are told, and of which requests. */
export interface TracingConfig {
  /** Where a collector takes spans: OTLP over HTTP, in JSON. */
  readonly url: string;
  /** Which traces are begun here, and whether one that was begun elsewhere is decided on there. */
  readonly sampler: (typeof SAMPLERS)[number] | (typeof PARENT_BASED)[number];
  /** What part of them `traceidratio` takes. */
  readonly ratio: number;
}

const endpoint = z
  .string()
  .refine((value) => /^https?:\/\//.test(value) && URL.canParse(value), {
    error: 'expected the address of a collector, such as http://localhost:4318',
  })
  .optional();

const protocol = z
  .literal('http/json', { error: 'expected http/json: no other is spoken' })
  .optional();

/** What the exporter reads from the environment by itself. */
const exporters = z.string().optional();

/** The variables of OpenTelemetry that are heeded, by their standard names. */
export const TRACING_SETTINGS = {
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint,
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: protocol,
  OTEL_EXPORTER_OTLP_HEADERS: exporters,
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: exporters,
  OTEL_EXPORTER_OTLP_COMPRESSION: exporters,
  OTEL_EXPORTER_OTLP_CERTIFICATE: exporters,
  OTEL_SERVICE_NAME: exporters,
  OTEL_RESOURCE_ATTRIBUTES: exporters,
  OTEL_SDK_DISABLED: z.string().optional(),
  OTEL_TRACES_SAMPLER: z
    .enum([...SAMPLERS, ...PARENT_BASED], {
      error: `expected one of ${[...SAMPLERS, ...PARENT_BASED].join(', ')}`,
    })
    .default('parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: z
    .string()
    .regex(/^(0(\.\d+)?|1(\.0+)?)$/, 'expected a number from 0 to 1, such as 0.1')
    .transform(Number)
    .default(1),
};

const settings = z.object(TRACING_SETTINGS);

/** How traces are to be told; null where no collector was named, or all of it was switched off. */
export function tracingOf(values: z.output<typeof settings>): TracingConfig | null {
  if (values.OTEL_SDK_DISABLED?.toLowerCase() === 'true') return null;
  const base = values.OTEL_EXPORTER_OTLP_ENDPOINT;
  const url =
    values.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? (base && `${base.replace(/\/$/, '')}/v1/traces`);
  if (!url) return null;
  return { url, sampler: values.OTEL_TRACES_SAMPLER, ratio: values.OTEL_TRACES_SAMPLER_ARG };
}
