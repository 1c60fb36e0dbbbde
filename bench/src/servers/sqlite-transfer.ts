import { createHash } from 'node:crypto';
import type { Database } from 'better-sqlite3';

interface Transfer {
  readonly organization: number;
  readonly actor: number;
  readonly key: string;
  readonly item: number;
  readonly from: number;
  readonly to: number;
  readonly quantity: number;
}

interface Level {
  readonly id: number;
  readonly location_id: number;
  readonly outside: number;
  readonly on_hand: number;
  readonly reserved: number;
}

interface Recorded {
  readonly seq: number;
  readonly fromAfter: number;
  readonly toAfter: number;
}

const REAL = "('STORAGE', 'TRANSIT')";

/** A transfer by the rules of the ledger, as `transfer-function.ts` says them for PostgreSQL. */
export function sqliteTransfer(database: Database): (transfer: Transfer) => string {
  const claim = database.prepare<unknown[], { id: number }>(
    `insert into idempotency_keys (organization_id, key, input_hash) values (?, ?, ?)
      on conflict (organization_id, key) do nothing returning id`,
  );
  const known = database.prepare<unknown[], Recorded & { hash: string }>(
    `select k.input_hash as hash, m.seq, l.from_after as fromAfter, l.to_after as toAfter
      from idempotency_keys k join movements m on m.idempotency_key_id = k.id
      join movement_lines l on l.movement_id = m.id where k.organization_id = ? and k.key = ?`,
  );
  const names = database.prepare<unknown[], { fromOutside: number; toOutside: number }>(
    `select f.kind not in ${REAL} as fromOutside, t.kind not in ${REAL} as toOutside
      from items i cross join locations f cross join locations t
      where i.id = $item and +i.organization_id = $organization and i.tracking = 'NONE' and i.archived_at is null
        and f.id = $from and +f.organization_id = $organization and f.archived_at is null
        and t.id = $to and +t.organization_id = $organization and t.archived_at is null`,
  );
  const levels = database.prepare<unknown[], Level>(
    `select id, location_id, outside, on_hand, reserved from stock_levels
      where organization_id = ? and item_id = ? and location_id in (?, ?) and lot_key = 0`,
  );
  const create = database.prepare(
    `insert into stock_levels (organization_id, item_id, location_id, lot_key, outside, on_hand,
      reserved, updated_at) values (?, ?, ?, 0, ?, 0, 0, ?)`,
  );
  const head = database.prepare<unknown[], { seq: number; at: number }>(
    `update journal_heads set seq = seq + 1, recorded_at = max(recorded_at, ?)
      where organization_id = ? returning seq, recorded_at as at`,
  );
  const write = database.prepare(
    'update stock_levels set on_hand = ?, updated_at = ? where id = ?',
  );
  const movement = database.prepare(
    `insert into movements (organization_id, seq, kind, idempotency_key_id, actor_id, occurred_at,
      recorded_at) values (?, ?, 'TRANSFER', ?, ?, ?, ?)`,
  );
  const line = database.prepare(
    `insert into movement_lines (organization_id, movement_id, position, item_id, lot_key,
      from_location_id, to_location_id, quantity, from_after, to_after)
      values (?, ?, 1, ?, 0, ?, ?, ?, ?, ?)`,
  );
  const entry = database.prepare(
    `insert into journal_entries (organization_id, seq, at, action, actor_id, subject_type,
      subject_id) values (?, ?, ?, 'stock.transfer', ?, 'Movement', ?)`,
  );

  function lockEnds({ organization, item, from, to }: Transfer): [Level, Level] {
    const places = names.get({ organization, item, from, to });
    if (!places) throw new Error('NOT_FOUND');
    if (from === to || (places.fromOutside && places.toOutside)) throw new Error('INVALID_INPUT');
    const find = () => levels.all(organization, item, from, to);
    const at = (found: Level[], place: number) =>
      found.find(({ location_id: location }) => location === place);
    let found = find();
    if (!at(found, from)) create.run(organization, item, from, places.fromOutside, Date.now());
    if (!at(found, to)) create.run(organization, item, to, places.toOutside, Date.now());
    if (found.length < 2) found = find();
    return [at(found, from) as Level, at(found, to) as Level];
  }

  function replay({ organization, key }: Transfer, hash: string): string {
    const { hash: first, ...recorded } = known.get(organization, key) as Recorded & {
      hash: string;
    };
    if (first !== hash) throw new Error('IDEMPOTENCY_MISMATCH');
    return JSON.stringify({ ...recorded, replayed: true });
  }

  function post(transfer: Transfer): string {
    const { organization, actor, key, item, from, to, quantity } = transfer;
    const input = `TRANSFER:${item}:${from}:${to}:${quantity}`;
    const hash = createHash('sha256').update(input).digest('hex');
    const claimed = claim.get(organization, key, hash);
    if (!claimed) return replay(transfer, hash);
    if (!(quantity > 0)) throw new Error('INVALID_INPUT');
    const [taken, given] = lockEnds(transfer);
    if (!taken.outside && taken.on_hand - taken.reserved < quantity) {
      throw new Error('INSUFFICIENT_STOCK');
    }
    const fromAfter = taken.on_hand - quantity;
    const toAfter = given.on_hand + quantity;
    const place = head.get(Date.now(), organization);
    if (!place) throw new Error('NO_JOURNAL');
    const { seq, at } = place;
    write.run(fromAfter, at, taken.id);
    write.run(toAfter, at, given.id);
    const { lastInsertRowid: id } = movement.run(organization, seq, claimed.id, actor, at, at);
    line.run(organization, id, item, from, to, quantity, fromAfter, toAfter);
    entry.run(organization, seq, at, actor, id);
    return JSON.stringify({ seq, fromAfter, toAfter, replayed: false });
  }

  return database.transaction(post).immediate;
}
