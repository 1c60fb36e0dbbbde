import type { Viewer } from '../access/viewer.ts';
import type { ItemReference } from '../catalog/item.service.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { InvalidInput } from '../errors.ts';
import type { LocationReference } from '../locations/location.service.ts';
import type { MovementKind } from './movement.entity.ts';
import { postMovements } from './posting.service.ts';
import type { Posted, Posting } from './posting.ts';

/** The most lines that one call of the API takes. The posting service itself knows no limit. */
export const MAX_LINES = 1000;

/** What callers say of a movement whose lines all go from one location to another. */
export interface StockMove
  extends Pick<Posting, 'idempotencyKey' | 'reference' | 'note' | 'occurredAt'> {
  readonly from: LocationReference;
  readonly to: LocationReference;
  readonly lines: readonly { readonly item: ItemReference; readonly quantity: string }[];
}

/**
 * Records a movement from one location to another.
 * @throws as `postMovements` does, and InvalidInput for no lines or too many.
 */
export async function moveStock(
  em: EntityManager,
  viewer: Viewer,
  kind: MovementKind,
  { from, to, lines, ...rest }: StockMove,
): Promise<Posted> {
  if (lines.length === 0 || lines.length > MAX_LINES) {
    const message = `A movement takes 1 to ${MAX_LINES} lines, got ${lines.length}.`;
    throw new InvalidInput(message, ['input', 'lines']);
  }
  const posting = { ...rest, kind, lines: lines.map((line) => ({ ...line, from, to })) };
  const [posted] = await postMovements(em, viewer, [posting]);
  return posted as Posted;
}
