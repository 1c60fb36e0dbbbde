import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What spreads connections over several servers, as a load balancer in front of them does. */
export interface Balancer {
  /** The address of the API behind it. */
  readonly address: string;
  stop(): Promise<void>;
}

/** Starts one at a port of its own: each new connection goes to the next server that takes it. */
export async function startBalancer(addresses: readonly string[]): Promise<Balancer> {
  const ports = addresses.map((address) => Number(new URL(address).port));
  const open = new Set<Socket>();
  let turn = 0;
  const keep = (socket: Socket) => {
    open.add(socket);
    // Whoever is behind it is told by the end of the other half.
    socket.on('error', () => socket.destroy()).on('close', () => open.delete(socket));
  };
  const server = createServer({ pauseOnConnect: true }, (client) => {
    keep(client);
    const from = turn++;
    const tryNext = (tried: number): void => {
      if (tried === ports.length) {
        client.destroy();
        return;
      }
      const upstream = connect(ports[(from + tried) % ports.length] ?? 0, '127.0.0.1');
      const next = () => tryNext(tried + 1);
      upstream.once('error', next).once('connect', () => {
        upstream.off('error', next);
        keep(upstream);
        client.on('close', () => upstream.destroy()).pipe(upstream);
        upstream.on('close', () => client.destroy()).pipe(client);
      });
    };
    tryNext(0);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}/graphql`,
    stop: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
