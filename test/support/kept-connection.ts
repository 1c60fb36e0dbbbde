import { Agent, type IncomingHttpHeaders, request } from 'node:http';

/** An answer as it came. */
export interface KeptAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever they asked for
  readonly body: any;
}

/** One connection that a client keeps between its requests, as programs do. */
export class KeptConnection {
  readonly #address: URL;
  readonly #key: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(address: string, key: string) {
    this.#address = new URL(address);
    this.#key = key;
  }

  /** Asks for an address. Fails when the connection does. */
  get(path: string): Promise<KeptAnswer> {
    return this.#send('GET', new URL(path, this.#address), '');
  }

  /** Sends an operation. Fails when the connection does. */
  post(query: string, variables: object = {}): Promise<KeptAnswer> {
    return this.#send('POST', this.#address, JSON.stringify({ query, variables }));
  }

  #send(method: string, address: URL, body: string): Promise<KeptAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<KeptAnswer>();
    const headers = {
      authorization: `Bearer ${this.#key}`,
      ...(body !== '' && { 'content-type': 'application/json' }),
      'content-length': Buffer.byteLength(body),
    };
    const sent = request(address, { method, agent: this.#agent, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
      });
      answer.on('error', reject).on('end', () => {
        const { statusCode: status = 0, headers: told } = answer;
        const isJson = told['content-type']?.includes('json');
        resolve({ status, headers: told, body: isJson ? JSON.parse(text) : text });
      });
    });
    sent.on('error', reject).end(body);
    return promise;
  }

  close(): void {
    this.#agent.destroy();
  }
}
