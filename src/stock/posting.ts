import type { ItemReference } from '../catalog/item.service.ts';
import type { Row } from '../database/rows.ts';
import type { LocationReference } from '../locations/location.service.ts';
import type { LotReference } from './lots.ts';
import type { AdjustmentReason, Movement } from './movement.entity.ts';
import type { StockLevel } from './stock-level.entity.ts';

interface AnyPosting {
  /** Makes it happen once, however often it is sent. */
  readonly idempotencyKey: string;
  readonly reference?: string | null | undefined;
  readonly note?: string | null | undefined;
  /** When it happened, as the caller says; now unless said. */
  readonly occurredAt?: Date | null | undefined;
}

/** A quantity of an item that is to go from one location to another. */
export interface MoveLine {
  readonly item: ItemReference;
  readonly from: LocationReference;
  readonly to: LocationReference;
  readonly lot?: LotReference | null | undefined;
  /** A decimal number, greater than 0. */
  readonly quantity: string;
}

/** Stock that is to go from place to place. */
export interface MovePosting extends AnyPosting {
  readonly kind: 'RECEIPT' | 'ISSUE' | 'TRANSFER';
  readonly lines: readonly MoveLine[];
}

/** A correction of what is at a location, by the difference. */
export interface AdjustPosting extends AnyPosting {
  readonly kind: 'ADJUSTMENT';
  readonly location: LocationReference;
  readonly reason: AdjustmentReason;
  /** `delta` is a decimal number other than 0: what is there more, or with a sign less. */
  readonly lines: readonly {
    readonly item: ItemReference;
    readonly lot?: LotReference | null | undefined;
    readonly delta: string;
  }[];
}

/** What somebody counted at a location. */
export interface CountPosting extends AnyPosting {
  readonly kind: 'COUNT';
  readonly location: LocationReference;
  readonly lines: readonly {
    readonly item: ItemReference;
    readonly lot?: LotReference | null | undefined;
    /** A decimal number, not below 0. */
    readonly counted: string;
    /** What must be on hand for the count to hold, if the caller says so. */
    readonly expected?: string | null | undefined;
  }[];
  /** What becomes of stock at the location that is not listed. */
  readonly unlisted: 'KEEP' | 'ZERO';
}

/** A mistake that is to be undone, whole. */
export interface ReversalPosting extends AnyPosting {
  readonly kind: 'REVERSAL';
  /** The key of the movement. */
  readonly movement: number;
}

/** A movement that somebody wants recorded. */
export type Posting = MovePosting | AdjustPosting | CountPosting | ReversalPosting;

/** A movement that is recorded. */
export interface Posted {
  readonly movement: Row<Movement>;
  /** Whether it was recorded by an earlier call with the same key. */
  readonly replayed: boolean;
  /** The levels of real places that it touched, as they are now. */
  readonly levels: readonly Row<StockLevel>[];
}
