import type { EntityManager } from '../database/entity-manager.ts';
import { run, Statement } from '../database/statement.ts';
import { JsonRows } from '../database/statement-values.ts';
import { Outdated } from '../database/transaction.ts';
import { type LevelPlace, type LockedLevels, levelKey, levelOf } from './level.service.ts';
import { today } from './lots.ts';
import { LotExpired, type StockShortage } from './stock.errors.ts';

/** A line of an item with lots that does not say which: the first to expire are taken. */
export interface OpenLine {
  readonly line: number;
  readonly from: LevelPlace;
  readonly quantity: number;
}

/** What an open line takes of one lot. */
export interface LotTake {
  readonly from: LevelPlace;
  readonly quantity: number;
}

/** A lot that an open line may take from. */
interface Candidate {
  readonly item: number;
  readonly location: number;
  readonly lot: number;
  readonly available: number;
  readonly expiresOn: string | null;
}

/** What is held by reservations that are due counts as available: it is, once the level is locked. */
const CANDIDATES = new Statement<Candidate>(
  (dialect) => `select * from (
      select v.item_id as "item", v.location_id as "location", v.lot_id as "lot",
        v.on_hand - v.reserved + (case when v.reserved = 0 then 0 else (
          select coalesce(cast(sum(h.held) as bigint), 0)
          from reservation_lines h join reservations r on r.id = h.reservation_id
          where h.item_id = v.item_id and h.location_id = v.location_id and h.lot_key = v.lot_key
            and h.held > 0 and r.expires_at <= ${dialect.time('$3')}) end) as "available",
        l.expires_on as "expiresOn"
      from ${dialect.jsonRows('$2', { item: 'bigint', location: 'bigint' })} j
        ${dialect.orderedJoin} stock_levels v on v.organization_id = $1 and v.item_id = j.item
          and v.location_id = j.location
        join lots l on l.id = v.lot_id
      where v.on_hand > 0) c
    where "available" > 0`,
);

/** The lots that open lines are to be served from, looked up before anything is locked. */
export class Allocation {
  readonly #open: readonly OpenLine[];
  readonly #usable: ReadonlyMap<string, readonly Candidate[]>;
  readonly #expired: ReadonlyMap<string, readonly Candidate[]>;

  private constructor(open: readonly OpenLine[], candidates: readonly Candidate[]) {
    const day = today();
    const isExpired = ({ expiresOn }: Candidate) => expiresOn !== null && expiresOn < day;
    const sorted = candidates.toSorted(firstToExpire);
    this.#open = open;
    this.#usable = Map.groupBy(
      sorted.filter((each) => !isExpired(each)),
      placeOf,
    );
    this.#expired = Map.groupBy(sorted.filter(isExpired), placeOf);
  }

  static async prepare(
    em: EntityManager,
    organizationId: number,
    open: readonly OpenLine[],
  ): Promise<Allocation> {
    if (open.length === 0) return new Allocation([], []);
    const pairs = new Map(open.map(({ from }) => [placeOf(from), from]));
    const rows = [...pairs.values()].map(({ item, location }) => ({ item, location }));
    const values = [new JsonRows(rows), new Date()];
    return new Allocation(open, await run(em, organizationId, CANDIDATES, values));
  }

  /** The levels that a line may take from: of as many lots as are needed by what was looked up. */
  sources({ from }: OpenLine): LevelPlace[] {
    return this.#needed(from).map(({ lot }) => ({ ...from, lot }));
  }

  /** The first lots that together hold what all open lines take from a place. */
  #needed(from: LevelPlace): Candidate[] {
    const lines = this.#open.filter((line) => placeOf(line.from) === placeOf(from));
    let missing = lines.reduce((sum, { quantity }) => sum + quantity, 0);
    const needed: Candidate[] = [];
    for (const candidate of this.#usable.get(placeOf(from)) ?? []) {
      if (missing <= 0) break;
      needed.push(candidate);
      missing -= candidate.available;
    }
    return needed;
  }

  /**
   * Serves one open line from the locked levels.
   * @param taken what this call's other lines take, by level.
   * @throws LotExpired when only expired lots are left; an error that has the work done again when
   *   other writers took from the lots between the look and the lock.
   */
  serve(
    { line, from, quantity }: OpenLine,
    levels: LockedLevels,
    taken: Map<string, number>,
  ): LotTake[] | StockShortage {
    const takes: LotTake[] = [];
    let missing = quantity;
    for (const { lot } of this.#needed(from)) {
      const source = { ...from, lot };
      const key = levelKey(source);
      const { onHand, reserved } = levelOf(levels, source);
      const part = Math.min(missing, onHand - reserved - (taken.get(key) ?? 0));
      if (part <= 0) continue;
      taken.set(key, (taken.get(key) ?? 0) + part);
      takes.push({ from: source, quantity: part });
      missing -= part;
    }
    if (missing === 0) return takes;
    const key = placeOf(from);
    if (this.#needed(from).length < (this.#usable.get(key) ?? []).length) throw new Outdated();
    const expired = this.#expired.get(key) ?? [];
    const spoiled = expired.reduce((sum, { available }) => sum + available, 0);
    if (spoiled >= missing)
      throw new LotExpired(
        line,
        expired.map(({ lot }) => lot),
      );
    const { item, location } = from;
    const available = quantity - missing;
    return { lines: [line], item, location, lot: null, requested: quantity, available };
  }
}

const placeOf = ({ item, location }: Pick<LevelPlace, 'item' | 'location'>): string =>
  `${item}:${location}`;

/** The first to expire first, those that never do last, and of equals the oldest. */
function firstToExpire(one: Candidate, other: Candidate): number {
  const [a, b] = [one.expiresOn ?? '9999-99-99', other.expiresOn ?? '9999-99-99'];
  if (a !== b) return a < b ? -1 : 1;
  return one.lot - other.lot;
}
