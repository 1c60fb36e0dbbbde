import type { Viewer } from '../access/viewer.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { run } from '../database/statement.ts';
import { InvalidState } from '../errors.ts';
import type { LocationReference } from '../locations/location.service.ts';
import { Names } from '../stock/names.ts';
import { postMovements } from '../stock/posting.service.ts';
import type { Posting } from '../stock/posting.ts';
import { postEach, type Tellable } from './each-posting.ts';
import type { FileMovement } from './file-movement.ts';
import { ADJUSTMENT_WORLD, postingOf } from './posting-of.ts';
import type { Problem } from './problem.ts';
import { isRecordedAlike, tellsLines } from './recorded-alike.ts';
import { headsWhere, rowsOfMovements } from './recorded-movements.ts';
import type { Outcome } from './taking-back.ts';

/** What became of some movements of a file. */
interface PostedBatch extends Outcome {
  readonly posted: number;
  /** Those that were recorded before. */
  readonly there: number;
}

const BY_KEYS = headsWhere((isIn) => isIn('$2'));

/**
 * Posts movements of a file, with a number of statements that does not depend on how many; those that
 * are recorded already stay as they are. When the ledger refuses one, each is tried alone, so that every
 * problem is told. The transaction is of no use when there is one.
 */
export async function postBatch(
  em: EntityManager,
  viewer: Viewer,
  movements: readonly FileMovement[],
): Promise<PostedBatch> {
  const { organizationId } = viewer;
  const recorded = await findRecorded(
    em,
    organizationId,
    movements.map(({ key }) => key),
  );
  const fresh = movements.filter((movement) => {
    const rows = recorded.rows.get(movement.key);
    return !rows || !isRecordedAlike(movement, rows);
  });
  const there = movements.length - fresh.length;
  const names = await findNames(em, organizationId, fresh);
  const reversed = fresh.flatMap(({ head }) => head.reverses ?? []);
  const found = { names, movements: (await findRecorded(em, organizationId, reversed)).ids };
  const problems: Problem[] = [];
  const postings = fresh.flatMap((movement): Tellable[] => {
    const { posting, problems: own } = postingOf(movement, found);
    problems.push(...own);
    return posting ? [{ posting, rows: movement.lines, columnOf: COLUMN_OF }] : [];
  });
  const told = new Map(fresh.map((movement) => [movement.key, movement]));
  const post = async (fork: EntityManager, some: readonly Posting[]) => {
    const done = await postMovements(fork, viewer, some);
    await refuseOtherLines(fork, organizationId, some.flatMap(derived(told)));
    return done.filter(({ replayed }) => replayed).length;
  };
  const each = await postEach(em, postings, { names, post });
  problems.push(...each.problems);
  return { posted: each.posted, there: there + each.replayed, problems };
}

const COLUMN_OF = {
  ...{ item: 'sku', delta: 'quantity', to: 'to', from: 'from', location: 'to' },
  ...{ idempotencyKey: 'key', movement: 'reverses' },
};

/** The movements of keys that are recorded: their rows, and the keys of their own rows. */
async function findRecorded(em: EntityManager, organizationId: number, keys: readonly string[]) {
  const heads = keys.length > 0 ? await run(em, organizationId, BY_KEYS, [keys]) : [];
  const rows =
    heads.length > 0 ? await rowsOfMovements(em, organizationId, heads) : new Map<string, never>();
  return { rows, ids: new Map(heads.map(({ key, id }) => [key, id])) };
}

function findNames(
  em: EntityManager,
  organizationId: number,
  movements: readonly FileMovement[],
): Promise<Names> {
  const items = new Set<string>();
  const places = new Set<string>();
  for (const { lines } of movements) {
    for (const { values } of lines) {
      if (values.sku) items.add(values.sku);
      if (values.from) places.add(values.from);
      if (values.to) places.add(values.to);
    }
  }
  const worlds: LocationReference[] = [
    ADJUSTMENT_WORLD,
    { world: 'SUPPLIER' },
    { world: 'CUSTOMER' },
  ];
  return Names.find(
    em,
    organizationId,
    [...items].map((sku) => ({ sku })),
    [...worlds, ...[...places].map((code) => ({ code }))],
  );
}

/** What the ledger worked out itself, while the file says what came of it. */
const derived =
  (told: ReadonlyMap<string, FileMovement>) =>
  ({ kind, idempotencyKey }: Posting): FileMovement[] => {
    const movement = told.get(idempotencyKey);
    const isDerived = kind === 'COUNT' || kind === 'REVERSAL';
    return movement && isDerived && tellsLines(movement) ? [movement] : [];
  };

/** @throws InvalidState when the lines of a count or a reversal are others than the file says. */
async function refuseOtherLines(
  em: EntityManager,
  organizationId: number,
  movements: readonly FileMovement[],
): Promise<void> {
  const { rows } = await findRecorded(
    em,
    organizationId,
    movements.map(({ key }) => key),
  );
  const other = movements.find((each) => !isRecordedAlike(each, rows.get(each.key) ?? []));
  if (!other) return;
  const message = 'By this ledger other lines come of it: what is on hand before it differs.';
  throw new InvalidState(message, ['input', 'quantity']);
}
