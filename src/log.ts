import { type Logger, pino } from 'pino';
import type { Config } from './config.ts';

/** The process's log: one JSON object a line, on standard error, free of secrets and of callers' data. */
export function createLog({ logLevel }: Pick<Config, 'logLevel'>): Logger {
  return pino({ level: logLevel, base: null }, pino.destination(2));
}
