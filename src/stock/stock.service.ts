import type { Viewer } from '../access/viewer.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { InvalidInput } from '../errors.ts';
import { postMovements } from './posting.service.ts';
import type { Posted, Posting } from './posting.ts';

/** The most lines that one call of the API takes. The posting service itself knows no limit. */
export const MAX_LINES = 1000;

/**
 * Records one movement, as a call of the API asks for it.
 * @throws as `postMovements` does, and InvalidInput for no lines or too many.
 */
export async function postOne(
  em: EntityManager,
  viewer: Viewer,
  posting: Posting,
): Promise<Posted> {
  if ('lines' in posting) checkLines(posting);
  const [posted] = await postMovements(em, viewer, [posting]);
  return posted as Posted;
}

function checkLines({ kind, lines, ...rest }: Extract<Posting, { lines: unknown }>): void {
  // A count of a place where nothing is to be found has nothing to list.
  const least = kind === 'COUNT' && 'unlisted' in rest && rest.unlisted === 'ZERO' ? 0 : 1;
  if (lines.length >= least && lines.length <= MAX_LINES) return;
  const message = `A call takes ${least} to ${MAX_LINES} lines, got ${lines.length}.`;
  throw new InvalidInput(message, ['input', 'lines']);
}
