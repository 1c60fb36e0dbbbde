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

/** What movements do to the units of a serial number in real places. */
interface Incoming {
  readonly lot: number;
  /** After the last of the movements so far. */
  units: number;
  /** After whichever movement it was most. */
  most: number;
  /** Index of the line that the refusal names. */
  line: number;
}

/**
 * Keeps a serial number from being in two real places, or twice in one, after any of the movements.
 * Those that come in are locked, so that of two receipts of one serial number at once the second sees
 * the first.
 * @throws InvalidState with the path of the line.
 */
export async function refuseDoubleSerials(
  em: EntityManager,
  organizationId: number,
  movements: readonly (readonly DraftLine[])[],
): Promise<void> {
  const incoming = new Map<number, Incoming>();
  for (const lines of movements) addUp(lines, incoming);
  const lots = [...incoming.values()].filter(({ most }) => most > 0).map(({ lot }) => lot);
  if (lots.length === 0) return;
  const locked = await run(em, organizationId, LOCK, [lots]);
  const found = await run(em, organizationId, IN_STOCK, [lots]);
  const inStock = new Map(found.map(({ lot, onHand }) => [lot, onHand]));
  for (const { id, code } of locked) {
    const { most, line } = incoming.get(id) as Incoming;
    if ((inStock.get(id) ?? 0) + most <= 1) continue;
    const path = ['input', 'lines', String(line), 'lot'];
    throw new InvalidState(`The serial number ${code} is in stock already.`, path);
  }
}

/** Adds one movement, of which only the sum counts: what comes in and goes out again never was there. */
function addUp(lines: readonly DraftLine[], incoming: Map<number, Incoming>): void {
  const touched = new Map<Incoming, number>();
  for (const { line, from, to, quantity, serial } of lines) {
    if (!serial || to.lot === null) continue;
    const own = incoming.get(to.lot) ?? { lot: to.lot, units: 0, most: 0, line };
    own.units += (to.outside ? 0 : quantity) - (from.outside ? 0 : quantity);
    incoming.set(to.lot, own);
    touched.set(own, line);
  }
  for (const [own, line] of touched) {
    if (own.units > own.most) Object.assign(own, { most: own.units, line });
  }
}
