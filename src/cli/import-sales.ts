import { readConfig } from '../config.ts';
import { ExchangeError } from '../exchange/exchange.errors.ts';
import { type BadLine, describeBadLine } from '../imports/bad-line.ts';
import { PRESETS, type SalesPreset } from '../imports/presets.ts';
import { type Replay, replaySales } from '../imports/replay.service.ts';
import { type Survey, surveySales } from '../imports/survey.service.ts';
import { type Session, withDatabase } from './database.ts';
import { count, figureLines, peakMebibytes } from './figures.ts';
import { ensureOrganization } from './first-start.ts';
import { keepHeapSmall } from './heap.ts';
import { startProgress } from './progress.ts';
import { showReading } from './reading.ts';

/** How many bad lines the report names one by one. */
const NAMED_BAD_LINES = 20;

export interface SalesOptions {
  readonly preset: string;
  readonly onError: 'stop' | 'skip';
  readonly migrate: boolean;
}

/** Replays a file of sales into the ledger: `quartermaster import --preset`. */
export function importSalesFile(file: string, options: SalesOptions): Promise<void> {
  keepHeapSmall('files');
  const preset = PRESETS[options.preset] as SalesPreset;
  return withDatabase(readConfig(), options, (session) =>
    importSales(session, file, preset, options),
  );
}

async function importSales(
  { orm, config }: Session,
  file: string,
  preset: SalesPreset,
  { onError }: SalesOptions,
): Promise<void> {
  const problems: BadLine[] = [];
  const onBadLine = (bad: BadLine) => {
    if (onError === 'stop') {
      throw new ExchangeError(
        `${file}, ${describeBadLine(bad)}. Mend the line, or run again with --on-error skip.`,
      );
    }
    problems.push(bad);
    if (problems.length > MAX_PROBLEMS) throw new ExchangeError(`${file} has too many bad lines.`);
  };
  const survey = await showReading('Reading', file, (onBytes) =>
    surveySales({ file, preset, onBadLine, onBytes }),
  );
  const { owner, newKey } = await ensureOrganization(orm.em, config);
  const started = performance.now();
  const progress = startProgress('Posting', survey.lines, 'lines');
  const onLines = (done: number) => progress.update(done);
  const replay = await replaySales(orm.em, owner, {
    ...{ file, preset, survey, onLines },
    onRefusal: onBadLine,
  }).finally(() => progress.stop());
  const seconds = (performance.now() - started) / 1000;
  console.log(report(survey, replay, problems, seconds));
  if (newKey) console.log(`\nThe owner's key, shown this once: ${newKey}`);
}

/** So many bad lines are a wrong file, not a dirty one; it bounds the memory too. */
const MAX_PROBLEMS = 100_000;

function report(survey: Survey, replay: Replay, problems: readonly BadLine[], seconds: number) {
  const items = [...survey.items.values()];
  const sum = (pick: (item: (typeof items)[number]) => number) =>
    items.reduce((total, item) => total + pick(item), 0);
  const opening = sum((item) => item.opening);
  const net = sum((item) => item.net);
  const merged = items.filter(({ spellings }) => spellings.size > 1);
  const rate = Math.round(replay.linesPosted / seconds);
  const figures: [string, string][] = [
    ['Lines', `${count(survey.lines)} in ${count(survey.runs)} movements`],
    [
      'Movements',
      `${count(replay.movementsPosted)} posted, ${count(replay.movementsReplayed)} there already, ${count(replay.movementsRefused)} refused`,
    ],
    ['Items', `${count(items.length)}, of them ${count(replay.itemsCreated)} new`],
    [
      'Opening stock',
      `${count(opening)} units of ${count(items.filter((item) => item.opening > 0).length)} items`,
    ],
    ['Net units out', count(net)],
    ['Remaining', `${count(opening - net)} units`],
    ['Bad lines', count(problems.length)],
    ['Codes in several spellings', count(merged.length)],
    ['Time', `${seconds.toFixed(1)} s, ${count(rate)} lines/s, peak memory ${peakMebibytes()} MiB`],
  ];
  return [
    ...figureLines(figures),
    ...list(
      'Spelled in several ways, each one item',
      merged.map(({ spellings }) => [...spellings].join('=')),
      merged.length,
    ),
    ...list('Bad lines', problems.slice(0, NAMED_BAD_LINES).map(describeBadLine), problems.length),
  ].join('\n');
}

function list(title: string, entries: readonly string[], total: number): string[] {
  if (entries.length === 0) return [];
  const more = total > entries.length ? [`  and ${count(total - entries.length)} more`] : [];
  return ['', `${title}:`, ...entries.map((entry) => `  ${entry}`), ...more];
}
