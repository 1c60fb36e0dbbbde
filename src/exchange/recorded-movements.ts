import type { EntityManager } from '../database/entity-manager.ts';
import { formatUnits } from '../database/quantity.ts';
import { run, Statement } from '../database/statement.ts';
import type { AdjustmentReason, Movement } from '../stock/movement.entity.ts';
import type { ToldRow } from './columns.ts';
import type { MOVEMENT_COLUMNS } from './movement-columns.ts';

/** What a movement's rows say alike. */
export interface RecordedHead {
  readonly id: number;
  readonly seq: number;
  readonly key: string;
  readonly kind: Movement['kind'];
  readonly reference: string | null;
  readonly note: string | null;
  /** Milliseconds since 1970. */
  readonly occurredAt: number;
  readonly recordedAt: number;
  readonly reason: AdjustmentReason | null;
  readonly reverses: string | null;
  readonly actor: string;
}

/** A statement that gives movements, for what a condition says of the alias `m` and its key `k`. */
export const headsWhere = (condition: (isIn: (list: string) => string) => string) =>
  new Statement<RecordedHead>(
    (dialect) => `select m.id as "id", m.seq as "seq", k.key as "key", m.kind as "kind",
        m.reference as "reference", m.note as "note", m.reason as "reason",
        ${dialect.milliseconds('m.occurred_at')} as "occurredAt",
        ${dialect.milliseconds('m.recorded_at')} as "recordedAt",
        (select o.key from movements x join idempotency_keys o on o.id = x.idempotency_key_id
          where x.id = m.reverses_id) as "reverses",
        (select u.name from users u where u.id = m.actor_id) as "actor"
      from movements m join idempotency_keys k on k.id = m.idempotency_key_id
      where m.organization_id = $1 and ${condition((list) => dialect.isIn('k.key', list, 'text'))}`,
  );

interface LineOf {
  readonly movement: number;
  readonly sku: string;
  readonly decimals: number;
  readonly lot: string | null;
  readonly expiresOn: string | null;
}

interface RecordedLine extends LineOf {
  readonly from: string;
  readonly to: string;
  /** Whether `to` is a real place. */
  readonly comesIn: boolean;
  readonly quantity: number;
}

interface RecordedCount extends LineOf {
  readonly counted: number;
  readonly expected: number | null;
  readonly difference: number;
}

const WHAT = `x.movement_id as "movement", i.sku as "sku", i.decimals as "decimals",
  t.code as "lot", t.expires_on as "expiresOn"`;

const LINES = new Statement<RecordedLine>(
  (dialect) => `select ${WHAT}, f.code as "from", o.code as "to", x.quantity as "quantity",
      o.kind in ('STORAGE', 'TRANSIT') as "comesIn"
    from movement_lines x ${dialect.orderedJoin} items i on i.id = x.item_id
      ${dialect.orderedJoin} locations f on f.id = x.from_location_id
      ${dialect.orderedJoin} locations o on o.id = x.to_location_id
      left join lots t on t.id = x.lot_id
    where ${dialect.owned('x')} and ${dialect.isIn('x.movement_id', '$2')}
    order by x.movement_id, x.position`,
);

const COUNTS = new Statement<RecordedCount>(
  (dialect) => `select ${WHAT}, x.counted as "counted", x.expected as "expected",
      x.difference as "difference"
    from count_lines x ${dialect.orderedJoin} items i on i.id = x.item_id
      left join lots t on t.id = x.lot_id
    where ${dialect.owned('x')} and ${dialect.isIn('x.movement_id', '$2')}
    order by x.movement_id, x.position`,
);

type MovementRow = ToldRow<typeof MOVEMENT_COLUMNS>;

/** The rows that tell movements, by their keys: one for each line, at least one for each movement. */
export async function rowsOfMovements(
  em: EntityManager,
  organizationId: number,
  heads: readonly RecordedHead[],
): Promise<ReadonlyMap<string, readonly MovementRow[]>> {
  const ids = heads.map(({ id }) => id);
  const counting = heads.filter(({ kind }) => kind === 'COUNT').map(({ id }) => id);
  const lines = Map.groupBy(await run(em, organizationId, LINES, [ids]), (line) => line.movement);
  const counts = Map.groupBy(
    counting.length > 0 ? await run(em, organizationId, COUNTS, [counting]) : [],
    (count) => count.movement,
  );
  return new Map(
    heads.map((head) => {
      const of = lines.get(head.id) ?? [];
      const told =
        head.kind === 'COUNT' ? rowsOfCount(counts.get(head.id) ?? [], of) : of.map(lineRow);
      const rows = told.length > 0 ? told : [NO_LINE];
      return [head.key, rows.map((row) => ({ ...headRow(head), ...row }))] as const;
    }),
  );
}

const headRow = ({ occurredAt, recordedAt, ...head }: RecordedHead) => ({
  ...head,
  occurredAt: new Date(occurredAt).toISOString(),
  recordedAt: new Date(recordedAt).toISOString(),
});

const NO_COUNT = { counted: null, expected: null };
const NO_LINE = {
  ...{ sku: null, lot: null, expiresOn: null, from: null, to: null, quantity: null },
  ...NO_COUNT,
};

const whatOf = ({ sku, lot, expiresOn }: LineOf) => ({ sku, lot, expiresOn });

const lineRow = (line: RecordedLine) => ({
  ...whatOf(line),
  ...{ from: line.from, to: line.to, quantity: formatUnits(line.quantity, line.decimals) },
  ...NO_COUNT,
});

/** What was counted, each with the line that it led to. Where there was none, the place is known from others. */
function rowsOfCount(counts: readonly RecordedCount[], lines: readonly RecordedLine[]) {
  const [first] = lines;
  const place = first ? (first.comesIn ? first.to : first.from) : null;
  const left = [...lines];
  return counts.map((count) => {
    const { decimals, expected } = count;
    const found = {
      counted: formatUnits(count.counted, decimals),
      expected: expected === null ? null : formatUnits(expected, decimals),
    };
    const line = count.difference === 0 ? undefined : left.shift();
    const moved = line ? lineRow(line) : { ...whatOf(count), from: null, to: place, quantity: '0' };
    return { ...moved, ...found };
  });
}
