import { quartermasterOrm } from '../../mikro-orm.config.ts';
import type { Config } from '../config.ts';
import type { Orm } from '../database/entity-manager.ts';
import { Migrator } from '../database/migrator.ts';
import { openOrm, type TimeLimits } from '../database/orm.ts';
import type { PoolWatch } from '../database/pool.ts';
import { createLog } from '../log.ts';
import { CommandError, rootCause } from './command-error.ts';

/** What a command works with. */
export interface Session {
  readonly config: Config;
  readonly log: ReturnType<typeof createLog>;
  readonly orm: Orm;
}

interface OpenOptions {
  /** What PostgreSQL may take; as long as there is work unless said. Migrations take what they need. */
  readonly timeLimits?: TimeLimits;
  /** Who wants to know of the pool. */
  readonly poolWatch?: PoolWatch | null;
  /** Apply pending migrations on PostgreSQL too, or on SQLite only, or never. */
  readonly migrate: boolean | 'never';
}

/**
 * Opens the database that the settings name, with every migration applied.
 * @throws CommandError when it cannot be opened, when a later version has migrated it, or when migrations
 *   are pending that only an administrator may apply.
 */
export async function openDatabase(
  config: Config,
  { migrate, ...limits }: OpenOptions,
): Promise<Session> {
  const log = createLog(config);
  const orm = await openOrm(quartermasterOrm({ ...config, ...limits }, log));
  try {
    await connect(orm);
    const { pending, unknown } = await compareMigrations(orm);
    refuseUnknown(unknown);
    if (pending.length > 0) {
      const allowed = migrate === true || (!migrate && config.database.dialect === 'sqlite');
      if (!allowed) {
        const some = pending.length === 1 ? 'A migration is' : `${pending.length} migrations are`;
        const instead = migrate === 'never' ? ' first' : ', or add --migrate';
        throw new CommandError(`${some} pending. Run \`npx mikro-orm migration:up\`${instead}.`);
      }
      await orm.migrator.up();
    }
    return { config, log, orm };
  } catch (error) {
    await orm.close();
    throw error;
  }
}

/** What helps where a pooler does not take what is set for each connection. */
const FOR_POOLERS =
  'A pooler takes no options: set PREPARED_STATEMENTS=0, or from pgbouncer 1.21 on ' +
  'ignore_startup_parameters = options there; docs/operations.md says more.';

/** Makes the first connection: the migrator takes a database that it cannot reach for an empty one. */
async function connect(orm: Orm): Promise<void> {
  try {
    await orm.em.getConnection().execute('select 1');
  } catch (error) {
    const { message } = rootCause(error as Error);
    const help = /startup parameter.*\boptions\b/.test(message) ? `. ${FOR_POOLERS}` : '';
    throw new CommandError(`The database cannot be opened: ${message}${help}`);
  }
}

function compareMigrations({ migrator }: Orm) {
  if (!(migrator instanceof Migrator)) throw new Error('The ORM has a migrator of its own');
  return migrator.compare();
}

/** What a later version stores is not known here: it would be broken, or left behind by a copy. */
function refuseUnknown([name]: readonly string[]): void {
  if (name === undefined) return;
  throw new CommandError(
    `A later version of Quartermaster has migrated the database (${name}). Run that version, or have it take its migrations back: docs/operations.md says how.`,
  );
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
