// Generated from operations.graphql by `npm run example:generate`: do not edit.
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** Names an item, in one of these ways. */
export type ItemBy =
  {   /** One of its barcodes. */
  barcode: string; id?: never; sku?: never; }
  |  { barcode?: never;   /** Its id. */
  id: string | number; sku?: never; }
  |  { barcode?: never; id?: never;   /** Its SKU, whatever its case. */
  sku: string; };

/** A new item. */
export type ItemCreateInput = {
  /** A JSON object of whatever else is known. */
  attributes?: unknown;
  /** Its barcodes, all of them: at most 50. */
  barcodes?: Array<string> | null | undefined;
  /** The id of its category. */
  category?: string | number | null | undefined;
  /** Fraction digits of its quantities, 0 to 6; fixed once it has moved. */
  decimals?: number;
  /** What it is, at any length. */
  description?: string | null | undefined;
  /** What people call it. */
  name: string;
  /** When to order again. */
  reorderPoint?: string | null | undefined;
  /** Unique in the organization. */
  sku: string;
  /** The ids of its tags, all of them. */
  tags?: Array<string | number> | null | undefined;
  /** What its units are told apart by; fixed. */
  tracking?: ItemTracking;
  /** What it is counted in. */
  unit?: string;
};

/** What an item's units are told apart by. */
export type ItemTracking =
  /** Lots: batches, which may expire. */
  | 'LOT'
  /** Nothing: any unit is as good as another. */
  | 'NONE'
  /** Serial numbers: each unit has its own. */
  | 'SERIAL';

/** Names a location, in one of these ways. */
export type LocationBy =
  {   /** Its code, whatever its case. */
  code: string; id?: never; }
  |  { code?: never;   /** Its id. */
  id: string | number; };

/** A new location. */
export type LocationCreateInput = {
  /** Unique in the organization. */
  code: string;
  /** What it is. */
  kind?: LocationKind;
  /** What people call it. */
  name: string;
  /** The location that it lies in. */
  parent?: LocationBy | null | undefined;
};

/** What a location is. */
export type LocationKind =
  /** The outside world that corrections come from and go to. */
  | 'ADJUSTMENT'
  /** The outside world that goods go to. */
  | 'CUSTOMER'
  /** The outside world that waste goes to. */
  | 'SCRAP'
  /** A real place where stock is kept. */
  | 'STORAGE'
  /** The outside world that goods come from. */
  | 'SUPPLIER'
  /** Stock under way between two places. */
  | 'TRANSIT';

/** A lot or a serial number as it comes in. */
export type LotInput = {
  /** Unique among the lots of its item. */
  code: string;
  /** The last day on which it may be used. */
  expiresOn?: string | null | undefined;
};

/** Takes goods out: all lines, or nothing. */
export type StockIssueInput = {
  /** Where it comes from. */
  from: LocationBy;
  /** Makes it happen once, however often it is sent: a new UUID for each intent. */
  idempotencyKey: string;
  /** What moves: 1 to 1000 lines. */
  lines: Array<StockLineInput>;
  /** What people should know of it. */
  note?: string | null | undefined;
  /** When it happened; now unless said. Filters and groups, moves no balance. */
  occurredAt?: string | null | undefined;
  /** Your own number for it, such as an order. */
  reference?: string | null | undefined;
  /** Where it goes. The CUSTOMER world unless said. */
  to?: LocationBy | null | undefined;
};

/** How much of an item. */
export type StockLineInput = {
  /** Which item. */
  item: ItemBy;
  /** Of which lot; of an item with lots the first to expire unless said. */
  lot?: string | null | undefined;
  /** How much, above 0. */
  quantity: string;
};

/** Brings goods in from outside. */
export type StockReceiveInput = {
  /** Where it comes from. The SUPPLIER world unless said. */
  from?: LocationBy | null | undefined;
  /** Makes it happen once, however often it is sent: a new UUID for each intent. */
  idempotencyKey: string;
  /** What moves: 1 to 1000 lines. */
  lines: Array<StockReceiveLineInput>;
  /** What people should know of it. */
  note?: string | null | undefined;
  /** When it happened; now unless said. Filters and groups, moves no balance. */
  occurredAt?: string | null | undefined;
  /** Your own number for it, such as an order. */
  reference?: string | null | undefined;
  /** Where it goes. */
  to: LocationBy;
};

/** How much of an item comes in. */
export type StockReceiveLineInput = {
  /** Which item. */
  item: ItemBy;
  /** Of which lot; required for an item with lots, and made when it is new. */
  lot?: LotInput | null | undefined;
  /** How much, above 0. */
  quantity: string;
};

export type CreateItemMutationVariables = Exact<{
  input: ItemCreateInput;
}>;


export type CreateItemMutation = { itemCreate:
    | { __typename: 'AlreadyExists', message: string, path: Array<string> | null }
    | { __typename: 'InvalidInput', message: string, path: Array<string> | null }
    | { __typename: 'ItemCreateSuccess', item: { id: string, sku: string } }
    | { __typename: 'NotFound', message: string, path: Array<string> | null }
   | null };

export type CreateLocationMutationVariables = Exact<{
  input: LocationCreateInput;
}>;


export type CreateLocationMutation = { locationCreate:
    | { __typename: 'AlreadyExists', message: string, path: Array<string> | null }
    | { __typename: 'InvalidInput', message: string, path: Array<string> | null }
    | { __typename: 'InvalidState', message: string, path: Array<string> | null }
    | { __typename: 'LocationCreateSuccess', location: { id: string, code: string } }
    | { __typename: 'NotFound', message: string, path: Array<string> | null }
   | null };

export type ReceiveMutationVariables = Exact<{
  input: StockReceiveInput;
}>;


export type ReceiveMutation = { stockReceive:
    | { __typename: 'IdempotencyMismatch', message: string, path: Array<string> | null }
    | { __typename: 'InsufficientStock', message: string, path: Array<string> | null }
    | { __typename: 'InvalidInput', message: string, path: Array<string> | null }
    | { __typename: 'InvalidState', message: string, path: Array<string> | null }
    | { __typename: 'LotExpired', message: string, path: Array<string> | null }
    | { __typename: 'NotFound', message: string, path: Array<string> | null }
    | { __typename: 'StockReceiveSuccess', replayed: boolean, levels: Array<{ onHand: string }> }
   | null };

export type IssueMutationVariables = Exact<{
  input: StockIssueInput;
}>;


export type IssueMutation = { stockIssue:
    | { __typename: 'IdempotencyMismatch', message: string, path: Array<string> | null }
    | { __typename: 'InsufficientStock', message: string, path: Array<string> | null, shortages: Array<{ requested: string, available: string, item: { sku: string } }> }
    | { __typename: 'InvalidInput', message: string, path: Array<string> | null }
    | { __typename: 'InvalidState', message: string, path: Array<string> | null }
    | { __typename: 'LotExpired', message: string, path: Array<string> | null }
    | { __typename: 'NotFound', message: string, path: Array<string> | null }
    | { __typename: 'StockIssueSuccess', replayed: boolean, levels: Array<{ available: string }> }
   | null };

export type ItemsQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
}>;


export type ItemsQuery = { items: { nodes: Array<{ sku: string, available: string }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type JournalQueryVariables = Exact<{
  after: number;
  first: number;
}>;


export type JournalQuery = { journal: { hasMore: boolean, entries: Array<{ seq: number, action: string }> } };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}

export const CreateItemDocument = new TypedDocumentString(`
    mutation CreateItem($input: ItemCreateInput!) {
  itemCreate(input: $input) {
    __typename
    ... on ItemCreateSuccess {
      item {
        id
        sku
      }
    }
    ... on Error {
      message
      path
    }
  }
}
    `) as unknown as TypedDocumentString<CreateItemMutation, CreateItemMutationVariables>;
export const CreateLocationDocument = new TypedDocumentString(`
    mutation CreateLocation($input: LocationCreateInput!) {
  locationCreate(input: $input) {
    __typename
    ... on LocationCreateSuccess {
      location {
        id
        code
      }
    }
    ... on Error {
      message
      path
    }
  }
}
    `) as unknown as TypedDocumentString<CreateLocationMutation, CreateLocationMutationVariables>;
export const ReceiveDocument = new TypedDocumentString(`
    mutation Receive($input: StockReceiveInput!) {
  stockReceive(input: $input) {
    __typename
    ... on StockReceiveSuccess {
      replayed
      levels {
        onHand
      }
    }
    ... on Error {
      message
      path
    }
  }
}
    `) as unknown as TypedDocumentString<ReceiveMutation, ReceiveMutationVariables>;
export const IssueDocument = new TypedDocumentString(`
    mutation Issue($input: StockIssueInput!) {
  stockIssue(input: $input) {
    __typename
    ... on StockIssueSuccess {
      replayed
      levels {
        available
      }
    }
    ... on InsufficientStock {
      shortages {
        item {
          sku
        }
        requested
        available
      }
    }
    ... on Error {
      message
      path
    }
  }
}
    `) as unknown as TypedDocumentString<IssueMutation, IssueMutationVariables>;
export const ItemsDocument = new TypedDocumentString(`
    query Items($first: Int!, $after: String) {
  items(first: $first, after: $after) {
    nodes {
      sku
      available
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<ItemsQuery, ItemsQueryVariables>;
export const JournalDocument = new TypedDocumentString(`
    query Journal($after: SafeInt!, $first: Int!) {
  journal(after: $after, first: $first) {
    entries {
      seq
      action
    }
    hasMore
  }
}
    `) as unknown as TypedDocumentString<JournalQuery, JournalQueryVariables>;