import type { Tracking } from '../catalog/item.entity.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { run, Statement } from '../database/statement.ts';
import { InvalidState, NotFound } from '../errors.ts';
import { isOutside, type LocationKind } from '../locations/location.entity.ts';
import type { Draft } from './draft.ts';
import { draftOf } from './draft-move.ts';
import type { ReversalPosting } from './posting.ts';
import { AlreadyReversed } from './stock.errors.ts';

const LOCK_MOVEMENT = new Statement<{ id: number }>(
  (dialect) => `select m.id as "id" from movements m
    where ${dialect.owned('m')} and m.id = $2 ${dialect.forUpdate('m')}`,
);

/** A statement of its own: one that waited for the lock would still see the time before it. */
const FIND_REVERSAL = new Statement<{ id: number }>(
  (dialect) => `select r.id as "id" from movements r
    where ${dialect.owned('r')} and r.reverses_id = $2`,
);

const LINES_OF = new Statement<{
  item: number;
  lot: number | null;
  from: number;
  fromKind: LocationKind;
  to: number;
  toKind: LocationKind;
  quantity: number;
  tracking: Tracking;
  archived: string | null;
}>(
  (dialect) => `select l.item_id as "item", l.lot_id as "lot", l.quantity as "quantity",
      l.from_location_id as "from", f.kind as "fromKind",
      l.to_location_id as "to", t.kind as "toKind", x.tracking as "tracking",
      case when x.archived_at is not null then 'item ' || x.sku
        when f.archived_at is not null then 'location ' || f.code
        when t.archived_at is not null then 'location ' || t.code end as "archived"
    from movement_lines l join locations f on f.id = l.from_location_id
      join locations t on t.id = l.to_location_id join items x on x.id = l.item_id
    where ${dialect.owned('l')} and l.movement_id = $2 order by l.position desc`,
);

/**
 * A movement undone: each of its lines the other way round, the last one first. The movement is locked,
 * so that of two reversals at once the second sees the first.
 * @throws NotFound, AlreadyReversed, InvalidState when something of it is archived.
 */
export async function draftReversal(
  em: EntityManager,
  organizationId: number,
  { movement }: ReversalPosting,
): Promise<Draft> {
  const [found] = await run(em, organizationId, LOCK_MOVEMENT, [movement]);
  if (!found) throw new NotFound('The movement does not exist.', ['input', 'movement']);
  const [reversal] = await run(em, organizationId, FIND_REVERSAL, [movement]);
  if (reversal) throw new AlreadyReversed(reversal.id);
  const lines = await run(em, organizationId, LINES_OF, [movement]);
  const archived = lines.find((line) => line.archived !== null)?.archived;
  if (archived) throw new InvalidState(`The ${archived} is archived.`, ['input', 'movement']);
  return draftOf(
    lines.map(({ item, lot, from, fromKind, to, toKind, quantity, tracking }, index) => ({
      line: index,
      serial: tracking === 'SERIAL',
      from: { item, lot, location: to, outside: isOutside(toKind) },
      to: { item, lot, location: from, outside: isOutside(fromKind) },
      quantity,
    })),
  );
}
