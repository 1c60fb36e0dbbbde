import type { IncomingMessage } from 'node:http';

const ADDRESSES = new Set<string | undefined>(['/healthz', '/readyz']);

/** Whether a request is one of those by which machines look, all day, whether the server is well. */
export const isForMachines = ({ url }: IncomingMessage): boolean => ADDRESSES.has(url);
