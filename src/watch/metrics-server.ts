import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Metrics } from './metrics.ts';
import type { Reading } from './reading.ts';

/** How long, in milliseconds, whoever asks may take to send. */
const SENDING_MS = 5000;

const PATH = '/metrics';

/**
 * The server of the metrics, which is not the one of the API: it needs no key, is answered while that one
 * has too much to do, and is not reached by whoever reaches that one.
 */
export function metricsServer(metrics: Metrics, read: () => Promise<Reading | null>): Server {
  const options = { headersTimeout: SENDING_MS, requestTimeout: SENDING_MS };
  return createServer(options, ({ method, url }, response) => {
    if (url !== PATH) return refuse(response, 404, `Nothing is here: metrics are at ${PATH}`);
    if (method !== 'GET') return refuse(response, 405, 'Metrics are read by GET');
    answer(response, metrics, read).catch((error: Error) => response.destroy(error));
  });
}

async function answer(
  response: ServerResponse,
  metrics: Metrics,
  read: () => Promise<Reading | null>,
): Promise<void> {
  const text = await metrics.text(read);
  response.writeHead(200, { 'content-type': metrics.contentType }).end(text);
}

function refuse(response: ServerResponse, status: number, message: string): void {
  const headers = { 'content-type': 'text/plain; charset=utf-8', connection: 'close' };
  response.writeHead(status, { ...headers, ...(status === 405 && { allow: 'GET' }) });
  response.end(`${message}\n`);
}
