import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Argument, Command, Option } from 'commander';
import { readConfig } from '../config.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { errorCode } from '../database/error-code.ts';
import { inSnapshot } from '../database/snapshot.ts';
import { tableText, writeFileOf } from '../exchange/export.service.ts';
import { countRows } from '../exchange/row-count.ts';
import type { TableFormat } from '../exchange/table-text.ts';
import { TABLE_NAMES, type TableName } from '../exchange/tables.ts';
import { CommandError } from './command-error.ts';
import { withDatabase } from './database.ts';
import { existing } from './existing.ts';
import { count } from './figures.ts';
import { formatOf, formatOption } from './format-option.ts';
import { keepHeapSmall } from './heap.ts';
import { organizationOption, ownerOf } from './organization-option.ts';
import { startProgress } from './progress.ts';

interface ExportOptions {
  readonly format?: TableFormat['format'];
  readonly gzip: boolean;
  readonly allColumns: boolean;
  readonly escapeFormulas: boolean;
  readonly organization?: number;
}

/** `quartermaster export` */
export function exportCommand(): Command {
  return new Command('export')
    .description('Writes what there is to files, as CSV or JSON Lines, all of one moment.')
    .addArgument(new Argument('<what>', 'which rows').choices([...TABLE_NAMES, 'all']))
    .argument(
      '[path]',
      'a file, of `all` a directory; what there is goes to the output unless said',
    )
    .addOption(formatOption())
    .option(
      '--gzip',
      'pack the files of `all`; a single one is packed when its name ends in .gz',
      false,
    )
    .option('--all-columns', 'write columns too that an import passes over', false)
    .addOption(
      new Option(
        '--escape-formulas',
        'write an apostrophe before what a spreadsheet would compute',
      ).default(false),
    )
    .addOption(organizationOption())
    .addHelpText('after', HELP)
    .action((what: TableName | 'all', path: string | undefined, options: ExportOptions) => {
      keepHeapSmall('files');
      return withDatabase(existing(readConfig()), { migrate: 'never' }, async ({ orm }) => {
        const { organizationId } = await ownerOf(orm.em.fork(), options.organization);
        await inSnapshot(orm.em.fork(), async (em) => {
          if (what === 'all') await exportAll(em, organizationId, path, options);
          else await exportOne(em, organizationId, { table: what, file: path, options });
        });
      });
    });
}

const HELP = `
Examples:
  quartermaster export items items.csv
  quartermaster export movements movements.jsonl.gz
  quartermaster export levels --all-columns > levels.csv
  quartermaster export all backup-2026-11-26

Changes nothing, and the server may be running meanwhile. What is written, \`quartermaster import\`
takes back; docs/import-export.md says what each column means.

Environment:
  DATABASE_URL           postgres://… or sqlite:path (default sqlite:quartermaster.db)`;

async function exportAll(
  em: EntityManager,
  organizationId: number,
  directory: string | undefined,
  options: ExportOptions,
): Promise<void> {
  if (!directory) throw new CommandError('Say which directory the files are to go to.');
  await mkdir(directory, { recursive: true });
  for (const table of TABLE_NAMES) {
    const name = `${table}.${options.format ?? 'csv'}${options.gzip ? '.gz' : ''}`;
    await exportOne(em, organizationId, { table, file: join(directory, name), options });
  }
}

interface OneExport {
  readonly table: TableName;
  readonly file: string | undefined;
  readonly options: ExportOptions;
}

async function exportOne(
  em: EntityManager,
  organizationId: number,
  { table, file, options }: OneExport,
): Promise<void> {
  const total = await countRows(em, organizationId, table);
  const progress = startProgress(`Writing ${table}`, total, 'rows');
  let rows = 0;
  const onRows = (done: number) => {
    rows = done;
    progress.update(done);
  };
  const { allColumns: tellsAll, escapeFormulas: escapesFormulas } = options;
  const format = { format: formatOf(options.format, file), tellsAll, escapesFormulas };
  const text = tableText(em, organizationId, { ...format, table, onRows });
  try {
    if (file === undefined) await writeOut(text);
    else await writeFileOf(file, text);
  } finally {
    progress.stop();
  }
  if (file !== undefined) console.log(`${file}: ${count(rows)} rows`);
}

/**
 * Writes to the output, no faster than it is read.
 * @throws CommandError when it is closed before all is written.
 */
async function writeOut(text: AsyncIterable<string>): Promise<void> {
  const { stdout } = process;
  let failure: Error | undefined;
  const onError = (error: Error) => {
    failure = error;
  };
  stdout.on('error', onError);
  try {
    for await (const piece of text) {
      if (!stdout.write(piece)) await once(stdout, 'drain');
      if (failure) throw failure;
    }
  } catch (error) {
    if (errorCode(error) !== 'EPIPE') throw error;
    throw new CommandError('The output was closed before all was written.');
  } finally {
    stdout.off('error', onError);
  }
}
