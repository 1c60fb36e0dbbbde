import { statSync } from 'node:fs';
import { Command } from 'commander';
import { quartermasterOrm } from '../../mikro-orm.config.ts';
import { findOrganizations } from '../access/organization.service.ts';
import { type Config, readConfig } from '../config.ts';
import { errorCode } from '../database/error-code.ts';
import { openOrm } from '../database/orm.ts';
import { copySqlite, problemsOfSqlite, sealSqlite } from '../database/sqlite-backup.ts';
import { createLog } from '../log.ts';
import { backupFile, PartialFile } from './backup-file.ts';
import { CommandError } from './command-error.ts';
import { existing } from './existing.ts';
import { whenInterrupted } from './interruption.ts';
import { type Progress, startProgress } from './progress.ts';
import { verifyAll } from './verify-all.ts';

interface BackupOptions {
  readonly overwrite: boolean;
}

/** `quartermaster backup` */
export function backupCommand(): Command {
  return new Command('backup')
    .description('Copies the SQLite file while servers write it, and verifies the copy.')
    .argument(
      '[file]',
      'where to; in a directory, and without it here, a file named after the time is made',
    )
    .option('--overwrite', 'replace the file if it is there, once the copy is verified', false)
    .addHelpText('after', HELP)
    .action((file: string | undefined, options: BackupOptions) =>
      backup(readConfig(), file, options),
    );
}

const HELP = `
The copy is of one moment. It gets its name when its pages, its foreign keys and its ledger were found
sound; until then the name ends in .part. docs/operations.md says how it is put back.
PostgreSQL is backed up by pg_dump, which docs/operations.md shows.

Exit codes: 0 there is a sound backup, 1 there is none, 2 called wrongly.

Environment:
  DATABASE_URL           sqlite:path (default sqlite:quartermaster.db)

Examples:
  npx quartermaster backup
  npx quartermaster backup /backups
  npx quartermaster backup --overwrite /backups/latest.db`;

const ON_POSTGRESQL =
  'backup copies a file of SQLite. PostgreSQL has a program for it, of its own version or later: ' +
  'pg_dump --format=custom --file=quartermaster.dump "$DATABASE_URL"; ' +
  'docs/operations.md says how that is put back.';

async function backup(
  config: Config,
  named: string | undefined,
  { overwrite }: BackupOptions,
): Promise<void> {
  const { database } = existing(config);
  if (database.dialect !== 'sqlite') throw new CommandError(ON_POSTGRESQL);
  const { file: source } = database;
  const started = performance.now();
  const file = backupFile(source, named, { now: new Date(), overwrite });
  const partial = new PartialFile(file, overwrite);
  const forget = whenInterrupted(() => partial.remove());
  try {
    await partial.create(source);
    await copy(source, partial.path);
    const sound = await isSound(config, partial.path);
    sealSqlite(partial.path);
    if (!sound) throw new Unsound(partial.path);
    await partial.publish();
  } catch (error) {
    if (!(error instanceof Unsound)) partial.remove();
    throw error;
  } finally {
    forget();
  }
  const megabytes = (statSync(file).size / 1_000_000).toFixed(1);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`Backed up to ${file}: ${megabytes} MB in ${seconds} s.`);
}

/** A copy that is kept to be looked at, and is no backup. */
class Unsound extends CommandError {
  constructor(file: string) {
    super(
      `There is no backup: the copy is not sound. It was kept as ${file} to look at; ` +
        'the database itself may be as it is.',
    );
  }
}

/** @throws CommandError when the source cannot be read, or the copy not be written. */
async function copy(source: string, target: string): Promise<void> {
  let progress: Progress | undefined;
  try {
    await copySqlite(source, target, (done, total) => {
      progress ??= startProgress('Copying', total, 'pages');
      progress.update(done);
    });
  } catch (error) {
    if (!/^SQLITE_/.test(errorCode(error))) throw error;
    throw new CommandError(`${source} cannot be copied: ${(error as Error).message}.`);
  } finally {
    progress?.stop();
  }
  sealSqlite(target);
}

async function isSound(config: Config, file: string): Promise<boolean> {
  const problems = await checked(file);
  for (const problem of problems.slice(0, MOST_NAMED)) console.log(problem);
  return problems.length === 0 && isLedgerSound(config, file);
}

/** How many of the things that are wrong with a file are named. */
const MOST_NAMED = 20;

async function checked(file: string): Promise<string[]> {
  const progress = startProgress('Checking', 1, 'files');
  try {
    const problems = await problemsOfSqlite(file);
    progress.update(1);
    return problems;
  } finally {
    progress.stop();
  }
}

/** Verifies the ledger of a copy, as far as there is one that this version knows. */
async function isLedgerSound(config: Config, file: string): Promise<boolean> {
  const orm = await openOrm(
    quartermasterOrm({ ...config, database: { dialect: 'sqlite', file } }, createLog(config)),
  );
  try {
    const pending = await orm.migrator.getPending();
    if (pending.length > 0) {
      console.log(
        'The ledger was not verified, as migrations are pending: verify it after they are applied.',
      );
      return true;
    }
    const organizations = await findOrganizations(orm.em.fork());
    return organizations.length === 0 || (await verifyAll(orm));
  } finally {
    await orm.close();
  }
}
