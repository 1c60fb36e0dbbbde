import type { ImportDone } from '../exchange/import.service.ts';
import type { Problem } from '../exchange/problem.ts';
import type { FileSurvey } from '../exchange/survey.ts';
import { count, figureLines, peakMebibytes } from './figures.ts';
import { table } from './table.ts';

/** How many problems the report shows; all of them are in the file that `--problems` names. */
const SHOWN = 50;

/** Longest value that it shows, in characters. */
const MAX_VALUE = 40;

interface ImportFacts {
  readonly done: ImportDone;
  readonly problems: readonly Problem[];
  readonly surveys: readonly FileSurvey[];
  readonly isDry: boolean;
  readonly seconds: number;
}

/** What an import did, and what is wrong with its files, for people. */
export function reportImport({ done, problems, surveys, isDry, seconds }: ImportFacts): string {
  const rows = surveys.reduce((sum, survey) => sum + survey.rows, 0);
  const figures: (readonly [string, string])[] = [
    ...surveys.map(({ file, rows: own }) => [`Rows of ${file.table}`, count(own)] as const),
    ...done.tables.map(({ table: name, counts }) => [capital(name), told(counts)] as const),
    ...(done.locationsCreated > 0 ? [['Places made', count(done.locationsCreated)] as const] : []),
    ['Problems', count(problems.length)],
    [
      'Time',
      `${seconds.toFixed(1)} s, ${count(Math.round(rows / seconds))} rows/s, peak memory ${peakMebibytes()} MiB`,
    ],
  ];
  return [
    ...(problems.length > 0 ? [problemTable(problems, surveys.length > 1), ''] : []),
    ...figureLines(figures),
    ...(isDry ? ['This was a dry run: nothing was changed.'] : []),
  ].join('\n');
}

/** What there is of a table, for the eye: `2 created, 0 updated`. */
const told = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, value]) => `${count(value)} ${WORDS[name] ?? name}`)
    .join(', ');

const WORDS: Readonly<Record<string, string>> = { there: 'there already' };

const capital = (name: string): string => `${name[0]?.toUpperCase()}${name.slice(1)}`;

function problemTable(problems: readonly Problem[], hasFiles: boolean): string {
  const head = [...(hasFiles ? ['file'] : []), 'row', 'column', 'code', 'value', 'message'];
  const rows = problems
    .slice(0, SHOWN)
    .map(({ file, row, column, code, value, message }) => [
      ...(hasFiles ? [file] : []),
      ...[String(row), column, code, shown(value), message],
    ]);
  const more = problems.length - rows.length;
  return table(head, rows) + (more > 0 ? `\nand ${count(more)} more` : '');
}

const shown = (value: string): string =>
  JSON.stringify(value.length > MAX_VALUE ? `${value.slice(0, MAX_VALUE)}…` : value);
