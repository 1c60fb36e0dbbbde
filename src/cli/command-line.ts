import { Command, CommanderError } from 'commander';
import { ConfigError } from '../config.ts';
import { DomainError } from '../errors.ts';
import { ExchangeError } from '../exchange/exchange.errors.ts';
import { isUnavailable } from '../graphql/faults.ts';
import { backupCommand } from './backup.ts';
import { CommandError, rootCause } from './command-error.ts';
import { copyCommand } from './copy.ts';
import { demoCommand } from './demo.ts';
import { exportCommand } from './export.ts';
import { importCommand } from './import.ts';
import { keyCommand } from './key.ts';
import { organizationCommand } from './organization.ts';
import { serveCommand } from './serve.ts';
import { verifyCommand } from './verify.ts';

/** Exit codes: 0 done, 1 failed, 2 called wrongly. */
const FAILED = 1;
const CALLED_WRONGLY = 2;

/** Runs the command that the arguments name, and sets the process's exit code. */
export async function runCommandLine(argv: readonly string[]): Promise<void> {
  const program = new Command('quartermaster')
    .description('An inventory server: GraphQL over a stock ledger that cannot lose a unit.')
    .exitOverride()
    .showHelpAfterError('Try --help.')
    .addCommand(serveCommand())
    .addCommand(demoCommand())
    .addCommand(exportCommand())
    .addCommand(importCommand())
    .addCommand(verifyCommand())
    .addCommand(backupCommand())
    .addCommand(copyCommand())
    .addCommand(keyCommand())
    .addCommand(organizationCommand());
  for (const command of everyCommand(program))
    command.exitOverride().copyInheritedSettings(program);
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : CALLED_WRONGLY;
      return;
    }
    console.error(`quartermaster: ${explain(error)}`);
    process.exitCode = FAILED;
  }
}

/** The commands below one, however deep. */
const everyCommand = ({ commands }: Command): Command[] =>
  commands.flatMap((command) => [command, ...everyCommand(command)]);

/** What went wrong in one line where its reader can act on it; else with all that helps to find it. */
function explain(error: unknown): string {
  const explained = [CommandError, ConfigError, DomainError, ExchangeError];
  if (explained.some((kind) => error instanceof kind)) return (error as Error).message;
  if (!(error instanceof Error)) return String(error);
  if (isUnavailable(error)) return `The database cannot be reached: ${rootCause(error).message}`;
  return error.stack ?? error.message;
}
