import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { generateApiKey } from '../access/api-key.service.ts';
import { findFirstOwner } from '../access/organization.service.ts';
import type { Viewer } from '../access/viewer.ts';
import { readConfig } from '../config.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { type ImportDone, importFiles } from '../exchange/import.service.ts';
import { readMapping } from '../exchange/mapping.ts';
import type { Problem } from '../exchange/problem.ts';
import { explainFile } from '../exchange/source-file.ts';
import { type FileSurvey, type ImportFile, surveyFile } from '../exchange/survey.ts';
import { TABLES, type TableName } from '../exchange/tables.ts';
import { CommandError } from './command-error.ts';
import { type Session, withDatabase } from './database.ts';
import { count } from './figures.ts';
import { ensureOrganization, foundOrganization } from './first-start.ts';
import { formatOf } from './format-option.ts';
import { keepHeapSmall } from './heap.ts';
import { reportImport } from './import-report.ts';
import { ownerOf } from './organization-option.ts';
import { startProgress } from './progress.ts';
import { showReading } from './reading.ts';
import { writeProblems } from './write-problems.ts';

export interface TableOptions {
  readonly format?: 'csv' | 'jsonl';
  readonly mapping?: string;
  readonly dryRun: boolean;
  readonly problems?: string;
  readonly escapeFormulas: boolean;
  readonly createLocations?: boolean;
  readonly migrate: boolean;
  readonly organization?: number;
}

/** Brings a file in, or a directory of files. */
export async function importTables(
  what: TableName | 'all',
  path: string,
  options: TableOptions,
): Promise<void> {
  keepHeapSmall('files');
  const files = what === 'all' ? await filesIn(path) : [{ table: what, file: path }];
  const surveys: FileSurvey[] = [];
  for (const file of files) surveys.push(await survey(await describe(file, options)));
  await withDatabase(readConfig(), options, (session) => importSurveyed(session, surveys, options));
}

type NamedFile = Pick<ImportFile, 'table' | 'file'>;

async function describe({ table, file }: NamedFile, options: TableOptions): Promise<ImportFile> {
  const { columns } = TABLES[table];
  return {
    ...{ table, file },
    format: formatOf(options.format, file),
    escapesFormulas: options.escapeFormulas,
    mapping: options.mapping ? await readMapping(options.mapping, table, columns) : undefined,
  };
}

/** The files of a directory in the order in which they are taken; levels follow from movements. */
async function filesIn(directory: string): Promise<NamedFile[]> {
  const names = await readdir(directory).catch((error: unknown) => {
    throw explainFile(error, directory);
  });
  const find = (table: TableName): NamedFile[] => {
    const own = names.filter((name) => new RegExp(`^${table}\\.(csv|jsonl)(\\.gz)?$`).test(name));
    if (own.length > 1) throw new CommandError(`${directory} has ${own.join(' and ')}: keep one.`);
    return own.map((name) => ({ table, file: join(directory, name) }));
  };
  const stock = find('movements').length > 0 ? find('movements') : find('levels');
  const files = [...find('locations'), ...find('items'), ...stock];
  if (files.length > 0) return files;
  throw new CommandError(
    `${directory} has no locations.csv, items.csv, movements.csv or levels.csv.`,
  );
}

const survey = (file: ImportFile): Promise<FileSurvey> =>
  showReading(`Reading ${file.table}`, file.file, (onBytes) => surveyFile(file, onBytes));

async function importSurveyed(
  { orm, config }: Session,
  surveys: readonly FileSurvey[],
  options: TableOptions,
): Promise<void> {
  const unreadable = surveys.flatMap(({ problems }) => problems);
  const { organization, dryRun } = options;
  const isRun = unreadable.length === 0 || dryRun;
  let newKey: string | null = null;
  const viewerOf = async (em: EntityManager): Promise<Viewer> => {
    if (organization !== undefined || dryRun) return ownerFor(em, options);
    const founded = await ensureOrganization(em, config);
    newKey = founded.newKey;
    return founded.owner;
  };
  const started = performance.now();
  const done = isRun ? await carryOut(orm.em, viewerOf, surveys, options) : NOTHING;
  const seconds = (performance.now() - started) / 1000;
  const problems = inOrder([...unreadable, ...done.problems], surveys);
  if (options.problems !== undefined) await writeProblems(options.problems, problems);
  console.log(reportImport({ done, problems, surveys, isDry: dryRun, seconds }));
  if (newKey) console.log(`\nThe owner's key, shown this once: ${newKey}`);
  if (problems.length > 0) throw new CommandError(ending(problems.length, done, options));
}

/** Whom an import is for; a dry run on an empty database makes an organization, and takes it back. */
async function ownerFor(
  em: EntityManager,
  { organization, dryRun }: TableOptions,
): Promise<Viewer> {
  if (!dryRun || organization !== undefined) return ownerOf(em.fork(), organization);
  const found = await findFirstOwner(em);
  return found ?? foundOrganization(em, { name: 'My organization', ownerKey: generateApiKey() });
}

const NOTHING: ImportDone = { tables: [], locationsCreated: 0, problems: [] };

async function carryOut(
  em: Session['orm']['em'],
  viewerOf: (em: EntityManager) => Promise<Viewer>,
  files: readonly FileSurvey[],
  { dryRun: isDry, createLocations = false }: TableOptions,
): Promise<ImportDone> {
  const total = files.reduce((sum, { rows }) => sum + rows, 0);
  const progress = startProgress(isDry ? 'Trying' : 'Importing', total, 'rows');
  const before = new Map<TableName, number>();
  let earlier = 0;
  for (const { file, rows } of files) {
    before.set(file.table, earlier);
    earlier += rows;
  }
  const onRows = (table: TableName, rows: number) =>
    progress.update((before.get(table) ?? 0) + rows);
  return importFiles(em, viewerOf, { files, isDry, createLocations, onRows }).finally(() =>
    progress.stop(),
  );
}

/** Problems file by file, in the order of the rows. */
function inOrder(problems: readonly Problem[], surveys: readonly FileSurvey[]): Problem[] {
  const place = new Map(surveys.map(({ file }, index) => [file.file, index]));
  const fileOf = ({ file }: Problem) => place.get(file) ?? 0;
  return problems.toSorted((a, b) => fileOf(a) - fileOf(b) || a.row - b.row);
}

function ending(problems: number, { tables }: ImportDone, { dryRun }: TableOptions): string {
  const some = problems === 1 ? 'There is a problem' : `There are ${count(problems)} problems`;
  if (dryRun) return `${some}; nothing was changed, as this was a dry run.`;
  const kept = tables.some(({ counts }) => Object.values(counts).some((rows) => rows > 0));
  return kept
    ? `${some}; what is counted above is done and stays, the rest is not. Mend the file and run it again, with --dry-run to hear of every problem.`
    : `${some}; nothing was changed. --dry-run tells of every problem.`;
}
