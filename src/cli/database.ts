import { quartermasterOrm } from '../../mikro-orm.config.ts';
import type { Config } from '../config.ts';
import type { Orm } from '../database/entity-manager.ts';
import { openOrm } from '../database/orm.ts';
import { createLog } from '../log.ts';
import { CommandError } from './command-error.ts';

/** What a command works with. */
export interface Session {
  readonly config: Config;
  readonly log: ReturnType<typeof createLog>;
  readonly orm: Orm;
}

interface OpenOptions {
  /** Apply pending migrations on PostgreSQL too, or on SQLite only, or never. */
  readonly migrate: boolean | 'never';
}

/**
 * Opens the database that the settings name, with every migration applied.
 * @throws CommandError when migrations are pending that only an administrator may apply.
 */
export async function openDatabase(config: Config, { migrate }: OpenOptions): Promise<Session> {
  const log = createLog(config);
  const orm = await openOrm(quartermasterOrm(config, log));
  try {
    const pending = await orm.migrator.getPending();
    if (pending.length > 0) {
      const allowed = migrate === true || (!migrate && config.database.dialect === 'sqlite');
      if (!allowed) {
        const instead = migrate === 'never' ? ' first' : ', or start with --migrate';
        throw new CommandError(
          `${pending.length} migrations are pending. Run \`npx mikro-orm migration:up\`${instead}.`,
        );
      }
      await orm.migrator.up();
    }
    return { config, log, orm };
  } catch (error) {
    await orm.close();
    throw error;
  }
}

/** Does a command's work on the database, and closes it whatever comes of it. */
export async function withDatabase(
  config: Config,
  options: OpenOptions,
  work: (session: Session) => Promise<void>,
): Promise<void> {
  const session = await openDatabase(config, options);
  try {
    await work(session);
  } finally {
    await session.orm.close();
  }
}
