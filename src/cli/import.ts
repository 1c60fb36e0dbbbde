import { Command, Option } from 'commander';
import type { Columns } from '../exchange/columns.ts';
import { TABLE_NAMES, TABLES, type TableName } from '../exchange/tables.ts';
import { PRESETS } from '../imports/presets.ts';
import { formatOption } from './format-option.ts';
import { importSalesFile, type SalesOptions } from './import-sales.ts';
import { importTables, type TableOptions } from './import-tables.ts';
import { organizationOption } from './organization-option.ts';
import { table } from './table.ts';

/** `quartermaster import` */
export function importCommand(): Command {
  const presets = Object.values(PRESETS);
  const command = new Command('import')
    .enablePositionalOptions()
    .description('Brings files in: what `export` wrote, files of others by a mapping, or sales.')
    .argument('[file]', 'with --preset: a CSV file of sales, plain or gzip')
    .addOption(
      new Option('--preset <name>', 'what the columns of a file of sales mean').choices(
        presets.map(({ name }) => name),
      ),
    )
    .addOption(
      new Option('--on-error <what>', 'with --preset: what to do with a line that cannot be used')
        .choices(['stop', 'skip'])
        .default('stop'),
    )
    .option('--migrate', 'apply pending migrations on PostgreSQL too', false)
    .addHelpText('after', helpText(presets))
    .action(async (file: string | undefined, options: Partial<SalesOptions>) => {
      const { preset, onError = 'stop', migrate = false } = options;
      if (!preset) command.error(UNSAID);
      else if (!file) command.error("error: missing required argument 'file'");
      else await importSalesFile(file, { preset, onError, migrate });
    });
  for (const name of TABLE_NAMES) command.addCommand(tableCommand(name, SAYS[name]));
  return command.addCommand(tableCommand('all', SAYS.all));
}

const UNSAID =
  'error: say what the file has: `quartermaster import items FILE`, or --preset NAME for a file of sales.';

const SAYS: Readonly<Record<TableName | 'all', string>> = {
  locations: 'Makes locations be as a file says, by their code.',
  items:
    'Makes items be as a file says, by their SKU, with the categories and tags that they need.',
  levels: 'Receives opening stock: what a file says is on hand, where nothing is.',
  movements: 'Posts the movements of a file, in its order, each once.',
  all: 'Brings in a directory that `export all` wrote: locations, items, then movements or levels.',
};

function tableCommand(name: TableName | 'all', says: string): Command {
  const command = new Command(name)
    .description(says)
    .argument(name === 'all' ? '<directory>' : '<file>', 'plain or gzip')
    .addOption(formatOption())
    .option('--dry-run', 'do all of it, list every problem, and take it back', false)
    .option('--problems <file>', 'write every problem to a file, as CSV or JSON Lines')
    .option('--escape-formulas', 'the file was written with it', false)
    .option('--migrate', 'apply pending migrations on PostgreSQL too', false)
    .addOption(organizationOption());
  if (name !== 'all')
    command.option('--mapping <file>', 'how the columns of a foreign file become ours');
  if (name === 'levels' || name === 'movements' || name === 'all') {
    command.option('--create-locations', 'make places of codes that no location has', false);
  }
  if (name !== 'all') command.addHelpText('after', columnsText(TABLES[name].columns));
  return command
    .addHelpText('after', ENDING)
    .action((path: string, options: TableOptions) => importTables(name, path, options));
}

const columnsText = (columns: Columns): string => {
  const rows = Object.entries(columns).map(([name, { says, isRequired }]) => [
    `  ${name}`,
    `${isRequired ? 'required; ' : ''}${says}`,
  ]);
  return `\n${table(['Columns:', ''], rows)}`;
};

const ENDING = `
Importing the same file again changes nothing. docs/import-export.md says more.
Exit codes: 0 done, 1 there are problems, 2 called wrongly.

Environment:
  DATABASE_URL           postgres://… or sqlite:path (default sqlite:quartermaster.db)`;

const helpText = (presets: readonly { name: string; description: string }[]): string => `
Presets:
${presets.map(({ name, description }) => `  ${name}  ${description}`).join('\n')}

Examples:
  quartermaster import items items.csv --dry-run
  quartermaster import items parts.csv --mapping examples/import/inventree-parts.json
  quartermaster import all backup-2026-11-26
  quartermaster import --preset online-retail online-retail.csv.gz

Importing the same file again changes nothing; an import that was stopped goes on where it ended.
Every movement is whole or not there.`;
