import { setTimeout as pause } from 'node:timers/promises';
import { KeptConnection } from './kept-connection.ts';
import type { Ending, TestProcess } from './process.ts';

const CREATE = 'mutation ($name: String!) { tagCreate(input: { name: $name }) { __typename } }';

interface Load {
  readonly address: string;
  readonly key: string;
  readonly clients: number;
  /** For how long, in milliseconds, they send before the server is told to stop. */
  readonly ms: number;
  /** Tells apart what is made in several runs on one database. */
  readonly round?: number;
}

/** What became of the requests of clients whose server was told to stop. */
export interface Stopped {
  /** The names of the tags that were said to be there. */
  readonly acknowledged: readonly string[];
  /** Why connections ended without an answer. */
  readonly lost: readonly string[];
  /** How many connections were told that they end, or were closed after doing nothing for a while. */
  readonly told: number;
  readonly ending: Ending;
  /** How long the server took to end, in milliseconds. */
  readonly endedMs: number;
}

/** Has clients make tags as fast as they are answered, each on one connection, and stops the server meanwhile. */
export async function stopUnderLoad(server: TestProcess, load: Load): Promise<Stopped> {
  const acknowledged: string[] = [];
  const lost: string[] = [];
  let told = 0;
  /** Makes one tag, and tells whether the connection may be used again. */
  const create = async (connection: KeptConnection, name: string): Promise<boolean> => {
    const { status, headers, body } = await connection.post(CREATE, { name });
    if (body.data?.tagCreate?.__typename === 'TagCreateSuccess') acknowledged.push(name);
    // Who has to come back later was answered too.
    else if (status !== 503) throw new Error(`${status} ${JSON.stringify(body)}`);
    return headers.connection !== 'close';
  };
  const client = async (number: number) => {
    const connection = new KeptConnection(load.address, load.key);
    try {
      for (let index = 0; ; index += 1) {
        if (!(await create(connection, `tag ${load.round ?? 1} ${number} ${index}`))) break;
      }
      told += 1;
    } catch (error) {
      // Closed while it did nothing: the server never saw the request, and takes no new connection.
      if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') told += 1;
      else lost.push(String(error));
    } finally {
      connection.close();
    }
  };
  const clients = Promise.all(Array.from({ length: load.clients }, (_, number) => client(number)));
  await pause(load.ms);
  const started = performance.now();
  const ending = await server.stop('SIGTERM');
  const endedMs = performance.now() - started;
  await clients;
  return { acknowledged, lost, told, ending, endedMs };
}
