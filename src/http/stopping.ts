import type { RequestListener, Server, ServerResponse } from 'node:http';
import { Server as NetServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** How long, in milliseconds, a connection may do nothing before it is closed, while the server stops. */
const IDLE_MS = 500;

/** How long, in milliseconds, requests that are under way may take. */
const DRAIN_MS = 8500;

const NOT_READY = 'The server stops.\n';

/**
 * Stops a server without losing a request: who asks whether it is ready hears that it is not, each
 * connection is told with its next answer that it was the last, and what was read is answered.
 */
export class Stopping {
  readonly #underWay = new Set<ServerResponse>();
  #isStopping = false;

  /** Keeps account of what is under way. */
  watch(listener: RequestListener): RequestListener {
    return (request, response) => {
      this.#underWay.add(response);
      response.once('close', () => this.#underWay.delete(response));
      if (this.#isStopping) {
        lastOf(response);
        if (request.url === '/readyz') return void response.writeHead(503).end(NOT_READY);
      }
      listener(request, response);
    };
  }

  /**
   * Stops a server.
   * @param delayMs for how long it is told first that the server is not ready, and everything else goes on.
   */
  async stop(server: Server, delayMs: number): Promise<void> {
    this.#isStopping = true;
    for (const response of this.#underWay) lastOf(response);
    await pause(delayMs);
    const { promise, resolve } = Promise.withResolvers<void>();
    const cut = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
    // The http server's own `close` cuts idle connections at once, with the request that may be on its way.
    NetServer.prototype.close.call(server, () => resolve());
    const idle = setInterval(() => server.closeIdleConnections(), IDLE_MS);
    await promise;
    clearTimeout(cut);
    clearInterval(idle);
  }
}

/** Has an answer be the last of its connection, unless it was begun already. */
function lastOf(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('connection', 'close');
}
