import type { EntityManager } from '../database/entity-manager.ts';
import { DomainError } from '../errors.ts';
import type { Names } from '../stock/names.ts';
import type { Posting } from '../stock/posting.ts';
import type { Problem } from './problem.ts';
import { type ColumnOf, refusalProblems } from './refusal-problems.ts';
import type { TableRow } from './table.ts';

/** A posting, and the rows that its lines come from. */
export interface Tellable {
  readonly posting: Posting;
  readonly rows: readonly Pick<TableRow<never>, 'problem'>[];
  readonly columnOf: ColumnOf;
}

interface EachOptions {
  readonly names: Names;
  /** Posts some in a transaction; gives how many were posted before. */
  readonly post: (em: EntityManager, postings: readonly Posting[]) => Promise<number>;
}

interface PostedEach {
  readonly posted: number;
  readonly replayed: number;
  readonly problems: readonly Problem[];
}

/**
 * Posts all together; when the ledger refuses one, each alone and within the transaction, so that every
 * refusal is told, and the others count for those that follow.
 */
export async function postEach(
  em: EntityManager,
  all: readonly Tellable[],
  { names, post }: EachOptions,
): Promise<PostedEach> {
  if (all.length === 0) return { posted: 0, replayed: 0, problems: [] };
  const postings = all.map(({ posting }) => posting);
  try {
    const replayed = await em.transactional((fork) => post(fork, postings));
    return { posted: all.length - replayed, replayed, problems: [] };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const [only] = all as [Tellable];
    if (all.length === 1) {
      return { posted: 0, replayed: 0, problems: refusalProblems(error, { ...only, names }) };
    }
  }
  const done: PostedEach[] = [];
  for (const one of all) done.push(await postEach(em, [one], { names, post }));
  const sum = (count: 'posted' | 'replayed') => done.reduce((total, one) => total + one[count], 0);
  return {
    ...{ posted: sum('posted'), replayed: sum('replayed') },
    problems: done.flatMap(({ problems }) => problems),
  };
}
