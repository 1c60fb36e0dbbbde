import {
  amount,
  type Check,
  check,
  type Finding,
  type PlacedFinding,
  placedCheck,
  placeOf,
  REAL,
} from './audit-check.ts';

interface Balance extends PlacedFinding {
  readonly lines: number;
  readonly levels: number;
  readonly expected: number;
  readonly actual: number;
}

/**
 * What the lines add up to beside what the levels say. Lines and levels are stacked and summed, which
 * costs a tenth of joining their sums.
 */
const balances = placedCheck<Balance>(
  () => `with pairs as materialized (
      select item_id, coalesce(lot_id, 0) as lot_key, from_location_id, to_location_id,
        count(*) as lines, sum(quantity) as quantity
      from movement_lines where organization_id = $1
      group by item_id, coalesce(lot_id, 0), from_location_id, to_location_id
    ), sides as (
      select item_id, lot_key, from_location_id as location_id, lines, -quantity as expected,
        0 as actual, cast(null as bigint) as level_id from pairs
      union all select item_id, lot_key, to_location_id, lines, quantity, 0, null from pairs
      union all select item_id, lot_key, location_id, 0, 0, on_hand, id from stock_levels
        where organization_id = $1
    )
    select max(level_id) as "subject", item_id as "item", location_id as "location",
      lot_key as "lot", cast(sum(lines) as bigint) as "lines", count(level_id) as "levels",
      cast(sum(expected) as bigint) as "expected", cast(sum(actual) as bigint) as "actual"
    from sides group by item_id, location_id, lot_key
    having sum(expected) <> sum(actual) or count(level_id) <> 1`,
  (found) => {
    const expected = amount(found.expected, found);
    if (found.levels === 0) {
      const message = `${placeOf(found)} has no level, but ${found.lines} lines that make ${expected}`;
      const subject = { type: 'Item', id: found.item };
      return { rule: 'LEVEL_MISSING', message, subject, expected, actual: null };
    }
    const actual = amount(found.actual, found);
    const rule = found.lines === 0 ? 'LEVEL_WITHOUT_LINES' : 'LEVEL_BALANCE';
    const message = `${placeOf(found)} has ${actual} on hand, its ${found.lines} lines make ${expected}`;
    return { rule, message, subject: levelOf(found), expected, actual };
  },
);

interface Sum extends PlacedFinding {
  readonly sum: number;
}

const sums = placedCheck<Sum>(
  () => `select item_id as "subject", item_id as "item", cast(null as bigint) as "location",
      lot_key as "lot", cast(sum(on_hand) as bigint) as "sum"
    from stock_levels where organization_id = $1 group by item_id, lot_key
    having sum(on_hand) <> 0`,
  (found) => {
    const actual = amount(found.sum, found);
    const message = `The levels of ${placeOf(found)} add up to ${actual}`;
    const subject = { type: 'Item', id: found.item };
    return { rule: 'ITEM_SUM', message, subject, expected: '0', actual };
  },
);

interface Stock extends PlacedFinding {
  readonly onHand: number;
  readonly reserved: number;
}

const real = (location: string): string =>
  `(select p.kind from locations p where p.id = ${location}) in ${REAL}`;

const LEVEL =
  'v.id as "subject", v.item_id as "item", v.location_id as "location", v.lot_key as "lot"';

/** The kind of the location decides what a real place is: the level's own word for it may be wrong. */
const negative = placedCheck<Stock>(
  () => `select ${LEVEL}, v.on_hand as "onHand" from stock_levels v
    where v.organization_id = $1 and v.on_hand < 0 and ${real('v.location_id')}`,
  (found) => {
    const actual = amount(found.onHand, found);
    const message = `${placeOf(found)} has ${actual} on hand`;
    return { rule: 'LEVEL_NEGATIVE', message, subject: levelOf(found), expected: null, actual };
  },
);

const reserved = placedCheck<Stock>(
  () => `select ${LEVEL}, v.on_hand as "onHand", v.reserved as "reserved" from stock_levels v
    where v.organization_id = $1
      and (v.reserved < 0 or v.reserved > v.on_hand and v.reserved > 0 and ${real('v.location_id')})`,
  (found) => {
    const actual = amount(found.reserved, found);
    const onHand = amount(found.onHand, found);
    const message = `${placeOf(found)} has ${actual} reserved and ${onHand} on hand`;
    return { rule: 'LEVEL_RESERVED', message, subject: levelOf(found), expected: null, actual };
  },
);

interface Place extends PlacedFinding {
  readonly kind: string;
  readonly outside: boolean | number;
}

const place = placedCheck<Place>(
  () => `select ${LEVEL}, p.kind as "kind", v.outside as "outside"
    from stock_levels v join locations p on p.id = v.location_id
    where v.organization_id = $1
      and (case when v.outside then 1 else 0 end)
        = (case when p.kind in ${REAL} then 1 else 0 end)`,
  (found) => {
    const actual = found.outside ? 'an outside world' : 'a real place';
    const expected = found.outside ? 'a real place' : 'an outside world';
    const message = `${placeOf(found)} counts as ${actual}, but the location is ${found.kind}`;
    return { rule: 'LEVEL_PLACE', message, subject: levelOf(found), expected, actual };
  },
);

interface LotKey extends Finding {
  readonly lotId: number | null;
  readonly lotKey: number;
}

const lotKey = check<LotKey>(
  () => `select v.id as "subject", v.lot_id as "lotId", v.lot_key as "lotKey" from stock_levels v
    where v.organization_id = $1 and v.lot_key <> coalesce(v.lot_id, 0)`,
  (found) => {
    const expected = String(found.lotId ?? 0);
    const actual = String(found.lotKey);
    const message = `Level ${found.subject} has the lot key ${actual} for the lot ${expected}`;
    return { rule: 'LEVEL_LOT', message, subject: levelOf(found), expected, actual };
  },
);

interface Serial extends PlacedFinding {
  readonly units: number;
}

const serials = placedCheck<Serial>(
  () => `select v.lot_id as "subject", v.item_id as "item", cast(null as bigint) as "location",
      v.lot_key as "lot", cast(sum(v.on_hand) as bigint) as "units"
    from stock_levels v join items i on i.id = v.item_id and i.tracking = 'SERIAL'
      join locations p on p.id = v.location_id and p.kind in ${REAL}
    where v.organization_id = $1 and v.lot_id is not null
    group by v.lot_id, v.item_id, v.lot_key having sum(v.on_hand) > 1`,
  (found) => {
    const actual = amount(found.units, found);
    const message = `There are ${actual} of ${placeOf(found)}, which is a serial number`;
    const subject = { type: 'Lot', id: found.subject ?? 0 };
    return { rule: 'SERIAL_TWICE', message, subject, expected: null, actual };
  },
);

interface Archived extends PlacedFinding {
  readonly onHand: number;
  readonly reserved: number;
  readonly isItem: boolean;
}

const archived = placedCheck<Archived>(
  () => `select v.id as "subject", v.item_id as "item", v.location_id as "location",
      v.lot_key as "lot", v.on_hand as "onHand", v.reserved as "reserved",
      i.archived_at is not null as "isItem"
    from stock_levels v join items i on i.id = v.item_id join locations p on p.id = v.location_id
    where v.organization_id = $1 and (v.on_hand <> 0 or v.reserved <> 0) and p.kind in ${REAL}
      and (i.archived_at is not null or p.archived_at is not null)`,
  (found) => {
    const actual = amount(found.onHand, found);
    const held = amount(found.reserved, found);
    const what = found.isItem ? 'item' : 'location';
    const message = `${placeOf(found)} has ${actual} on hand, ${held} of it reserved, but the ${what} is archived`;
    return { rule: 'LEVEL_ARCHIVED', message, subject: levelOf(found), expected: '0', actual };
  },
);

const levelOf = ({ subject }: Finding) => ({ type: 'StockLevel', id: subject ?? 0 });

/** The levels against the lines, and against the ledger's rules. */
export const LEVEL_CHECKS: readonly Check[] = [
  balances,
  sums,
  negative,
  reserved,
  place,
  lotKey,
  archived,
  serials,
];
