import { Command } from 'commander';
import { type Config, readConfig } from '../config.ts';
import { withDatabase } from './database.ts';
import { existing } from './existing.ts';
import { DIFFERENT, verifyAll } from './verify-all.ts';

/** `quartermaster verify` */
export function verifyCommand(): Command {
  return new Command('verify')
    .description('Recomputes every ledger from its lines, and lists each difference.')
    .addHelpText('after', HELP)
    .action(() => verify(readConfig()));
}

const HELP = `
Exit codes: 0 no difference, 1 a difference, or the database cannot be verified.
Changes nothing, and the server may be running meanwhile: each organization's ledger is looked at as
it was at one moment.

Environment:
  DATABASE_URL           postgres://… or sqlite:path (default sqlite:quartermaster.db)`;

function verify(config: Config): Promise<void> {
  // It is not migrated: that puts triggers back, and what is verified must not be changed by it.
  return withDatabase(existing(config), { migrate: 'never' }, async ({ orm }) => {
    if (!(await verifyAll(orm))) process.exitCode = DIFFERENT;
  });
}
