import type { EntityManager } from '../database/entity-manager.ts';
import type { Draft } from './draft.ts';
import { draftConfirmation } from './draft-confirmation.ts';
import { draftCount } from './draft-count.ts';
import { draftFulfilment } from './draft-fulfilment.ts';
import { ADJUSTMENT_WORLD, draftAdjust, draftMove } from './draft-move.ts';
import { draftReversal } from './draft-reversal.ts';
import { type Found, findNamed, type Naming } from './found.ts';
import type { Posting } from './posting.ts';
import type { Refused } from './refused.ts';

/** Postings whose names are resolved. */
interface Drafts {
  readonly drafts: readonly Draft[];
  /** The newest archiving before that. */
  readonly archivedSeq: number;
}

/**
 * Resolves what postings name, and makes of each what it needs and does.
 * @param refused is told of every posting that is refused here, before the first refusal is thrown.
 */
export async function draftPostings(
  em: EntityManager,
  organizationId: number,
  postings: readonly Posting[],
  refused: Refused,
): Promise<Drafts> {
  const found = await findNamed(em, organizationId, postings.map(namingOf));
  const drafts: Draft[] = [];
  for (const posting of postings) {
    await refused.attempt(posting, async () => {
      drafts.push(await draft(em, organizationId, posting, found));
    });
  }
  refused.throwFirst();
  return { drafts, archivedSeq: found.names.archivedSeq };
}

async function draft(
  em: EntityManager,
  organizationId: number,
  posting: Posting,
  found: Found,
): Promise<Draft> {
  if ('reservation' in posting) return draftFulfilment(em, organizationId, posting, found);
  if ('confirmed' in posting) return draftConfirmation(posting, found);
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

function namingOf(posting: Posting): Naming {
  if ('reservation' in posting) {
    const lines = posting.lines ?? [];
    return { lines, places: [posting.to, ...lines.flatMap(({ location }) => location ?? [])] };
  }
  if ('confirmed' in posting) return { lines: posting.confirmed, places: [] };
  switch (posting.kind) {
    case 'ADJUSTMENT':
    case 'COUNT':
      return { lines: posting.lines, places: [posting.location, ADJUSTMENT_WORLD] };
    case 'REVERSAL':
      return { lines: [], places: [] };
    default: {
      const { kind, lines, past = false } = posting;
      const places = lines.flatMap(({ from, to }) => [from, to]);
      return { lines, places, createLots: kind === 'RECEIPT', past };
    }
  }
}
