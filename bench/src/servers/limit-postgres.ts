// The limit on PostgreSQL: no GraphQL, one hand-written prepared statement an operation, whose JSON
// text goes out as it comes.
import pg from 'pg';
import { BENCH_SCHEMA } from '../setup/transfer-function.ts';
import { bareHttp } from './bare-http.ts';
import { listen, POOL_SIZE, setting } from './listen.ts';

const pool = new pg.Pool({
  connectionString: setting('DATABASE_URL'),
  max: POOL_SIZE,
  idleTimeoutMillis: 0,
});

async function text(name: string, sql: string, values: unknown[]): Promise<string> {
  const { rows } = await pool.query<[string]>({ name, text: sql, values, rowMode: 'array' });
  return rows[0]?.[0] ?? 'null';
}

const list = (select: string): string => `(select coalesce(json_agg(r), '[]') from (${select}) r)`;
const row = (select: string): string => `(select row_to_json(r) from (${select}) r)`;

const page = (size: number): string => `(select * from items
  where organization_id = $1 and sku_key > $2 order by sku_key limit ${size}) i`;

const CATALOG = `
  ${row(`select c.id, c.name, ${row('select p.id, p.name from categories p where p.id = c.parent_id')}
      as parent from categories c where c.id = i.category_id`)} as category,
  ${list(`select t.id, t.name from item_tags x join tags t on t.id = x.tag_id
      where x.item_id = i.id order by t.name_key limit 10`)} as tags,
  ${list(`select v.id, v.on_hand as "onHand", v.reserved,
        ${row('select l.id, l.code, l.name')} as location
      from stock_levels v join locations l on l.id = v.location_id
      where v.item_id = i.id order by v.id limit 10`)} as levels`;

const lines = (count: number): string => `
  (select count(*) from movement_lines x where x.item_id = i.id) as "lineCount",
  ${list(`select x.id, x.quantity, x.from_after as "fromAfter", x.to_after as "toAfter",
        ${row('select f.code')} as "from", ${row('select t.code')} as "to",
        ${row('select m.seq, m.kind, m.reference, m.occurred_at as "occurredAt"')} as movement
      from (select * from movement_lines y where y.item_id = i.id order by y.id desc
        limit ${count}) x
      join movements m on m.id = x.movement_id join locations f on f.id = x.from_location_id
      join locations t on t.id = x.to_location_id order by x.id desc`)} as lines`;

const Q1 = `select ${list(`select i.id, i.sku, i.name, i.unit, i.decimals,
  i.created_at as "createdAt" from ${page(50)} order by i.sku_key`)}::text`;

/** A page whose parts are found for all its items at once, which costs less than item by item. */
const pageOf = (size: number): string => `i as materialized (select * from ${page(size)})`;

const Q2 = `with ${pageOf(50)},
  c as (select c.id, ${row(`select c.id, c.name,
      case when p.id is not null then ${row('select p.id, p.name')} end as parent`)} as category
    from categories c left join categories p on p.id = c.parent_id),
  t as (select item_id, json_agg(r order by t.name_key) as tags
    from (select x.item_id, t.id, t.name, t.name_key from item_tags x join tags t on t.id = x.tag_id
      where x.item_id in (select id from i)) t
    cross join lateral (select t.id, t.name) r group by item_id),
  v as (select item_id, json_agg(r order by v.id) as levels
    from (select v.item_id, v.id, v.on_hand, v.reserved, l.id as place, l.code, l.name
      from stock_levels v join locations l on l.id = v.location_id
      where v.item_id in (select id from i)) v
    cross join lateral (select v.id, v.on_hand as "onHand", v.reserved,
      ${row('select v.place as id, v.code, v.name')} as location) r group by item_id)
  select ${list(`select i.id, i.sku, i.name, i.decimals, c.category,
      coalesce(t.tags, '[]') as tags, coalesce(v.levels, '[]') as levels
    from i left join c on c.id = i.category_id left join t on t.item_id = i.id
    left join v on v.item_id = i.id order by i.sku_key`)}::text`;

const Q3 = `with ${pageOf(25)},
  n as (select item_id, count(*) as lines from movement_lines
    where item_id in (select id from i) group by item_id),
  x as materialized (select y.* from i cross join lateral (select * from movement_lines y
    where y.item_id = i.id order by y.id desc limit 5) y),
  l as (select item_id, json_agg(r order by x.id desc) as lines
    from (select x.*, f.code as from_code, t.code as to_code, m.seq, m.kind, m.reference,
        m.occurred_at
      from x join movements m on m.id = x.movement_id join locations f on f.id = x.from_location_id
      join locations t on t.id = x.to_location_id) x
    cross join lateral (select x.id, x.quantity, x.from_after as "fromAfter",
      x.to_after as "toAfter", ${row('select x.from_code as code')} as "from",
      ${row('select x.to_code as code')} as "to",
      ${row('select x.seq, x.kind, x.reference, x.occurred_at as "occurredAt"')} as movement) r
    group by item_id)
  select ${list(`select i.id, i.sku, i.decimals, coalesce(n.lines, 0) as "lineCount",
      coalesce(l.lines, '[]') as lines
    from i left join n on n.item_id = i.id left join l on l.item_id = i.id
    order by i.sku_key`)}::text`;

const Q4 = `select ${row(`select i.id, i.sku, i.name, i.description, i.unit, i.decimals, i.tracking,
    i.attributes, i.reorder_point as "reorderPoint", i.archived_at as "archivedAt",
    i.created_at as "createdAt", i.updated_at as "updatedAt", i.version, ${CATALOG}, ${lines(10)}
  from items i where i.organization_id = $1 and i.id = $2`)}::text`;

const Q5 = `with p as materialized (
    select m.id, m.seq, m.kind, m.reference, m.occurred_at as "occurredAt",
      m.recorded_at as "recordedAt", ${row('select u.id, u.name')} as actor
    from movements m join users u on u.id = m.actor_id
    where m.organization_id = $1 and m.seq < $2 order by m.seq desc limit 51)
  select json_build_object('hasNext', (select count(*) > 50 from p),
    'movements', ${list('select * from p limit 50')})::text`;

const M1 = `select json_build_object('seq', seq, 'fromAfter', from_after, 'toAfter', to_after,
    'replayed', replayed)::text
  from ${BENCH_SCHEMA}.stock_transfer($1, $2, $3, $4, $5, $6, $7)`;

interface Page {
  readonly organization: number;
  readonly after: string;
}

interface Transfer {
  readonly organization: number;
  readonly actor: number;
  readonly key: string;
  readonly item: number;
  readonly from: number;
  readonly to: number;
  readonly quantity: number;
}

const server = bareHttp({
  Q1: ({ organization, after }: Page) => text('q1', Q1, [organization, after]),
  Q2: ({ organization, after }: Page) => text('q2', Q2, [organization, after]),
  Q3: ({ organization, after }: Page) => text('q3', Q3, [organization, after]),
  Q4: ({ organization, id }: { organization: number; id: number }) =>
    text('q4', Q4, [organization, id]),
  Q5: ({ organization, after }: Page) => text('q5', Q5, [organization, after]),
  M1: ({ organization, actor, key, item, from, to, quantity }: Transfer) =>
    text('m1', M1, [organization, actor, key, item, from, to, quantity]),
});
listen(server, '/');
