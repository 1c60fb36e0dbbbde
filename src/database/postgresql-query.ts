import { connect } from 'node:net';
import type { Cancellation } from './cancellation.ts';
import { errorCode } from './error-code.ts';

interface Result {
  readonly rows: Record<string, unknown>[];
}

/** A connection to PostgreSQL, and what its server knows it by. */
interface Client {
  readonly host: string;
  readonly port: number;
  readonly processID: number;
  readonly secretKey: number;
  query(query: object): Promise<Result>;
  on(event: 'error', listener: (error: Error) => void): void;
  off(event: 'error', listener: (error: Error) => void): void;
  /** Gives it back to the pool; with an error it is closed. */
  release(error?: Error): void;
}

/** The driver's pool, as far as statements need it. */
export interface Pool {
  query(query: object): Promise<Result>;
  connect(): Promise<Client>;
}

/** What PostgreSQL answers where a statement was cancelled: its connection is as good as before. */
const CANCELLED = '57014';

/** Runs a statement on a connection of the pool, and has PostgreSQL cancel it when its request is to end. */
export async function queryCancellably(
  pool: Pool,
  query: object,
  cancellation: Cancellation,
): Promise<Result> {
  const client = await pool.connect();
  let cancelling: Promise<boolean> | undefined;
  const forget = cancellation.onCancel(() => {
    cancelling = cancelStatement(client);
  });
  // The query fails with the connection; the event alone, unheard, would end the process.
  const heard = () => undefined;
  client.on('error', heard);
  let broken: Error | undefined;
  try {
    cancellation.throwIfCancelled();
    return await client.query(query);
  } catch (error) {
    if (errorCode(error) !== CANCELLED && error !== cancellation.reason) broken = error as Error;
    throw cancellation.reason ?? error;
  } finally {
    forget();
    // Until then the server may cancel whatever the connection does next.
    if (cancelling && !(await cancelling)) broken ??= cancellation.reason;
    client.off('error', heard);
    client.release(broken);
  }
}

/** The number by which PostgreSQL's protocol knows a request to cancel. */
const CANCEL_REQUEST = 80_877_102;

/** How long, in milliseconds, the server may take to say that it has passed a request on. */
const LONGEST_CANCEL_MS = 5000;

/**
 * Asks the server to cancel what a connection is at: on a connection of its own, as the protocol has it,
 * which needs no place in the pool. Where it cannot be asked, the statement's own time limit ends it.
 * @returns whether it is known that the server does not cancel anything from now on.
 */
function cancelStatement({ host, port, processID, secretKey }: Client): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const message = Buffer.alloc(16);
  for (const [index, word] of [message.length, CANCEL_REQUEST, processID, secretKey].entries()) {
    message.writeInt32BE(word, index * 4);
  }
  const address = host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port };
  // Not ended from here: pgbouncer forgets a request whose sender hangs up before it is passed on.
  const socket = connect(address, () => socket.write(message));
  socket.setTimeout(LONGEST_CANCEL_MS, () => {
    resolve(false);
    socket.destroy();
  });
  socket.on('error', () => resolve(true));
  socket.on('close', () => resolve(true));
  // The server closes the connection once it has passed the request on.
  socket.resume();
  return promise;
}
