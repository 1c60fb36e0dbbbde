import type { EntityManager } from '../database/entity-manager.ts';
import { errorCode } from '../database/error-code.ts';
import { continueIdsAfter, lastId } from '../database/last-ids.ts';
import { hashTable, type TableHash } from '../database/row-hash.ts';
import { countStored, insertStored, type StoredRow, storedRows } from '../database/stored-rows.ts';
import { type StoredTable, storedTables } from '../database/stored-tables.ts';
import { CommandError, rootCause } from './command-error.ts';
import { analyze } from './copy-target.ts';
import { startProgress } from './progress.ts';

/** The two ends of a copy: one reads a moment, the other is a transaction. */
export interface Ends {
  readonly from: EntityManager;
  readonly to: EntityManager;
}

/** What was copied of a table. */
export interface CopiedTable extends TableHash {
  readonly table: string;
}

/**
 * Copies every row of every table, and has the tables give the same ids next. Nothing of it stands
 * unless the transaction is committed.
 * @throws CommandError when the target does not take a row, or does not hold the same afterwards.
 */
export async function copyTables(ends: Ends): Promise<CopiedTable[]> {
  const tables = storedTables(ends.from);
  let total = 0;
  for (const table of tables) total += await countStored(ends.from, table);
  await showing('Copying', total, async (onRows) => {
    for (const table of tables) {
      await copyRows(ends, table, onRows);
      await analyze(ends.to, table);
    }
  });
  const copied = await showing('Comparing', 2 * total, (onRows) => compare(ends, tables, onRows));
  for (const table of tables) {
    await continueIdsAfter(ends.to, table, await lastId(ends.from, table));
  }
  return copied;
}

type OnRows = (count: number) => void;

async function showing<T>(
  title: string,
  total: number,
  work: (onRows: OnRows) => Promise<T>,
): Promise<T> {
  const progress = startProgress(title, total, 'rows');
  let done = 0;
  try {
    return await work((count) => {
      done += count;
      progress.update(done);
    });
  } finally {
    progress.stop();
  }
}

async function copyRows({ from, to }: Ends, table: StoredTable, onRows: OnRows): Promise<void> {
  for await (const rows of storedRows(from, table, 'parents first')) {
    await insertStored(to, table, rows).catch((error) => {
      throw refusalOf(error, table, rows);
    });
    onRows(rows.length);
  }
}

/** Data, constraint and room: what PostgreSQL's codes begin with, and SQLite's are. */
const REFUSED = /^(22|23|53)|^SQLITE_(CONSTRAINT|MISMATCH|FULL|TOOBIG)/;

/** What the target has against rows, in words; other errors are faults, or worth another try. */
function refusalOf(error: unknown, { name }: StoredTable, rows: readonly StoredRow[]): unknown {
  if (!(error instanceof Error) || !REFUSED.test(errorCode(error))) return error;
  const ids = rows.map(({ id }) => Number(id));
  const which = `${name} with ids from ${Math.min(...ids)} to ${Math.max(...ids)}`;
  const why = rootCause(error).message;
  return new CommandError(`The target does not take ${which}: ${why}. Nothing was copied.`);
}

/** @throws CommandError when a table is not the same on both sides. */
async function compare(
  { from, to }: Ends,
  tables: readonly StoredTable[],
  onRows: OnRows,
): Promise<CopiedTable[]> {
  const copied: CopiedTable[] = [];
  for (const table of tables) {
    const [source, target] = await Promise.all(
      [from, to].map((em) => hashTable(em, table, onRows)),
    );
    if (!source || source.sha256 !== target?.sha256) {
      throw new CommandError(
        `The table ${table.name} is not the same on both sides: ${source?.rows} rows there, ${target?.rows} here. Nothing was copied.`,
      );
    }
    copied.push({ table: table.name, ...source });
  }
  return copied;
}
