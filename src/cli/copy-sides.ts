import { realpathSync } from 'node:fs';
import { type Config, type DatabaseAddress, readDatabaseAddress } from '../config.ts';
import { CommandError } from './command-error.ts';
import { openDatabase, type Session } from './database.ts';
import { existing } from './existing.ts';

/** The two databases of a copy. */
export interface Sides {
  readonly source: Session;
  readonly target: Session;
}

/**
 * Opens the database to copy and the one to copy it into, and closes both whatever comes of the work.
 * @throws CommandError when they are one, or not both there with the migrations of this version.
 */
export async function withSides(
  config: Config,
  addresses: { readonly from: string; readonly to: string },
  work: (sides: Sides) => Promise<void>,
): Promise<void> {
  const from = readDatabaseAddress('--from', addresses.from);
  const to = readDatabaseAddress('--to', addresses.to);
  if (isSame(from, to)) throw new CommandError('--from and --to name the same database.');
  const source = await open(config, '--from', from);
  try {
    const target = await open(config, '--to', to);
    try {
      await work({ source, target });
    } finally {
      await target.orm.close();
    }
  } finally {
    await source.orm.close();
  }
}

type Side = '--from' | '--to';

async function open(config: Config, side: Side, database: DatabaseAddress): Promise<Session> {
  try {
    return await openDatabase(existing({ ...config, database }), { migrate: 'never' });
  } catch (error) {
    throw error instanceof CommandError ? new CommandError(tell(side, error.message)) : error;
  }
}

/** The migrations make a database, and bring it up to this version, where `DATABASE_URL` names it. */
function tell(side: Side, message: string): string {
  const said = `${side}: ${message.replace(/\.?$/, '.')}`;
  if (side === '--from') return said;
  return `${said} What is copied into is made by \`npx mikro-orm migration:up\`, with DATABASE_URL naming it.`;
}

/** Whether two addresses plainly name one database; what they hide is found in the target: data. */
function isSame(from: DatabaseAddress, to: DatabaseAddress): boolean {
  if (from.dialect === 'sqlite')
    return to.dialect === 'sqlite' && path(from.file) === path(to.file);
  return to.dialect === 'postgresql' && place(from.url) === place(to.url);
}

function path(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    // It is not there, which whoever opens it says.
    return file;
  }
}

/** Where a database of PostgreSQL is, whoever asks for it. */
function place(url: string): string {
  const { hostname, port, pathname } = new URL(url);
  return `${hostname}:${port || '5432'}${pathname}`;
}
