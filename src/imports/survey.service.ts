import { ExchangeError } from '../exchange/exchange.errors.ts';
import type { BadLine } from './bad-line.ts';
import type { SalesPreset } from './presets.ts';
import { fileHash, type Run, readRuns } from './sales-file.ts';

/** What a file says of one item. */
interface SurveyedItem {
  /** As it is spelled first. */
  readonly sku: string;
  /** Every way in which it is spelled. */
  readonly spellings: Set<string>;
  /** The first name that is not blank; blank when there is none. */
  name: string;
  /** Units that went out less those that came back. */
  net: number;
  /** The smallest opening stock that never lets the item go below zero. */
  opening: number;
}

/** What a first pass over a file finds out. */
export interface Survey {
  /** SHA-256 of the unpacked file, in hexadecimal. */
  readonly hash: string;
  readonly lines: number;
  readonly runs: number;
  /** By SKU, folded. */
  readonly items: ReadonlyMap<string, SurveyedItem>;
  readonly badLines: number;
}

export interface SurveyOptions {
  readonly file: string;
  readonly preset: SalesPreset;
  readonly onBadLine: (bad: BadLine) => void;
  readonly onBytes: (bytes: number) => void;
}

/**
 * Reads a file of sales once, without the database.
 * @throws ExchangeError when there is nothing in it, and as `readRuns` does.
 */
export async function surveySales(options: SurveyOptions): Promise<Survey> {
  const items = new Map<string, SurveyedItem>();
  const hash = fileHash();
  let lines = 0;
  let runs = 0;
  let badLines = 0;
  const onBadLine = (bad: BadLine) => {
    badLines += 1;
    options.onBadLine(bad);
  };
  for await (const run of readRuns({ ...options, hash, onBadLine })) {
    runs += 1;
    lines += run.lines.length;
    surveyRun(run, items);
  }
  if (lines === 0) throw new ExchangeError(`${options.file} has no line that can be used.`);
  return { hash: hash.digest('hex'), lines, runs, items, badLines };
}

/** A run is one movement: its lines are summed before the ledger checks them, and so are they here. */
function surveyRun(run: Run, items: Map<string, SurveyedItem>): void {
  const touched = new Set<SurveyedItem>();
  for (const { sku, skuKey, itemName, quantity } of run.lines) {
    let item = items.get(skuKey);
    if (!item) {
      item = { sku, spellings: new Set(), name: '', net: 0, opening: 0 };
      items.set(skuKey, item);
    }
    item.spellings.add(sku);
    if (item.name === '') item.name = itemName;
    item.net += quantity;
    touched.add(item);
  }
  for (const item of touched) item.opening = Math.max(item.opening, item.net);
}
