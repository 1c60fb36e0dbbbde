import { withClient } from './postgres.ts';

/** A schema of its own, so that nothing of the benchmark meets the product's tables. */
export const BENCH_SCHEMA = 'bench';

/**
 * A transfer of one line by the rules of the ledger, in one round trip: for the servers that have no
 * code of their own. Refusals are raised, which undoes all of it.
 */
const TRANSFER = `
create schema ${BENCH_SCHEMA};

create type ${BENCH_SCHEMA}.transferred as (
  seq bigint, from_after bigint, to_after bigint, replayed boolean
);

create function ${BENCH_SCHEMA}.stock_transfer(
  organization bigint, actor bigint, idempotency_key text,
  item bigint, from_place bigint, to_place bigint, quantity bigint
) returns ${BENCH_SCHEMA}.transferred language plpgsql volatile set search_path = public as $$
#variable_conflict use_column
declare
  hash text := encode(sha256(convert_to(
    format('TRANSFER:%s:%s:%s:%s', item, from_place, to_place, quantity), 'UTF8')), 'hex');
  key_id bigint;
  known record;
  ends record;
  level record;
  taken record;
  given record;
  head record;
  movement bigint;
begin
  insert into idempotency_keys (organization_id, key, input_hash)
    values (organization, stock_transfer.idempotency_key, hash)
    on conflict (organization_id, key) do nothing returning id into key_id;
  if key_id is null then
    select k.input_hash, m.seq, l.from_after, l.to_after into known
      from idempotency_keys k join movements m on m.idempotency_key_id = k.id
      join movement_lines l on l.movement_id = m.id
      where k.organization_id = organization and k.key = stock_transfer.idempotency_key;
    if known.input_hash <> hash then raise exception 'IDEMPOTENCY_MISMATCH'; end if;
    return (known.seq, known.from_after, known.to_after, true);
  end if;

  select f.kind not in ('STORAGE', 'TRANSIT') as from_outside,
      t.kind not in ('STORAGE', 'TRANSIT') as to_outside into ends
    from items i join locations f on f.id = from_place and f.organization_id = organization
    join locations t on t.id = to_place and t.organization_id = organization
    where i.id = item and i.organization_id = organization and i.tracking = 'NONE'
      and i.archived_at is null and f.archived_at is null and t.archived_at is null;
  if not found then raise exception 'NOT_FOUND'; end if;
  if quantity <= 0 or from_place = to_place or ends.from_outside and ends.to_outside then
    raise exception 'INVALID_INPUT';
  end if;

  insert into stock_levels (organization_id, item_id, location_id, lot_key, outside, on_hand,
      reserved, updated_at)
    select organization, item, p.id, 0, p.outside, 0, 0, clock_timestamp()
    from (values (from_place, ends.from_outside), (to_place, ends.to_outside)) p(id, outside)
    where not exists (select 1 from stock_levels v where v.organization_id = organization
      and v.item_id = item and v.location_id = p.id and v.lot_key = 0)
    order by p.id on conflict (organization_id, item_id, location_id, lot_key) do nothing;
  for level in select v.id, v.location_id, v.outside, v.on_hand, v.reserved from stock_levels v
    where v.organization_id = organization and v.item_id = item
      and v.location_id in (from_place, to_place) and v.lot_key = 0
    order by v.location_id for no key update of v
  loop
    if level.location_id = from_place then taken := level; else given := level; end if;
  end loop;
  if not taken.outside and taken.on_hand - taken.reserved < quantity then
    raise exception 'INSUFFICIENT_STOCK';
  end if;

  update journal_heads set seq = seq + 1, recorded_at = greatest(recorded_at, clock_timestamp())
    where organization_id = organization returning seq, recorded_at into head;
  update stock_levels set updated_at = head.recorded_at,
      on_hand = on_hand + case when id = taken.id then -quantity else quantity end
    where id in (taken.id, given.id);
  insert into movements (organization_id, seq, kind, idempotency_key_id, actor_id, occurred_at,
      recorded_at)
    values (organization, head.seq, 'TRANSFER', key_id, actor, head.recorded_at, head.recorded_at)
    returning id into movement;
  insert into movement_lines (organization_id, movement_id, position, item_id, lot_key,
      from_location_id, to_location_id, quantity, from_after, to_after)
    values (organization, movement, 1, item, 0, from_place, to_place, quantity,
      taken.on_hand - quantity, given.on_hand + quantity);
  insert into journal_entries (organization_id, seq, at, action, actor_id, subject_type, subject_id)
    values (organization, head.seq, head.recorded_at, 'stock.transfer', actor, 'Movement', movement);
  return (head.seq, taken.on_hand - quantity, given.on_hand + quantity, false);
end $$;
`;

/** Gives a database the function, where it has none yet. */
export async function createTransferFunction(url: string): Promise<void> {
  await withClient(url, async (client) => {
    await client.query(`drop schema if exists ${BENCH_SCHEMA} cascade`);
    await client.query(TRANSFER);
  });
}
