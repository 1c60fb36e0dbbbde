import type { ItemReference } from '../catalog/item.service.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import type { LocationReference } from '../locations/location.service.ts';
import type { Draft } from './draft.ts';
import { draftCount } from './draft-count.ts';
import { ADJUSTMENT_WORLD, draftAdjust, draftMove } from './draft-move.ts';
import { draftReversal } from './draft-reversal.ts';
import { Names } from './names.ts';
import type { Posting } from './posting.ts';

/** Resolves what postings name, and makes of each what it needs and does. */
export async function draftPostings(
  em: EntityManager,
  organizationId: number,
  postings: readonly Posting[],
): Promise<Draft[]> {
  const items = postings.flatMap(itemsOf);
  const places = postings.flatMap(placesOf);
  const names = await Names.find(em, organizationId, items, places);
  const drafts: Draft[] = [];
  for (const posting of postings) drafts.push(await draft(em, organizationId, posting, names));
  return drafts;
}

async function draft(
  em: EntityManager,
  organizationId: number,
  posting: Posting,
  names: Names,
): Promise<Draft> {
  switch (posting.kind) {
    case 'ADJUSTMENT':
      return draftAdjust(posting, names);
    case 'COUNT':
      return draftCount(em, organizationId, posting, names);
    case 'REVERSAL':
      return draftReversal(em, organizationId, posting);
    default:
      return draftMove(posting, names);
  }
}

function itemsOf(posting: Posting): ItemReference[] {
  return posting.kind === 'REVERSAL' ? [] : posting.lines.map(({ item }) => item);
}

function placesOf(posting: Posting): LocationReference[] {
  switch (posting.kind) {
    case 'ADJUSTMENT':
    case 'COUNT':
      return [posting.location, ADJUSTMENT_WORLD];
    case 'REVERSAL':
      return [];
    default:
      return posting.lines.flatMap(({ from, to }) => [from, to]);
  }
}
