import type { Viewer } from '../access/viewer.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { archiveAll, type ToArchive } from './archiving.ts';
import { inBatches, readAhead } from './batches.ts';
import type { Columns } from './columns.ts';
import { type FileMovement, movementsOf } from './file-movement.ts';
import { ITEM_COLUMNS } from './item-columns.ts';
import { importItems } from './item-import.service.ts';
import { LEVEL_COLUMNS } from './level-columns.ts';
import { importLevels } from './level-import.service.ts';
import { LOCATION_COLUMNS } from './location-columns.ts';
import { importLocations } from './location-import.service.ts';
import { createMissingLocations } from './missing-locations.service.ts';
import { MOVEMENT_COLUMNS } from './movement-columns.ts';
import { postBatch } from './movement-import.service.ts';
import type { Problem } from './problem.ts';
import type { FileSurvey } from './survey.ts';
import { readTable, type TableRow } from './table.ts';
import type { TableName } from './tables.ts';
import { type Doing, type Outcome, takeBack, wholeOrNot } from './taking-back.ts';

/** After how many rows it is told again how far an import is. */
const TELL_EVERY = 500;

export interface ImportOptions {
  /** In the order in which they are taken. */
  readonly files: readonly FileSurvey[];
  /** Whether all of it is done, and taken back. */
  readonly isDry: boolean;
  /** Whether real places are made of codes that movements and levels name, and no location has. */
  readonly createLocations: boolean;
  /** Is told how many rows of a file are done. */
  readonly onRows: (table: TableName, rows: number) => void;
}

/** What an import did, or would do. */
export interface ImportDone {
  readonly tables: readonly TableDone[];
  readonly locationsCreated: number;
  readonly problems: readonly Problem[];
}

/** What became of the rows, or movements, of a file: how many, by what. */
interface TableDone {
  readonly table: TableName;
  readonly counts: Readonly<Record<string, number>>;
}

/**
 * Brings files into an organization. Locations, items and opening stock are taken file by file, each
 * whole or not at all; movements batch by batch, each batch whole or not at all, in the order of the file.
 * The first problem ends it; a dry run goes on, and so finds them all.
 * @param viewerOf gives for whom it is done; of a dry run in the transaction that is taken back.
 */
export async function importFiles(
  em: EntityManager,
  viewerOf: (em: EntityManager) => Promise<Viewer>,
  options: ImportOptions,
): Promise<ImportDone> {
  if (options.isDry) {
    return takeBack(em, async (own) =>
      new Import(await viewerOf(own), options, (work) => work(own)).run(),
    );
  }
  const viewer = await viewerOf(em);
  return new Import(viewer, options, (work) => wholeOrNot(em, work)).run();
}

class Import {
  readonly #viewer: Viewer;
  readonly #options: ImportOptions;
  readonly #doing: Doing;
  readonly #problems: Problem[] = [];
  readonly #tables: TableDone[] = [];
  readonly #toArchive: ToArchive[] = [];
  #locationsCreated = 0;

  constructor(viewer: Viewer, options: ImportOptions, doing: Doing) {
    this.#viewer = viewer;
    this.#options = options;
    this.#doing = doing;
  }

  async run(): Promise<ImportDone> {
    for (const file of this.#options.files) {
      if (this.#hasEnded) break;
      if (file.codes.size > 0 && this.#options.createLocations) await this.#makeLocations(file);
      await this.#take(file);
    }
    if (!this.#hasEnded && this.#toArchive.length > 0) {
      await this.#do((em) => archiveAll(em, this.#viewer, this.#toArchive));
    }
    return {
      problems: this.#problems,
      tables: this.#tables,
      locationsCreated: this.#locationsCreated,
    };
  }

  get #hasEnded(): boolean {
    return this.#problems.length > 0 && !this.#options.isDry;
  }

  async #do<T extends Outcome>(work: (em: EntityManager) => Promise<T>): Promise<T> {
    const outcome = await this.#doing(work);
    this.#problems.push(...outcome.problems);
    return outcome;
  }

  async #makeLocations({ codes }: FileSurvey): Promise<void> {
    const made = await this.#do((em) => createMissingLocations(em, this.#viewer, codes));
    this.#locationsCreated += made.created;
  }

  async #take(file: FileSurvey): Promise<void> {
    const { table } = file.file;
    if (table === 'movements') await this.#takeMovements(file);
    else if (table === 'levels') await this.#takeLevels(file);
    else await this.#takeRows(file, table);
  }

  async #takeRows(file: FileSurvey, table: 'items' | 'locations'): Promise<void> {
    // Where nothing moves after it, what is out of use is so in the same transaction.
    const isLast = this.#options.files.at(-1) === file;
    const { created, updated, unchanged, toArchive } = await this.#do(async (em) => {
      const done =
        table === 'items'
          ? await importItems(em, this.#viewer, this.#rows(file, ITEM_COLUMNS))
          : await importLocations(em, this.#viewer, this.#rows(file, LOCATION_COLUMNS));
      if (!isLast) return done;
      const archived = await archiveAll(em, this.#viewer, done.toArchive);
      return { ...done, toArchive: [], problems: [...done.problems, ...archived.problems] };
    });
    this.#toArchive.push(...toArchive);
    if (!this.#hasEnded) this.#tables.push({ table, counts: { created, updated, unchanged } });
  }

  async #takeLevels(file: FileSurvey): Promise<void> {
    const { received, unchanged } = await this.#do((em) =>
      importLevels(em, this.#viewer, this.#rows(file, LEVEL_COLUMNS), file.hash),
    );
    if (!this.#hasEnded) this.#tables.push({ table: 'levels', counts: { received, unchanged } });
  }

  async #takeMovements(file: FileSurvey): Promise<void> {
    const counts = { posted: 0, there: 0 };
    this.#tables.push({ table: 'movements', counts });
    const movements = movementsOf(this.#rows(file, MOVEMENT_COLUMNS), file.hash);
    for await (const batch of readAhead(inBatches(movements, restsOnOthers()))) {
      const { posted, there, problems } = await this.#do((em) =>
        postBatch(em, this.#viewer, batch),
      );
      counts.there += there;
      counts.posted += problems.length > 0 && !this.#options.isDry ? 0 : posted;
      if (this.#hasEnded) return;
    }
  }

  /** The rows of a file; what is wrong with their cells, the survey has told. */
  async *#rows<C extends Columns>({ file }: FileSurvey, columns: C): AsyncGenerator<TableRow<C>> {
    let done = 0;
    for await (const row of readTable(file, columns, () => undefined)) {
      yield row;
      done += 1;
      if (done % TELL_EVERY === 0) this.#options.onRows(file.table, done);
    }
  }
}

/** Whether a movement cannot be looked up for while others of its batch are not recorded. */
function restsOnOthers(): (movement: FileMovement, batch: readonly FileMovement[]) => boolean {
  const named = new Set<string>();
  return ({ key, head }, batch) => {
    if (batch.length === 1) named.clear();
    for (const each of batch.slice(-1)) {
      named.add(each.key);
      if (each.head.reverses) named.add(each.head.reverses);
    }
    return named.has(key) || (head.reverses ? named.has(head.reverses) : false);
  };
}
