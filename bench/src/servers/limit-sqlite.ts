// The limit on SQLite: no GraphQL, one hand-written prepared statement an operation, whose JSON text
// goes out as it comes; a transfer is a handful of prepared statements in one transaction.
import Database from 'better-sqlite3';
import { bareHttp } from './bare-http.ts';
import { listen, setting } from './listen.ts';
import { sqliteTransfer } from './sqlite-transfer.ts';

const database = new Database(setting('SQLITE_FILE'), { fileMustExist: true });
// As durable as the product: every commit is on the disk.
database.pragma('journal_mode = WAL');
database.pragma('synchronous = FULL');
database.pragma('recursive_triggers = on');
database.pragma('busy_timeout = 5000');

const list = (object: string, from: string): string =>
  `(select json_group_array(${object}) from (${from}))`;

const page = (size: number): string => `select * from items
  where organization_id = $organization and sku_key > $after order by sku_key limit ${size}`;

const CATALOG = `
  'category', (select json_object('id', c.id, 'name', c.name, 'parent',
      (select json_object('id', p.id, 'name', p.name) from categories p where p.id = c.parent_id))
    from categories c where c.id = i.category_id),
  'tags', ${list(
    "json_object('id', id, 'name', name)",
    `select t.id, t.name from item_tags x cross join tags t on t.id = x.tag_id
      where x.item_id = i.id order by t.name_key limit 10`,
  )},
  'levels', ${list(
    `json_object('id', id, 'onHand', on_hand, 'reserved', reserved, 'location',
      json_object('id', place, 'code', code, 'name', name))`,
    `select v.id, v.on_hand, v.reserved, l.id as place, l.code, l.name
      from stock_levels v cross join locations l on l.id = v.location_id
      where v.item_id = i.id order by v.id limit 10`,
  )}`;

const lines = (count: number): string => `
  'lineCount', (select count(*) from movement_lines x where x.item_id = i.id),
  'lines', ${list(
    `json_object('id', id, 'quantity', quantity, 'fromAfter', from_after, 'toAfter', to_after,
      'from', json_object('code', from_code), 'to', json_object('code', to_code), 'movement',
      json_object('seq', seq, 'kind', kind, 'reference', reference, 'occurredAt', occurred_at))`,
    `select x.id, x.quantity, x.from_after, x.to_after, f.code as from_code, t.code as to_code,
        m.seq, m.kind, m.reference, m.occurred_at
      from (select * from movement_lines y where y.item_id = i.id order by y.id desc
        limit ${count}) x
      cross join movements m on m.id = x.movement_id
      cross join locations f on f.id = x.from_location_id
      cross join locations t on t.id = x.to_location_id order by x.id desc`,
  )}`;

const items = (parts: string, size: number) =>
  `select json_group_array(json_object('id', i.id, 'sku', i.sku, ${parts})) from (${page(size)}) i`;

const PLAIN = "'name', i.name, 'decimals', i.decimals";

const statements = {
  Q1: items(`${PLAIN}, 'unit', i.unit, 'createdAt', i.created_at`, 50),
  Q2: items(`${PLAIN}, ${CATALOG}`, 50),
  Q3: items(`'decimals', i.decimals, ${lines(5)}`, 25),
  Q4: `select json_object('id', i.id, 'sku', i.sku, ${PLAIN}, 'description', i.description,
      'unit', i.unit, 'tracking', i.tracking, 'attributes', json(i.attributes),
      'reorderPoint', i.reorder_point, 'archivedAt', i.archived_at, 'createdAt', i.created_at,
      'updatedAt', i.updated_at, 'version', i.version, ${CATALOG}, ${lines(10)})
    from items i where +i.organization_id = $organization and i.id = $id`,
  Q5: `with p as materialized (
      select m.id, m.seq, m.kind, m.reference, m.occurred_at, m.recorded_at, u.id as actor, u.name
      from movements m cross join users u on u.id = m.actor_id
      where m.organization_id = $organization and m.seq < $after order by m.seq desc limit 51)
    select json_object('hasNext', json(iif((select count(*) > 50 from p), 'true', 'false')),
      'movements', ${list(
        `json_object('id', id, 'seq', seq, 'kind', kind, 'reference', reference,
          'occurredAt', occurred_at, 'recordedAt', recorded_at,
          'actor', json_object('id', actor, 'name', name))`,
        'select * from p limit 50',
      )})`,
} as const;

const reads = Object.entries(statements).map(([name, sql]) => {
  const statement = database.prepare<[object], string>(sql).pluck();
  return [name, (parameters: object) => statement.get(parameters) ?? 'null'] as const;
});

listen(bareHttp({ ...Object.fromEntries(reads), M1: sqliteTransfer(database) }), '/');
