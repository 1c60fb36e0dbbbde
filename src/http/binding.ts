import { BlockList, isIP } from 'node:net';
import { type Config, ConfigError } from '../config.ts';

/** The addresses that only this machine reaches itself by. */
const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

type Binding = Pick<Config, 'host' | 'production' | 'behindTls' | 'allowPlainHttp'>;

/**
 * Lets the server listen where keys do not travel in the clear, as far as it can know.
 * @throws ConfigError in production, for a host that others reach, unless somebody said that it is well.
 */
export function checkBinding({ host, production, behindTls, allowPlainHttp }: Binding): void {
  if (!production || behindTls || allowPlainHttp || isLoopback(host)) return;
  throw new ConfigError(
    `HOST: ${host} is reached from other machines, and keys would travel in the clear. Put TLS in ` +
      'front and set BEHIND_TLS=1, or set ALLOW_PLAIN_HTTP=1, or HOST=127.0.0.1.',
  );
}

function isLoopback(host: string): boolean {
  const version = isIP(host);
  if (version === 0) return host.toLowerCase() === 'localhost';
  return LOOPBACK.check(host, version === 4 ? 'ipv4' : 'ipv6');
}
