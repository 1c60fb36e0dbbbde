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

interface Running extends PlacedFinding {
  readonly side: 'from' | 'to';
  readonly stated: number;
  readonly balance: number;
}

/**
 * Every line's stated balances beside the running sums of their levels, in the order of the ids, and
 * what real places had at the end of each movement: within one, the order of the lines is free.
 */
const balances = placedCheck<Running>(
  () => `with sides as (
      select id, movement_id, item_id, coalesce(lot_id, 0) as lot_key, 'from' as side,
        from_location_id as location_id, -quantity as delta, from_after as stated
      from movement_lines where organization_id = $1
      union all select id, movement_id, item_id, coalesce(lot_id, 0), 'to', to_location_id, quantity,
        to_after from movement_lines where organization_id = $1
    ), running as (
      select s.*, lead(movement_id) over level as next_movement_id,
        cast(sum(delta) over (level rows unbounded preceding) as bigint) as balance
      from sides s window level as (partition by item_id, lot_key, location_id
        order by id, side)
    )
    select id as "subject", item_id as "item", location_id as "location", lot_key as "lot",
      side as "side", stated as "stated", balance as "balance"
    from running
    where stated <> balance or balance < 0 and next_movement_id is distinct from movement_id
      and (select p.kind from locations p where p.id = location_id) in ${REAL}`,
  (found) => {
    const [expected, actual] = [amount(found.balance, found), amount(found.stated, found)];
    const subject = lineOf(found);
    if (found.stated === found.balance) {
      const message = `${placeOf(found)} had ${actual} after line ${found.subject}`;
      return { rule: 'LINE_NEGATIVE', message, subject, expected: null, actual };
    }
    const message = `Line ${found.subject} states ${actual} for ${placeOf(found)}, the lines make ${expected}`;
    return { rule: 'LINE_BALANCE', message, subject, expected, actual };
  },
);

interface Line extends Finding {
  readonly quantity: number;
  readonly from: number;
  readonly to: number;
  readonly lot: number;
  readonly lotKey: number;
}

const shapes = check<Line>(
  () => `select id as "subject", quantity as "quantity", from_location_id as "from",
      to_location_id as "to", coalesce(lot_id, 0) as "lot", lot_key as "lotKey"
    from movement_lines
    where organization_id = $1 and (quantity <= 0 or from_location_id = to_location_id
      or lot_key <> coalesce(lot_id, 0))`,
  (found) => {
    const subject = lineOf(found);
    if (found.quantity <= 0) {
      const message = `Line ${found.subject} moves ${found.quantity} of the smallest unit`;
      return {
        rule: 'LINE_QUANTITY',
        message,
        subject,
        expected: null,
        actual: `${found.quantity}`,
      };
    }
    if (found.from === found.to) {
      const message = `Line ${found.subject} leads from location ${found.from} to itself`;
      return { rule: 'LINE_ENDS', message, subject, expected: null, actual: `${found.to}` };
    }
    const [expected, actual] = [`${found.lot}`, `${found.lotKey}`];
    const message = `Line ${found.subject} has the lot key ${actual} for the lot ${expected}`;
    return { rule: 'LINE_LOT', message, subject, expected, actual };
  },
);

interface Reference extends Finding {
  readonly what: string;
}

const references = check<Reference>(
  (dialect) => `select l.id as "subject", case when m.id is null then 'movement'
      when i.id is null then 'item' when f.id is null then 'location to take from'
      when t.id is null then 'location to bring to' else 'lot' end as "what"
    from movement_lines l
    left join movements m on m.id = l.movement_id and ${dialect.owned('m')}
    left join items i on i.id = l.item_id and ${dialect.owned('i')}
    left join locations f on f.id = l.from_location_id and ${dialect.owned('f')}
    left join locations t on t.id = l.to_location_id and ${dialect.owned('t')}
    left join lots b on b.id = l.lot_id and b.item_id = l.item_id and ${dialect.owned('b')}
    where l.organization_id = $1 and (m.id is null or i.id is null or f.id is null or t.id is null
      or l.lot_id is not null and b.id is null)`,
  (found) => {
    const message = `The ${found.what} of line ${found.subject} is missing or not its own`;
    return {
      rule: 'LINE_REFERENCE',
      message,
      subject: lineOf(found),
      expected: null,
      actual: null,
    };
  },
);

interface Positions extends Finding {
  readonly lines: number;
  readonly first: number | null;
  readonly last: number | null;
}

const positions = check<Positions>(
  (dialect) => `select m.id as "subject", count(l.id) as "lines", min(l.position) as "first",
      max(l.position) as "last"
    from movements m left join movement_lines l on l.movement_id = m.id and ${dialect.owned('l')}
    where m.organization_id = $1 group by m.id
    having count(l.id) = 0 and min(m.kind) not in ('COUNT', 'REVERSAL') or min(l.position) <> 1
      or max(l.position) <> count(l.id)`,
  ({ subject: id, lines, first, last }) => {
    const subject = { type: 'Movement', id: id ?? 0 };
    if (lines === 0) {
      const message = `Movement ${id} has no lines`;
      return { rule: 'MOVEMENT_EMPTY', message, subject, expected: null, actual: null };
    }
    const [expected, actual] = [`1 to ${lines}`, `${first} to ${last}`];
    const message = `The ${lines} lines of movement ${id} are numbered ${actual}`;
    return { rule: 'LINE_POSITION', message, subject, expected, actual };
  },
);

interface Order extends Finding {
  readonly previous: number;
}

/** Lists and running balances go by the ids of lines, which must rise as the ledger does. */
const order = check<Order>(
  (dialect) => `select id as "subject", previous as "previous" from (
      select l.id, lag(l.id) over (order by m.seq, l.position) as previous
      from movement_lines l join movements m on m.id = l.movement_id and ${dialect.owned('m')}
      where l.organization_id = $1) o
    where id < previous`,
  (found) => {
    const message = `Line ${found.subject} comes after line ${found.previous} in the ledger`;
    const expected = `more than ${found.previous}`;
    return {
      rule: 'LINE_ORDER',
      message,
      subject: lineOf(found),
      expected,
      actual: `${found.subject}`,
    };
  },
);

const lineOf = ({ subject }: Finding) => ({ type: 'MovementLine', id: subject ?? 0 });

/** The lines by themselves: their running balances, and what each of them refers to. */
export const LINE_CHECKS: readonly Check[] = [shapes, references, positions, order, balances];
