import {
  amount,
  type Check,
  check,
  type Finding,
  type PlacedFinding,
  placedCheck,
  placeOf,
} from './audit-check.ts';

interface Held extends PlacedFinding {
  readonly expected: number;
  readonly actual: number;
}

/** What the reservations hold beside what the levels say is reserved. */
const levels = placedCheck<Held>(
  () => `with sides as (
      select item_id, location_id, lot_key, held as expected, 0 as actual,
        cast(null as bigint) as level_id
      from reservation_lines where organization_id = $1 and held > 0
      union all select item_id, location_id, lot_key, 0, reserved, id from stock_levels
        where organization_id = $1
    )
    select max(level_id) as "subject", item_id as "item", location_id as "location",
      lot_key as "lot", cast(sum(expected) as bigint) as "expected",
      cast(sum(actual) as bigint) as "actual"
    from sides group by item_id, location_id, lot_key having sum(expected) <> sum(actual)`,
  (found) => {
    const [expected, actual] = [amount(found.expected, found), amount(found.actual, found)];
    const message = `${placeOf(found)} has ${actual} reserved, its reservations hold ${expected}`;
    const subject = found.subject === null ? null : { type: 'StockLevel', id: found.subject };
    return { rule: 'LEVEL_HOLDS', message, subject, expected, actual };
  },
);

interface Rest extends Held {
  readonly state: string;
}

/** A line holds what is not fulfilled of it until its reservation is resolved, and nothing after. */
const lines = placedCheck<Rest>(
  () => `select x."subject", x."item", x."location", x."lot", x."state", x."expected", x."actual"
    from (
      select l.reservation_id as "subject", l.item_id as "item", l.location_id as "location",
        l.lot_key as "lot", r.state as "state", l.held as "actual",
        case when r.state = 'ACTIVE' then l.quantity - l.fulfilled else 0 end as "expected",
        l.lot_key - coalesce(l.lot_id, 0) as lot_difference,
        case when r.state = 'FULFILLED' then l.quantity - l.fulfilled else 0 end as unfulfilled
      from reservation_lines l join reservations r on r.id = l.reservation_id
      where l.organization_id = $1) x
    where x."expected" <> x."actual" or x.lot_difference <> 0 or x.unfulfilled <> 0`,
  (found) => {
    const [expected, actual] = [amount(found.expected, found), amount(found.actual, found)];
    const message = `Reservation ${found.subject} is ${found.state} and holds ${actual} of ${placeOf(found)}`;
    return { rule: 'RESERVATION_REST', message, subject: reservationOf(found), expected, actual };
  },
);

interface Told extends Finding {
  readonly state: string;
  readonly expected: number;
  readonly actual: number;
}

/** The journal tells when a reservation is made, and when it is resolved. */
const journal = check<Told>(
  () => `select x."subject", x."state", x."expected", x."actual" from (
      select r.id as "subject", r.state as "state",
        case when r.state = 'ACTIVE' then 1 else 2 end as "expected",
        (select count(*) from journal_entries e where e.organization_id = $1
          and e.subject_type = 'Reservation' and e.subject_id = r.id
          and (e.action = 'reservation.create' and e.at = r.created_at
            or e.at = r.resolved_at and e.action = case r.state when 'FULFILLED'
              then 'reservation.fulfil' when 'RELEASED' then 'reservation.release'
              else 'reservation.expire' end)) as "actual"
      from reservations r where r.organization_id = $1) x
    where x."actual" < x."expected"`,
  (found) => {
    const message = `The journal does not tell how reservation ${found.subject} came to be ${found.state}`;
    const [expected, actual] = [String(found.expected), String(found.actual)];
    return {
      ...{ rule: 'RESERVATION_JOURNAL', message, expected, actual },
      subject: reservationOf(found),
    };
  },
);

const reservationOf = ({ subject }: Finding) => ({ type: 'Reservation', id: subject ?? 0 });

/** The reservations against the levels, their own states, and the journal. */
export const HOLD_CHECKS: readonly Check[] = [levels, lines, journal];
