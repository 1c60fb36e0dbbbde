import type { EntityManager } from '../database/entity-manager.ts';
import { PARENT } from '../database/page-shape.ts';
import { madeOnce, type Row, tableOf } from '../database/rows.ts';
import { run, Statement } from '../database/statement.ts';
import { JsonRows } from '../database/statement-values.ts';
import type { Change } from '../journal/journal.service.ts';
import type { DraftCount } from './draft.ts';
import { Movement, type MovementLine } from './movement.entity.ts';
import type { Order, Posted } from './posting.ts';
import { StockLevel } from './stock-level.entity.ts';

/** A line as it is written. */
type RecordedLine = Pick<
  Row<MovementLine>,
  'position' | 'item' | 'lot' | 'from' | 'to' | 'quantity' | 'fromAfter' | 'toAfter'
>;

/** What a posting came to. */
export interface Recorded {
  readonly lines: readonly RecordedLine[];
  readonly counts: readonly DraftCount[];
}

interface Recording {
  /** Ids of idempotency keys, by key. */
  readonly keys: ReadonlyMap<string, number>;
  /** For each posting what it came to. */
  readonly records: readonly Recorded[];
  /** The place of the first movement in the journal; the others follow it. */
  readonly firstSeq: number;
  readonly recordedAt: Date;
}

const INSERT_MOVEMENTS = new Statement<{ id: number; seq: number }>((dialect) => {
  const rows = dialect.jsonRows('$2', {
    seq: 'bigint',
    kind: 'text',
    idempotencyKey: 'bigint',
    reference: 'text',
    note: 'text',
    occurredAt: 'timestamptz',
    reason: 'text',
    reverses: 'bigint',
    actor: 'bigint',
  });
  return `insert into movements (organization_id, seq, kind, idempotency_key_id, reference, note,
      reason, reverses_id, actor_id, occurred_at, recorded_at)
    select cast($1 as bigint), seq, kind, "idempotencyKey", reference, note, reason, reverses,
      actor, "occurredAt", ${dialect.time('$3')}
    from ${rows} j order by seq returning id as "id", seq as "seq"`;
});

const INSERT_LINES = new Statement<never>((dialect) => {
  const rows = dialect.jsonRows('$2', {
    movement: 'bigint',
    position: 'bigint',
    item: 'bigint',
    lot: 'bigint',
    from: 'bigint',
    to: 'bigint',
    quantity: 'bigint',
    fromAfter: 'bigint',
    toAfter: 'bigint',
  });
  return `insert into movement_lines (organization_id, movement_id, position, item_id, lot_id,
      lot_key, from_location_id, to_location_id, quantity, from_after, to_after)
    select cast($1 as bigint), movement, position, item, lot, coalesce(lot, 0), "from", "to", quantity,
      "fromAfter", "toAfter"
    from ${rows} j order by movement, position`;
});

const INSERT_COUNTS = new Statement<never>((dialect) => {
  const rows = dialect.jsonRows('$2', {
    movement: 'bigint',
    position: 'bigint',
    item: 'bigint',
    lot: 'bigint',
    counted: 'bigint',
    expected: 'bigint',
    difference: 'bigint',
  });
  return `insert into count_lines (organization_id, movement_id, position, item_id, lot_id,
      counted, expected, difference)
    select cast($1 as bigint), movement, position, item, lot, counted, expected, difference
    from ${rows} j order by movement, position`;
});

/** Writes movements with their lines: a few statements for any number. */
export async function writeMovements(
  em: EntityManager,
  organizationId: number,
  orders: readonly Order[],
  { keys, records, firstSeq, recordedAt }: Recording,
): Promise<Row<Movement>[]> {
  const rows = orders.map((posting, index) => ({
    seq: firstSeq + index,
    kind: posting.kind,
    idempotencyKey: keys.get(posting.idempotencyKey) as number,
    reference: posting.reference ?? null,
    note: posting.note ?? null,
    occurredAt: posting.occurredAt ?? recordedAt,
    reason: posting.kind === 'ADJUSTMENT' ? posting.reason : null,
    reverses: posting.kind === 'REVERSAL' ? posting.movement : null,
    actor: posting.actor,
  }));
  const values = [new JsonRows(rows), recordedAt];
  const inserted = await run(em, organizationId, INSERT_MOVEMENTS, values);
  const ids = new Map(inserted.map(({ id, seq }) => [seq, id]));
  const movements = rows.map((row) => {
    const id = ids.get(row.seq) as number;
    return { ...row, id, organization: organizationId, recordedAt };
  });
  const ofMovements = <T extends object>(pick: (record: Recorded) => readonly T[]) =>
    movements.flatMap(({ id }, index) =>
      pick(records[index] as Recorded).map((row) => ({ movement: id, ...row })),
    );
  const lines = new JsonRows(ofMovements((record) => record.lines));
  const counts = new JsonRows(ofMovements((record) => record.counts));
  if (lines.rows.length > 0) await run(em, organizationId, INSERT_LINES, [lines]);
  if (counts.rows.length > 0) await run(em, organizationId, INSERT_COUNTS, [counts]);
  return movements;
}

/** The journal's words for a movement: everything else about it, the movement says itself. */
export const movementEntry = ({ id, kind, actor }: Row<Movement>): Change => ({
  action: `stock.${kind.toLowerCase()}`,
  actorId: actor,
  subjectType: 'Movement',
  subjectId: id,
  changes: null,
});

/** What earlier calls recorded under keys, with the levels as they are now. */
export async function findReplays(
  em: EntityManager,
  organizationId: number,
  keys: ReadonlyMap<string, number>,
): Promise<Map<string, Posted>> {
  if (keys.size === 0) return new Map();
  const { byKey, levelsOf } = replayStatements(em);
  const movements = await run(em, organizationId, byKey, [[...keys.values()]]);
  const ids = movements.map((movement) => movement.id);
  const levels = await run(em, organizationId, levelsOf, [ids]);
  const touchedBy = Map.groupBy(levels, (level) => level[PARENT]);
  const byId = new Map(movements.map((movement) => [movement.idempotencyKey, movement]));
  return new Map(
    [...keys].map(([key, id]) => {
      const movement = byId.get(id) as Row<Movement>;
      const touched = touchedBy.get(movement.id) ?? [];
      return [key, { movement, replayed: true, levels: touched }] as const;
    }),
  );
}

interface ReplayStatements {
  readonly byKey: Statement<Row<Movement>>;
  readonly levelsOf: Statement<Row<StockLevel> & { readonly [PARENT]: number }>;
}

const replayStatements = madeOnce((em): ReplayStatements => {
  const movements = tableOf(em, Movement);
  const levels = tableOf(em, StockLevel);
  return {
    byKey: new Statement<Row<Movement>>(
      (dialect) => `select ${movements.columns()} from movements
        where ${dialect.owned('movements')} and ${dialect.isIn('idempotency_key_id', '$2')}`,
      movements.decode,
    ),
    levelsOf: new Statement<Row<StockLevel> & { readonly [PARENT]: number }>(
      (dialect) => `select l.movement_id as "${PARENT}", ${levels.columns('v')}
        from movement_lines l ${dialect.orderedJoin} stock_levels v on v.organization_id = $1
          and v.item_id = l.item_id and v.lot_key = l.lot_key and not v.outside
          and v.location_id in (l.from_location_id, l.to_location_id)
        where ${dialect.owned('l')} and ${dialect.isIn('l.movement_id', '$2')}
        group by l.movement_id, v.id
        order by l.movement_id, min(l.position), min(case when v.location_id = l.from_location_id then 0 else 1 end)`,
      levels.decode,
    ),
  };
});
