import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A span as a collector gets it. */
interface Told {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status: { readonly code: number };
  readonly attributes: readonly Attribute[];
}

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: number };
}

/** A span, with its attributes by their keys. */
export interface CollectedSpan extends Omit<Told, 'attributes'> {
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** What takes traces by OTLP over HTTP, in JSON. */
export interface Collector {
  /** What `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` says to get there. */
  readonly url: string;
  readonly headers: readonly IncomingHttpHeaders[];
  /** Everything that came, as it came. */
  readonly texts: readonly string[];
  readonly resource: Readonly<Record<string, unknown>>;
  spans(): CollectedSpan[];
  close(): void;
}

interface Received {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly Told[] }[];
  }[];
}

/** Starts a collector at a port of its own; one that never answers, if it is to be so. */
export async function startCollector({ answers = true } = {}): Promise<Collector> {
  const texts: string[] = [];
  const headers: IncomingHttpHeaders[] = [];
  const server = createServer(async (request, response) => {
    const text = Buffer.concat(await request.toArray()).toString();
    if (request.url === '/v1/traces') texts.push(text);
    headers.push(request.headers);
    if (answers) response.setHeader('content-type', 'application/json').end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const received = () => texts.flatMap((text) => (JSON.parse(text) as Received).resourceSpans);
  return {
    ...{ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`, texts },
    headers,
    get resource() {
      return byKey(received()[0]?.resource.attributes ?? []);
    },
    spans: () =>
      received()
        .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
        .map((span) => ({ ...span, attributes: byKey(span.attributes) })),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const byKey = (attributes: readonly Attribute[]) =>
  Object.fromEntries(
    attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue]),
  );
