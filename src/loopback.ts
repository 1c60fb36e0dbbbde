import { BlockList, isIP } from 'node:net';

/** The addresses that only this machine reaches itself by. */
const ADDRESSES = new BlockList();
ADDRESSES.addSubnet('127.0.0.0', 8, 'ipv4');
ADDRESSES.addAddress('::1', 'ipv6');

/** Whether a host, by name or address, is this machine and nothing that others reach. */
export function isLoopback(host: string): boolean {
  const version = isIP(host);
  if (version === 0) return host.toLowerCase() === 'localhost';
  return ADDRESSES.check(host, version === 4 ? 'ipv4' : 'ipv6');
}
