import type { ItemReference } from '../catalog/item-reference.ts';
import type { Row } from '../database/rows.ts';
import type { LocationReference } from '../locations/location.service.ts';
import type { LotReference } from './lots.ts';
import type { StockLevel } from './stock-level.entity.ts';

/** Stock that somebody wants held. */
export interface NewReservation {
  /** Makes it happen once, however often it is sent. */
  readonly idempotencyKey: string;
  /** The owner's own number for it, such as an order. */
  readonly reference: string;
  /** When it ends by itself; never unless said. */
  readonly expiresAt?: Date | null | undefined;
  readonly lines: readonly {
    readonly item: ItemReference;
    readonly location: LocationReference;
    readonly lot?: LotReference | null | undefined;
    /** A decimal number, greater than 0. */
    readonly quantity: string;
  }[];
}

/** A reservation that is to end. */
export interface Release {
  readonly idempotencyKey: string;
  /** The key of the reservation. */
  readonly reservation: number;
}

/** A reservation that is to last longer. */
export interface Extension extends Release {
  readonly expiresAt: Date;
}

/** What became of a reservation. */
export interface Reserved {
  /** The key of the reservation. */
  readonly reservation: number;
  /** Whether an earlier call with the same key did it. */
  readonly replayed: boolean;
  /** The levels that it holds, or held, something of, as they are now. */
  readonly levels: readonly Row<StockLevel>[];
}
