import { type Config, ConfigError } from '../config.ts';
import { isLoopback } from '../loopback.ts';

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
