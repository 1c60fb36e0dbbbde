import type { Viewer } from '../access/viewer.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { DomainError } from '../errors.ts';
import { archiveItem, archiveLocation } from '../stock/archive.service.ts';
import type { Problem } from './problem.ts';
import type { Outcome } from './taking-back.ts';

/** What a file says is out of use, and is not yet: after all, as what is out of use does not move. */
export interface ToArchive {
  readonly table: 'items' | 'locations';
  /** A SKU or a code. */
  readonly name: string;
  problem(column: string, facts: Pick<Problem, 'code' | 'message'>): Problem;
}

/** Puts out of use what files say is, the last first, so that a location comes after those in it. */
export async function archiveAll(
  em: EntityManager,
  viewer: Viewer,
  all: readonly ToArchive[],
): Promise<Outcome> {
  const problems: Problem[] = [];
  for (const one of all.toReversed()) {
    try {
      await archive(em, viewer, one);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      problems.push(one.problem('archived', error));
    }
  }
  return { problems };
}

async function archive(em: EntityManager, viewer: Viewer, { table, name }: ToArchive) {
  if (table === 'items') await archiveItem(em, viewer, { item: { sku: name } });
  else await archiveLocation(em, viewer, { location: { code: name } });
}
