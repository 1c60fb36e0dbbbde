import type { EntityManager } from '../database/entity-manager.ts';
import { run, Statement } from '../database/statement.ts';
import { InvalidState } from '../errors.ts';
import type { DraftLine } from './draft.ts';

const LOCK = new Statement<{ id: number; code: string }>(
  (dialect) => `select l.id as "id", l.code as "code" from lots l
    where ${dialect.owned('l')} and ${dialect.isIn('l.id', '$2')}
    order by l.id ${dialect.forUpdate('l')}`,
);

const IN_STOCK = new Statement<{ lot: number; onHand: number }>(
  (dialect) => `select v.lot_id as "lot", cast(sum(v.on_hand) as bigint) as "onHand"
    from stock_levels v where ${dialect.owned('v')} and ${dialect.isIn('v.lot_id', '$2')}
      and not v.outside group by v.lot_id`,
);

/**
 * Keeps a serial number from being in two real places, or twice in one. Those that come in are locked,
 * so that of two receipts of one serial number at once the second sees the first.
 * @throws InvalidState with the path of the line.
 */
export async function refuseDoubleSerials(
  em: EntityManager,
  organizationId: number,
  lines: readonly DraftLine[],
): Promise<void> {
  const incoming = new Map<number, { units: number; line: number }>();
  for (const { line, from, to, quantity, serial } of lines) {
    if (!serial || to.lot === null) continue;
    const units = (to.outside ? 0 : quantity) - (from.outside ? 0 : quantity);
    const before = incoming.get(to.lot)?.units ?? 0;
    incoming.set(to.lot, { units: before + units, line });
  }
  const lots = [...incoming].filter(([, { units }]) => units > 0).map(([lot]) => lot);
  if (lots.length === 0) return;
  const locked = await run(em, organizationId, LOCK, [lots]);
  const found = await run(em, organizationId, IN_STOCK, [lots]);
  const inStock = new Map(found.map(({ lot, onHand }) => [lot, onHand]));
  for (const { id, code } of locked) {
    const { units, line } = incoming.get(id) as { units: number; line: number };
    if ((inStock.get(id) ?? 0) + units <= 1) continue;
    const path = ['input', 'lines', String(line), 'lot'];
    throw new InvalidState(`The serial number ${code} is in stock already.`, path);
  }
}
