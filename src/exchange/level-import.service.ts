import type { Viewer } from '../access/viewer.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { run } from '../database/statement.ts';
import { Names } from '../stock/names.ts';
import { postMovements } from '../stock/posting.service.ts';
import type { Posting } from '../stock/posting.ts';
import { postEach, type Tellable } from './each-posting.ts';
import { inGroups } from './groups.ts';
import { type LevelRow, openingOf } from './opening-stock.ts';
import type { Problem } from './problem.ts';
import { headsWhere } from './recorded-movements.ts';
import type { Outcome } from './taking-back.ts';

/** How many rows one receipt takes. */
const GROUP = 1000;

/** What became of the rows of a file of opening stock. */
export interface OpeningDone extends Outcome {
  readonly received: number;
  /** Rows that say what is on hand, or that the file brought in before. */
  readonly unchanged: number;
}

const BY_KEY = headsWhere((isIn) => isIn('$2'));

/**
 * Receives opening stock: what rows say is on hand where nothing is. Where something is, it must be what
 * they say.
 * @param hash tells files apart, for the keys of the receipts.
 */
export async function importLevels(
  em: EntityManager,
  viewer: Viewer,
  rows: AsyncIterable<LevelRow>,
  hash: string,
): Promise<OpeningDone> {
  const problems: Problem[] = [];
  const counts = { received: 0, unchanged: 0 };
  for await (const group of inGroups(rows, GROUP)) {
    const key = `${hash}:${group[0]?.row}`;
    const [before] = await run(em, viewer.organizationId, BY_KEY, [[key]]);
    if (before) counts.unchanged += group.length;
    else {
      const done = await receive(em, viewer, group, key);
      counts.received += done.received;
      counts.unchanged += done.unchanged;
      problems.push(...done.problems);
    }
  }
  return { ...counts, problems };
}

async function receive(
  em: EntityManager,
  viewer: Viewer,
  group: readonly LevelRow[],
  key: string,
): Promise<OpeningDone> {
  const names = await Names.find(
    em,
    viewer.organizationId,
    group.map(({ values }) => ({ sku: values.sku ?? '' })),
    group.map(({ values }) => ({ code: values.location ?? '' })),
  );
  const { wanted, unchanged, problems } = await openingOf(em, viewer.organizationId, group, names);
  if (wanted.length === 0) return { received: 0, unchanged, problems };
  const post = async (fork: EntityManager, postings: readonly Posting[]) => {
    await postMovements(fork, viewer, postings);
    return 0;
  };
  const done = await postEach(em, [receiptOf(wanted, key)], { names, post });
  if (done.problems.length === 0) return { received: wanted.length, unchanged, problems };
  // One refusal tells of one row only: to hear of all of them, each row is tried as a receipt.
  const single = wanted.map((row) => receiptOf([row], `${key}:${row.row}`));
  const each = await postEach(em, single, { names, post });
  return { received: each.posted, unchanged, problems: [...problems, ...each.problems] };
}

const SUPPLIER_WORLD = { world: 'SUPPLIER' } as const;
const COLUMN_OF = { item: 'sku', to: 'location', quantity: 'onHand' };

const receiptOf = (rows: readonly LevelRow[], idempotencyKey: string): Tellable => ({
  rows,
  columnOf: COLUMN_OF,
  posting: {
    ...{ kind: 'RECEIPT', idempotencyKey, note: 'Opening stock', past: true },
    lines: rows.map(({ values: { sku, location, lot, expiresOn, onHand } }) => ({
      item: { sku: sku ?? '' },
      from: SUPPLIER_WORLD,
      to: { code: location ?? '' },
      lot: lot ? { code: lot, expiresOn } : null,
      quantity: onHand ?? '',
    })),
  },
});
