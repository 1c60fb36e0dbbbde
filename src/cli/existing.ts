import { existsSync } from 'node:fs';
import type { Config } from '../config.ts';
import { CommandError } from './command-error.ts';

/** The settings, if the database that they name is there: opening a file of SQLite would make it. */
export function existing(config: Config): Config {
  const { database } = config;
  if (database.dialect === 'sqlite' && !existsSync(database.file)) {
    throw new CommandError(`There is no database at ${database.file}.`);
  }
  return config;
}
