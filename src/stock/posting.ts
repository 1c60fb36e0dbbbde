import type { ItemReference } from '../catalog/item.service.ts';
import type { Row } from '../database/rows.ts';
import type { LocationReference } from '../locations/location.service.ts';
import type { Movement, MovementKind } from './movement.entity.ts';
import type { StockLevel } from './stock-level.entity.ts';

/** A quantity of an item that is to go from one location to another. */
export interface PostingLine {
  readonly item: ItemReference;
  readonly from: LocationReference;
  readonly to: LocationReference;
  /** A decimal number, greater than 0. */
  readonly quantity: string;
}

/** A movement that somebody wants recorded. */
export interface Posting {
  readonly kind: MovementKind;
  /** Makes it happen once, however often it is sent. */
  readonly idempotencyKey: string;
  readonly lines: readonly PostingLine[];
  readonly reference?: string | null | undefined;
  readonly note?: string | null | undefined;
  /** When it happened, as the caller says; now unless said. */
  readonly occurredAt?: Date | null | undefined;
}

/** A movement that is recorded. */
export interface Posted {
  readonly movement: Row<Movement>;
  /** Whether it was recorded by an earlier call with the same key. */
  readonly replayed: boolean;
  /** The levels of real places that it touched, as they are now. */
  readonly levels: readonly Row<StockLevel>[];
}
