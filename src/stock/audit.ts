/** What can be wrong with a ledger: each rule by its name, and what it means to break it. */
export const LEDGER_RULES = {
  LEVEL_BALANCE: 'A level has something else on hand than its lines add up to.',
  LEVEL_MISSING: 'Lines lead to or from a place that has no level.',
  LEVEL_WITHOUT_LINES: 'A level has stock on hand that no line brought there.',
  LEVEL_PLACE: 'A level is taken for a real place where it is none, or the other way round.',
  LEVEL_LOT: "A level's key for its lot does not fit its lot.",
  LEVEL_NEGATIVE: 'A real place has less than nothing.',
  LEVEL_RESERVED:
    'A level has more reserved than is on hand at a real place, or less than nothing.',
  LEVEL_HOLDS: 'A level has something else reserved than the reservations hold of it.',
  LEVEL_ARCHIVED: 'There is stock of an item, or at a real place, that was put out of use.',
  SERIAL_TWICE: 'A serial number is in real places more than once.',
  ITEM_SUM: 'The levels of an item and lot, outside worlds included, do not add up to nothing.',
  LINE_BALANCE: 'A line states another balance than the lines up to it make.',
  LINE_NEGATIVE: 'A real place had less than nothing after a movement.',
  LINE_QUANTITY: 'A line moves nothing, or less.',
  LINE_ENDS: 'A line leads to where it comes from.',
  LINE_LOT: "A line's key for its lot does not fit its lot.",
  LINE_REFERENCE: 'A line refers to something that is missing, or that does not belong to it.',
  LINE_POSITION: 'The lines of a movement are not numbered 1, 2, 3 and so on.',
  LINE_ORDER: 'A line stands before one of an earlier movement or position.',
  MOVEMENT_ORDER: 'A movement has a lower id than an earlier one.',
  MOVEMENT_EMPTY: 'A movement has no lines. Only a count may have none, and what undoes one.',
  MOVEMENT_KEY: 'A movement has no idempotency key.',
  MOVEMENT_JOURNAL: 'A movement has no entry in the journal at its place and time.',
  COUNT_DIFFERENCE: 'A count says that another quantity was found or missed than its lines moved.',
  REVERSAL_REST: 'A movement and its reversal do not cancel each other out.',
  RESERVATION_REST: 'A reservation holds something else than is left of it.',
  RESERVATION_JOURNAL: 'The journal does not tell how a reservation was made or resolved.',
  JOURNAL_MOVEMENT: 'The journal tells of a movement that is not there.',
  JOURNAL_GAP: 'The journal lacks a place.',
  JOURNAL_HEAD: 'The journal ends elsewhere than its head says.',
  JOURNAL_TIME: 'The time in the journal falls.',
  TRIGGER_MISSING: 'A table that is written once lacks the trigger that keeps it so.',
} as const;
export type LedgerRule = keyof typeof LEDGER_RULES;

/** One thing that is not as the ledger's rules say. */
export interface LedgerDifference {
  readonly rule: LedgerRule;
  /** For people, in English and without the rule's name. */
  readonly message: string;
  /** The row that it is about, where there is one. */
  readonly subject: { readonly type: string; readonly id: number } | null;
  readonly expected: string | null;
  readonly actual: string | null;
}

/** What an audit looked at in one organization, and what it found. */
export interface LedgerAudit {
  readonly lines: number;
  readonly levels: number;
  readonly movements: number;
  /** How far the journal reached at the moment that the audit is of. */
  readonly seq: number;
  /** How many differences there are, of which `differences` names the first. */
  readonly differenceCount: number;
  readonly differences: readonly LedgerDifference[];
}
