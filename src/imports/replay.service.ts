import type { Viewer } from '../access/viewer.ts';
import { createMissingItems } from '../catalog/item-bulk.service.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { inTransaction } from '../database/transaction.ts';
import { AlreadyExists, DomainError } from '../errors.ts';
import { inBatches, readAhead } from '../exchange/batches.ts';
import { createLocation } from '../locations/location.service.ts';
import { postMovements } from '../stock/posting.service.ts';
import type { MovePosting } from '../stock/posting.ts';
import type { BadLine } from './bad-line.ts';
import type { SalesPreset } from './presets.ts';
import { type Run, readRuns } from './sales-file.ts';
import type { Survey } from './survey.service.ts';

export interface ReplayOptions {
  readonly file: string;
  readonly preset: SalesPreset;
  readonly survey: Survey;
  /** Is told of every run that the ledger refused, by its first line; throws to stop there. */
  readonly onRefusal: (bad: BadLine) => void;
  /** Is told how many lines are done. */
  readonly onLines: (lines: number) => void;
}

/** What a replay did. */
export interface Replay {
  readonly itemsCreated: number;
  readonly movementsPosted: number;
  /** Movements that an earlier import of the same file had posted. */
  readonly movementsReplayed: number;
  readonly linesPosted: number;
  readonly movementsRefused: number;
}

/**
 * Posts a file of sales to the ledger: its items, an opening receipt, and each run as a movement, in
 * the order of the file. Every movement is whole or not there; the keys come from the file, so that
 * another import of it goes on where this one ended, and changes nothing when there is nothing to do.
 */
export async function replaySales(
  em: EntityManager,
  viewer: Viewer,
  options: ReplayOptions,
): Promise<Replay> {
  const { preset, survey } = options;
  await ensureLocation(em, viewer, preset);
  const itemsCreated = await createItems(em, viewer, options);
  const poster = new Poster(em, viewer, options);
  const opening = openingOf(survey, preset);
  if (opening.lines.length > 0) await poster.post([opening]);
  // The first pass has told of the bad lines.
  const runs = readRuns({ file: options.file, preset, onBadLine: () => undefined });
  for await (const batch of readAhead(inBatches(runs))) {
    await poster.post(batch.map((run) => movementOf(run, survey, preset)));
  }
  return { itemsCreated, ...poster.totals };
}

/** A posting with the number of the line that it begins at. */
interface NumberedPosting extends MovePosting {
  readonly line: number;
}

class Poster {
  readonly totals = {
    movementsPosted: 0,
    movementsReplayed: 0,
    movementsRefused: 0,
    linesPosted: 0,
  };
  readonly #em: EntityManager;
  readonly #viewer: Viewer;
  readonly #options: ReplayOptions;
  #done = 0;

  constructor(em: EntityManager, viewer: Viewer, options: ReplayOptions) {
    this.#em = em;
    this.#viewer = viewer;
    this.#options = options;
  }

  /** Posts movements in one transaction; when the ledger refuses one of them, each in its own. */
  async post(postings: readonly NumberedPosting[]): Promise<void> {
    if (postings.length === 0) return;
    try {
      await this.#postTogether(postings);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      for (const posting of postings) await this.#postAlone(posting);
    }
  }

  async #postTogether(postings: readonly NumberedPosting[]): Promise<void> {
    const posted = await inTransaction(this.#em, (em) => postMovements(em, this.#viewer, postings));
    posted.forEach(({ replayed }, index) => {
      const lines = postings[index]?.lines.length ?? 0;
      this.totals[replayed ? 'movementsReplayed' : 'movementsPosted'] += 1;
      if (!replayed) this.totals.linesPosted += lines;
    });
    this.#advance(postings);
  }

  async #postAlone(posting: NumberedPosting): Promise<void> {
    try {
      await this.#postTogether([posting]);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      this.totals.movementsRefused += 1;
      const column = this.#options.preset.columns.invoice;
      const value = `${posting.reference}: ${error.message}`;
      this.#options.onRefusal({ line: posting.line, column, code: 'REFUSED', value });
      this.#advance([posting]);
    }
  }

  #advance(postings: readonly NumberedPosting[]): void {
    const lines = postings.filter(({ line }) => line > 0).flatMap((posting) => posting.lines);
    this.#done += lines.length;
    this.#options.onLines(this.#done);
  }
}

/** What the shelves must have held when the file begins, so that no item ever goes below zero. */
function openingOf({ hash, items }: Survey, preset: SalesPreset): NumberedPosting {
  const lines = [...items.values()]
    .filter(({ opening }) => opening > 0)
    .map(({ sku, opening }) => ({
      item: { sku },
      from: { world: 'SUPPLIER' } as const,
      to: { code: preset.location.code },
      quantity: String(opening),
    }));
  const note = `Opening stock of the import of ${preset.name}`;
  return { line: 0, kind: 'RECEIPT', idempotencyKey: `${hash}:opening`, lines, note };
}

/** A sale takes goods out to the customer; a quantity below zero brings them back. */
function movementOf({ invoice, lines }: Run, survey: Survey, preset: SalesPreset): NumberedPosting {
  const shelf = { code: preset.location.code };
  const customer = { world: 'CUSTOMER' } as const;
  const [first] = lines;
  if (!first) throw new Error('A run without a line');
  return {
    line: first.line,
    kind: lines.every(({ quantity }) => quantity < 0) ? 'RECEIPT' : 'ISSUE',
    idempotencyKey: `${survey.hash}:${first.line}`,
    reference: invoice,
    occurredAt: first.time,
    lines: lines.map(({ skuKey, quantity }) => ({
      item: { sku: skuKey },
      from: quantity > 0 ? shelf : customer,
      to: quantity > 0 ? customer : shelf,
      quantity: String(Math.abs(quantity)),
    })),
  };
}

async function ensureLocation(
  em: EntityManager,
  viewer: Viewer,
  { location }: SalesPreset,
): Promise<void> {
  try {
    const storage = { ...location, kind: 'STORAGE', parent: null } as const;
    await inTransaction(em, (fork) => createLocation(fork, viewer, storage));
  } catch (error) {
    if (!(error instanceof AlreadyExists)) throw error;
  }
}

function createItems(
  em: EntityManager,
  viewer: Viewer,
  { survey, preset }: ReplayOptions,
): Promise<number> {
  const items = [...survey.items.values()].map(({ sku, name }) => ({
    sku,
    name: name === '' ? sku : name,
    unit: preset.unit,
  }));
  return inTransaction(em, (fork) => createMissingItems(fork, viewer, items));
}
