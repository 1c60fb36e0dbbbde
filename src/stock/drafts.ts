import { z } from 'zod';
import type { ItemReference } from '../catalog/item.service.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { checkInput, requiredText } from '../input.ts';
import type { LocationReference } from '../locations/location.service.ts';
import type { Draft } from './draft.ts';
import { draftCount } from './draft-count.ts';
import { ADJUSTMENT_WORLD, draftAdjust, draftMove, type Found } from './draft-move.ts';
import { draftReversal } from './draft-reversal.ts';
import { Lots, type WantedLot } from './lots.ts';
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
  const wanted = postings.flatMap((posting) => lotsOf(posting, names));
  const found = { names, lots: await Lots.find(em, organizationId, wanted) };
  const drafts: Draft[] = [];
  for (const posting of postings) drafts.push(await draft(em, organizationId, posting, found));
  return drafts;
}

async function draft(
  em: EntityManager,
  organizationId: number,
  posting: Posting,
  found: Found,
): Promise<Draft> {
  switch (posting.kind) {
    case 'ADJUSTMENT':
      return draftAdjust(posting, found);
    case 'COUNT':
      return draftCount(em, organizationId, posting, found);
    case 'REVERSAL':
      return draftReversal(em, organizationId, posting);
    default:
      return draftMove(em, organizationId, posting, found);
  }
}

/** The lots that the lines of a posting name; a receipt makes those that are new. */
function lotsOf(posting: Posting, names: Names): WantedLot[] {
  if (posting.kind === 'REVERSAL') return [];
  const create = posting.kind === 'RECEIPT';
  return posting.lines.flatMap(({ item: by, lot }, index) => {
    if (!lot) return [];
    const path = ['input', 'lines', String(index)];
    const item = names.item(by, [...path, 'item']);
    const { code } = checkInput(LotTexts, lot, [...path, 'lot']);
    if (item.tracking === 'NONE') return [];
    return [{ item, lot: { ...lot, code }, create, path: [...path, 'lot'] }];
  });
}

const LotTexts = z.object({ code: requiredText });

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
