import { type Check, check, type Finding } from './audit-check.ts';

interface Numbers extends Finding {
  readonly expected: number;
  readonly actual: number | null;
}

/** Here the subject is the place in the journal: its entries have no id that the API knows. */
const gaps = check<Numbers>(
  () => `select seq as "subject", previous + 1 as "expected", seq as "actual" from (
      select seq, lag(seq, 1, cast(0 as bigint)) over (order by seq) as previous
      from journal_entries where organization_id = $1) j
    where seq <> previous + 1`,
  ({ expected, actual }) => {
    const message = `The journal goes on with ${actual} where ${expected} should follow`;
    return { rule: 'JOURNAL_GAP', message, subject: null, ...texts(expected, actual) };
  },
);

const head = check<Numbers>(
  () => `select * from (
      select cast(0 as bigint) as "subject", (select coalesce(max(seq), 0) from journal_entries
          where organization_id = $1) as "expected",
        (select seq from journal_heads where organization_id = $1) as "actual") h
    where "actual" is distinct from "expected"`,
  ({ expected, actual }) => {
    const message = `The journal ends at ${expected}, its head says ${actual ?? 'nothing'}`;
    return { rule: 'JOURNAL_HEAD', message, subject: null, ...texts(expected, actual) };
  },
);

interface Times extends Finding {
  readonly previous: Date;
  readonly at: Date;
}

/** The time of the head counts as the last: a new entry is never earlier than that. */
const times = check<Times>(
  () => `select seq as "subject", previous as "previous", at as "at" from (
      select seq, at, lag(at) over (order by head, seq) as previous from (
        select seq, at, 0 as head from journal_entries where organization_id = $1
        union all select seq, recorded_at, 1 from journal_heads where organization_id = $1) e) j
    where at < previous`,
  ({ subject: seq, previous, at }) => {
    const [expected, actual] = [`${previous.toISOString()} or later`, at.toISOString()];
    const message = `The journal says ${actual} at ${seq}, after ${previous.toISOString()}`;
    return { rule: 'JOURNAL_TIME', message, subject: null, expected, actual };
  },
  (row) => {
    row['previous'] = new Date(Number(row['previous']));
    row['at'] = new Date(Number(row['at']));
  },
);

interface Recorded extends Finding {
  readonly seq: number;
}

const movements = check<Recorded>(
  () => `select m.id as "subject", m.seq as "seq" from movements m
    left join journal_entries j on j.organization_id = $1 and j.seq = m.seq
      and j.at = m.recorded_at and j.subject_type = 'Movement' and j.subject_id = m.id
    where m.organization_id = $1 and j.id is null`,
  ({ subject: id, seq }) => {
    const message = `The journal does not tell of movement ${id} at ${seq}, or at another time`;
    const subject = { type: 'Movement', id: id ?? 0 };
    return { rule: 'MOVEMENT_JOURNAL', message, subject, expected: `${seq}`, actual: null };
  },
);

interface Order extends Finding {
  readonly previous: number;
}

/** Balances of the past are found by the ids of movements, which must rise as the ledger does. */
const order = check<Order>(
  () => `select id as "subject", previous as "previous" from (
      select id, lag(id) over (order by seq) as previous from movements
      where organization_id = $1) m
    where id < previous`,
  ({ subject: id, previous }) => {
    const message = `Movement ${id} comes after movement ${previous} in the ledger`;
    const subject = { type: 'Movement', id: id ?? 0 };
    return {
      ...{ rule: 'MOVEMENT_ORDER', message, subject },
      ...{ expected: `more than ${previous}`, actual: `${id}` },
    };
  },
);

interface Told extends Finding {
  readonly movement: number;
}

const entries = check<Told>(
  (dialect) => `select j.seq as "subject", j.subject_id as "movement" from journal_entries j
    left join movements m on m.id = j.subject_id and ${dialect.owned('m')}
    where j.organization_id = $1 and j.subject_type = 'Movement' and m.id is null`,
  ({ subject: seq, movement }) => {
    const message = `The journal tells of movement ${movement} at ${seq}, which is not there`;
    return {
      rule: 'JOURNAL_MOVEMENT',
      message,
      subject: null,
      expected: `${movement}`,
      actual: null,
    };
  },
);

interface Keyed extends Finding {
  readonly key: number;
}

const keys = check<Keyed>(
  (dialect) => `select m.id as "subject", m.idempotency_key_id as "key" from movements m
    left join idempotency_keys k on k.id = m.idempotency_key_id and ${dialect.owned('k')}
    where m.organization_id = $1 and k.id is null`,
  ({ subject: id, key }) => {
    const message = `Movement ${id} has the idempotency key ${key}, which is not there`;
    const subject = { type: 'Movement', id: id ?? 0 };
    return { rule: 'MOVEMENT_KEY', message, subject, expected: `${key}`, actual: null };
  },
);

const texts = (expected: number, actual: number | null) => ({
  expected: String(expected),
  actual: actual === null ? null : String(actual),
});

/** The journal by itself, and with the movements that it tells of. */
export const JOURNAL_CHECKS: readonly Check[] = [
  gaps,
  head,
  times,
  movements,
  order,
  entries,
  keys,
];
