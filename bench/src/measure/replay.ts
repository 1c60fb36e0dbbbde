import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import type { Progress } from '../progress.ts';
import type { Postgres } from '../setup/postgres.ts';
import { emptyPostgres, removeSqlite } from '../setup/prepare.ts';
import { importSales, verify } from '../setup/quartermaster.ts';
import { bareInsertPostgres, bareInsertSqlite, readLines } from './bare-insert.ts';

/** The product's import of a file of sales, beside the bare driver's inserts of the same lines. */
export interface Replay {
  readonly lines: number;
  readonly databases: readonly DatabaseReplay[];
}

export interface DatabaseReplay {
  readonly database: 'postgresql' | 'sqlite';
  /** Lines a second while they were posted, as the import itself says. */
  readonly importPerSecond: number;
  readonly peakMib: number;
  /** Seconds of the whole command, its first pass over the file included. */
  readonly seconds: number;
  readonly barePerSecond: number;
  readonly ratio: number;
  readonly verified: string;
}

interface Options {
  readonly postgres: Postgres;
  readonly directory: string;
  readonly file: string;
  /** Only so many lines of the file; all of them when null. */
  readonly lines: number | null;
  readonly progress: Progress;
}

const NAME = 'quartermaster_bench_replay';

/** Imports the file into an empty database of each kind, and measures bare inserts of its lines. */
export async function measureReplay(options: Options): Promise<Replay> {
  const { postgres, directory, progress, lines } = options;
  const file = lines === null ? options.file : await shortened(options.file, directory, lines);
  const sqliteFile = join(directory, 'replay.db');
  await removeSqlite(sqliteFile);
  const postgresUrl = await emptyPostgres(postgres, NAME);
  const targets = [
    { database: 'postgresql', url: postgresUrl },
    { database: 'sqlite', url: `sqlite:${sqliteFile}` },
  ] as const;
  const databases: DatabaseReplay[] = [];
  let total = 0;
  for (const { database, url } of targets) {
    progress.say(`Replaying the file on ${database}`);
    const started = performance.now();
    const report = await importSales(url, file);
    const seconds = (performance.now() - started) / 1000;
    const { importPerSecond, peakMib } = parseReport(report);
    progress.say(`Verifying, and inserting the same lines bare on ${database}`);
    const verified = await verify(url);
    const rows = await readLines(postgresUrl);
    total = rows.length;
    const bare =
      database === 'sqlite'
        ? bareInsertSqlite(sqliteFile, rows)
        : await bareInsertPostgres(postgresUrl, rows);
    const ratio = importPerSecond / bare;
    databases.push({
      ...{ database, importPerSecond, peakMib, seconds, barePerSecond: bare, ratio, verified },
    });
  }
  await removeSqlite(sqliteFile);
  await postgres.admin((client) => client.query(`drop database if exists ${NAME} with (force)`));
  return { lines: total, databases };
}

function parseReport(report: string): { importPerSecond: number; peakMib: number } {
  const [, rate, peak] = /([\d,]+) lines\/s, peak memory ([\d,]+) MiB/.exec(report) ?? [];
  if (!rate || !peak) throw new Error(`The import reported something else:\n${report}`);
  const number = (text: string) => Number(text.replaceAll(',', ''));
  return { importPerSecond: number(rate), peakMib: number(peak) };
}

/** The beginning of a file, for a quick look. */
async function shortened(file: string, directory: string, lines: number): Promise<string> {
  const target = join(directory, 'replay.csv.gz');
  const input = createReadStream(file);
  const plain = file.endsWith('.gz') ? input.pipe(createGunzip()) : input;
  const reader = createInterface({ input: plain });
  async function* first() {
    let left = lines + 1;
    for await (const line of reader) {
      yield `${line}\n`;
      left -= 1;
      if (left === 0) break;
    }
    reader.close();
    input.destroy();
  }
  await pipeline(Readable.from(first()), createGzip(), createWriteStream(target));
  return target;
}
