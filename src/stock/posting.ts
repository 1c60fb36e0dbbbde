import type { ItemReference } from '../catalog/item-reference.ts';
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
  /** Whether it is brought in from elsewhere, so that a lot that it makes may have expired since. */
  readonly past?: boolean;
}

/** Stock that a reservation holds, and that is to go out now. */
export interface FulfilPosting extends AnyPosting {
  readonly kind: 'ISSUE';
  /** The key of the reservation. */
  readonly reservation: number;
  readonly to: LocationReference;
  /** What of it is to go out; all that it holds unless said. */
  readonly lines?: readonly FulfilLine[] | null | undefined;
}

/** A quantity of what a reservation holds, wherever it holds it unless said. */
export interface FulfilLine {
  readonly item: ItemReference;
  readonly location?: LocationReference | null | undefined;
  readonly lot?: LotReference | null | undefined;
  /** A decimal number, greater than 0. */
  readonly quantity: string;
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
  /** What becomes of reservations where less was counted than they hold. */
  readonly onReserved: 'REFUSE' | 'RELEASE_NEWEST';
}

/**
 * A count that found of everything just what was on hand, at a place that is not known any more: the
 * ledger keeps places of lines only, and such a count has none.
 */
export interface ConfirmPosting extends AnyPosting {
  readonly kind: 'COUNT';
  readonly confirmed: CountPosting['lines'];
}

/** A mistake that is to be undone, whole. */
export interface ReversalPosting extends AnyPosting {
  readonly kind: 'REVERSAL';
  /** The key of the movement. */
  readonly movement: number;
}

/** A movement that somebody wants recorded. */
export type Posting =
  | MovePosting
  | FulfilPosting
  | AdjustPosting
  | CountPosting
  | ConfirmPosting
  | ReversalPosting;

/** A posting whose texts were checked, and the user who wants it. */
export type Order = Posting & { readonly actor: number };

/** A movement that is recorded. */
export interface Posted {
  readonly movement: Row<Movement>;
  /** Whether it was recorded by an earlier call with the same key. */
  readonly replayed: boolean;
  /** The levels of real places that it touched, as they are now. */
  readonly levels: readonly Row<StockLevel>[];
}
