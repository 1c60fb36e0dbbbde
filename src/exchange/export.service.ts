import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { EntityManager } from '../database/entity-manager.ts';
import { type TableFormat, TableText } from './table-text.ts';
import { TABLES, type TableName } from './tables.ts';

interface ExportOptions extends TableFormat {
  readonly table: TableName;
  /** Is told how many rows are written. */
  readonly onRows?: (rows: number) => void;
}

/** The text of a file with all rows of a table, piece by piece. The EntityManager is to read one moment. */
export async function* tableText(
  em: EntityManager,
  organizationId: number,
  { table, onRows, ...format }: ExportOptions,
): AsyncGenerator<string> {
  const { columns, export: pages } = TABLES[table];
  const text = new TableText(columns, format);
  let rows = 0;
  if (format.format === 'csv') yield text.header();
  for await (const page of pages(em, organizationId)) {
    if (page.length > 0) yield text.rows(page);
    rows += page.length;
    onRows?.(rows);
  }
}

/** Writes text to a file, packed when its name ends in `.gz`. The file is whole, or is not there. */
export async function writeFileOf(file: string, text: AsyncIterable<string>): Promise<void> {
  const part = `${file}.part`;
  const source = Readable.from(text, { objectMode: false });
  try {
    if (file.endsWith('.gz')) await pipeline(source, createGzip(), createWriteStream(part));
    else await pipeline(source, createWriteStream(part));
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}
