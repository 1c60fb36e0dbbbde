import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CommandError } from './command-error.ts';

/** The settings that say where to listen. */
const HOST_SETTINGS = { PORT: 'HOST', METRICS_PORT: 'METRICS_HOST' } as const;

/**
 * Has a server listen.
 * @param setting is the one that the port came from.
 * @throws CommandError that says which setting to change.
 */
export function listen(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
  setting: keyof typeof HOST_SETTINGS,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', (error: NodeJS.ErrnoException) => {
    const settings = `${HOST_SETTINGS[setting]} or ${setting}`;
    const taken = `Port ${port} of ${host} is taken: set ${setting} to another one.`;
    const other = `Cannot listen at ${host}, port ${port} (${error.code}): set ${settings}.`;
    reject(new CommandError(error.code === 'EADDRINUSE' ? taken : other));
  });
  server.listen(port, host, resolve);
  return promise;
}

/** Where a server listens, as an address says it. */
export function hostOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
