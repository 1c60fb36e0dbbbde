import { Command } from 'commander';
import { readConfig } from '../config.ts';
import { inSnapshot } from '../database/snapshot.ts';
import { inTransaction } from '../database/transaction.ts';
import { type JournalPlace, journalPlaces } from './copy-moment.ts';
import { type Sides, withSides } from './copy-sides.ts';
import { type CopiedTable, copyTables } from './copy-tables.ts';
import { takeEmpty } from './copy-target.ts';
import { count, peakMebibytes } from './figures.ts';
import { oneLine, table } from './table.ts';
import { DIFFERENT, verifyAll } from './verify-all.ts';

/** `quartermaster copy` */
export function copyCommand(): Command {
  return new Command('copy')
    .description('Copies a whole database into an empty one: from SQLite to PostgreSQL, or back.')
    .requiredOption('--from <address>', 'what to copy: sqlite:path or postgres://…')
    .requiredOption('--to <address>', 'an empty, migrated database to copy it into')
    .addHelpText('after', HELP)
    .action((addresses: { from: string; to: string }) =>
      withSides(readConfig(), addresses, copyDatabase),
    );
}

const HELP = `
Everything is copied with its ids: organizations, keys, items, the ledger, its journal, idempotency keys.
Clients notice nothing but the new DATABASE_URL of their server. All of it is written, or nothing.
Afterwards every table is compared, and every ledger recomputed as by \`verify\`.

What is copied is one moment of the source, which is printed: stop the server before, or lose what it
writes later. The source stays as it is.

Exit codes: 0 copied, 1 not copied, or the copied ledger has a difference, as its source has.

A password need not stand on the command line: PGPASSWORD and ~/.pgpass say it as well.
DATABASE_URL is not looked at.

Example, from one file to PostgreSQL:
  DATABASE_URL=postgres://me@localhost/stock npx mikro-orm migration:up
  npx quartermaster copy --from sqlite:quartermaster.db --to postgres://me@localhost/stock
  DATABASE_URL=postgres://me@localhost/stock npm start
And back:
  DATABASE_URL=sqlite:back.db npx mikro-orm migration:up
  npx quartermaster copy --from postgres://me@localhost/stock --to sqlite:back.db`;

async function copyDatabase({ source, target }: Sides): Promise<void> {
  const started = performance.now();
  // Outside of each other's transactions: within one, the ORM's own EntityManager is that transaction's,
  // whichever database it was asked for.
  const [reading, writing] = [source.orm.em.fork(), target.orm.em.fork()];
  const { places, tables } = await inSnapshot(reading, async (from) => ({
    places: await journalPlaces(from),
    tables: await inTransaction(writing, async (to) => {
      await takeEmpty(to);
      return copyTables({ from, to });
    }),
  }));
  console.log(report(places, tables, (performance.now() - started) / 1000));
  if (!(await verifyAll(target.orm))) process.exitCode = DIFFERENT;
}

function report(
  places: readonly JournalPlace[],
  tables: readonly CopiedTable[],
  seconds: number,
): string {
  const rows = tables.map((each) => [each.table, count(each.rows), each.sha256]);
  const total = tables.reduce((sum, each) => sum + each.rows, 0);
  return [
    table(['table', 'rows', 'SHA-256 on both sides'], rows),
    '',
    ...places.map(
      ({ id, name, seq }) => `${oneLine(name)} (${id}): copied up to ${count(seq)} in its journal`,
    ),
    `${count(total)} rows of ${tables.length} tables copied in ${seconds.toFixed(1)} s, peak memory ${peakMebibytes()} MiB.`,
  ].join('\n');
}
