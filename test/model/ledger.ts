/** The items of the model: of each kind of tracking one, and one that is counted in hundredths. */
export const ITEMS = {
  BOLT: { decimals: 0, tracking: 'NONE' },
  ROPE: { decimals: 2, tracking: 'NONE' },
  MILK: { decimals: 0, tracking: 'LOT' },
  BIKE: { decimals: 0, tracking: 'SERIAL' },
} as const;
export type ItemName = keyof typeof ITEMS;

/** Real places; the others are outside worlds. */
export const PLACES = ['HALL', 'SHELF', 'YARD'] as const;
export type PlaceName = (typeof PLACES)[number] | 'SUPPLIER' | 'CUSTOMER' | 'ADJUSTMENT';

/** The lots that there can be, with the last day of those that expire. */
export const LOTS: Readonly<Record<'MILK' | 'BIKE', Readonly<Record<string, string | null>>>> = {
  MILK: { LATE: '2998-01-01', NEVER: null, SOON: '2997-01-01' },
  BIKE: { B1: null, B2: null, B3: null },
};

/** What is where, in the item's smallest unit. */
export interface Place {
  readonly item: ItemName;
  readonly place: PlaceName;
  readonly lot: string | null;
}

export interface Level extends Place {
  onHand: number;
  reserved: number;
}

export interface Line extends Omit<Place, 'place'> {
  readonly from: PlaceName;
  readonly to: PlaceName;
  readonly units: number;
  fromAfter: number;
  toAfter: number;
}

interface HeldLine extends Place {
  readonly units: number;
  fulfilled: number;
}

export interface Reservation {
  state: 'ACTIVE' | 'FULFILLED' | 'RELEASED' | 'EXPIRED';
  /** Hours from the beginning of the run; null for never. */
  expires: number | null;
  due: boolean;
  readonly lines: HeldLine[];
}

export interface Movement {
  readonly seq: number;
  readonly lines: readonly Line[];
  reversed: boolean;
}

/** What a call is to answer: `Success`, or the name of its refusal. */
export interface Outcome {
  readonly type: string;
  /** Item, place, requested and available of each shortage. */
  readonly shortages?: readonly string[];
  /** The movement that was made. */
  readonly movement?: Movement;
  /** The index of the reservation that it concerns. */
  readonly reservation?: number;
}

/** A line of a call, as yet without a lot where the caller leaves it open. */
export interface Wanted {
  readonly item: ItemName;
  readonly lot: string | null;
  readonly units: number;
}

interface Moved extends Wanted {
  readonly from: PlaceName;
  readonly to: PlaceName;
}

const isReal = (place: PlaceName): boolean => (PLACES as readonly string[]).includes(place);
export const keyOf = ({ item, place, lot }: Place): string => `${item} ${place} ${lot ?? ''}`;
const isTracked = (item: ItemName): item is 'MILK' | 'BIKE' => ITEMS[item].tracking !== 'NONE';

/** A refusal, thrown where it is found. */
class Refused extends Error {
  readonly outcome: Outcome;

  constructor(type: string, shortages?: readonly string[]) {
    super(type);
    this.outcome = { type, ...(shortages && { shortages }) };
  }
}

/**
 * The ledger's rules once more, in the plainest way: one thing after the other, in memory. Written
 * from the rules, not from the server.
 */
export class ModelLedger {
  readonly levels = new Map<string, Level>();
  readonly movements: Movement[] = [];
  readonly reservations: Reservation[] = [];
  /** What was on hand everywhere after each place in the journal. */
  readonly history = new Map<number, ReadonlyMap<string, number>>();
  /** Lots in the order in which they came to be. */
  readonly lots: string[] = [];
  seq: number;

  constructor(seq: number) {
    this.seq = seq;
    this.history.set(seq, new Map());
  }

  level(place: Place): Level {
    const key = keyOf(place);
    const level = this.levels.get(key) ?? { ...place, onHand: 0, reserved: 0 };
    this.levels.set(key, level);
    return level;
  }

  onHand(item: ItemName, places: readonly PlaceName[], seq = this.seq): number {
    const then = this.history.get(seq) ?? new Map<string, number>();
    return [...this.levels.values()]
      .filter((level) => level.item === item && places.includes(level.place))
      .reduce((sum, level) => sum + (then.get(keyOf(level)) ?? 0), 0);
  }

  receive(to: PlaceName, lines: readonly Wanted[]): Outcome {
    return this.#answer(() => {
      const made = lines.flatMap(({ item, lot }) =>
        lot && !this.lots.includes(`${item} ${lot}`) ? [`${item} ${lot}`] : [],
      );
      lines.forEach(refuseSerialQuantity);
      const moved = lines.map((line) => ({ ...line, from: 'SUPPLIER' as const, to }));
      const outcome = this.#post(moved);
      this.lots.push(...[...new Set(made)].toSorted());
      return outcome;
    });
  }

  move(from: PlaceName, to: PlaceName, lines: readonly Wanted[]): Outcome {
    return this.#answer(() => {
      if (from === to && lines.length > 0) throw new Refused('InvalidInput');
      this.#checkTaken(lines);
      return this.#post(lines.map((line) => ({ ...line, from, to })));
    });
  }

  adjust(place: PlaceName, lines: readonly Wanted[]): Outcome {
    return this.#answer(() => {
      for (const line of lines) this.#refuseUnknownLot(line);
      return this.#post(lines.map((line) => correction(place, line)));
    });
  }

  count(
    place: PlaceName,
    lines: readonly (Wanted & { readonly expected: number | null })[],
    { zero, release }: { readonly zero: boolean; readonly release: boolean },
  ): Outcome {
    return this.#answer(() => {
      for (const line of lines) this.#refuseUnknownLot(line);
      const found = ({ item, lot }: Wanted) => this.levels.get(keyOf({ item, place, lot }));
      const listed = new Set(lines.map((line) => keyOf({ ...line, place })));
      const unlisted = [...this.levels.values()]
        .filter((level) => level.place === place && level.onHand !== 0)
        .filter((level) => zero && !listed.has(keyOf(level)))
        .toSorted((a, b) => this.#age(a) - this.#age(b));
      const all = [...lines, ...unlisted.map((level) => ({ ...level, units: 0, expected: null }))];
      if (
        all.some((line) => line.expected !== null && line.expected !== (found(line)?.onHand ?? 0))
      ) {
        throw new Refused('CountConflict');
      }
      const counted = all.map(({ item, lot }) => ({ item, lot, place }));
      const released = release ? this.#overfull(all.map((line) => ({ ...line, place }))) : [];
      const differences = all
        .map((line) => ({ ...line, units: line.units - (found(line)?.onHand ?? 0) }))
        .filter(({ units }) => units !== 0);
      const worlds = counted.map((each) => ({ ...each, place: 'ADJUSTMENT' as const }));
      // All reservations beside the counted levels are locked, with whatever they hold.
      const beside = release ? this.#holding(counted).flatMap(({ lines: held }) => held) : [];
      const places = [...counted, ...worlds, ...beside];
      return this.#post(
        differences.map((line) => correction(place, line)),
        { places, ended: released.map((each) => [each, 'RELEASED'] as const) },
      );
    });
  }

  reverse(movement: Movement | undefined): Outcome {
    return this.#answer(() => {
      if (!movement) throw new Refused('NotFound');
      if (movement.reversed) throw new Refused('AlreadyReversed');
      const outcome = this.#post(
        movement.lines.toReversed().map(({ item, lot, units, from, to }) => ({
          ...{ item, lot, units },
          ...{ from: to, to: from },
        })),
      );
      movement.reversed = true;
      return outcome;
    });
  }

  reserve(lines: readonly (Wanted & { readonly place: PlaceName })[], expires: number | null) {
    return this.#answer((): Outcome => {
      this.#checkTaken(lines);
      const { taken, short } = this.#allocate(
        lines.map((line) => ({ ...line, from: line.place, to: line.place })),
      );
      const held = taken.map(({ item, lot, from, units }): HeldLine => {
        return { item, lot, place: from, units, fulfilled: 0 };
      });
      this.#refuseShortages(
        held.map((line) => [line, -line.units]),
        short,
      );
      this.#expire(held);
      for (const line of held) this.level(line).reserved += line.units;
      this.reservations.push({ state: 'ACTIVE', expires, due: false, lines: held });
      this.#entries(1);
      return { type: 'Success', reservation: this.reservations.length - 1 };
    });
  }

  extend(index: number, expires: number): Outcome {
    return this.#answer(() => {
      const reservation = this.#open(index);
      if (reservation.expires === null) throw new Refused('InvalidState');
      if (expires <= reservation.expires) throw new Refused('InvalidInput');
      this.#expire(restOf(reservation));
      reservation.expires = expires;
      this.#entries(1);
      return { type: 'Success', reservation: index };
    });
  }

  release(index: number): Outcome {
    return this.#answer(() => {
      const reservation = this.#open(index);
      this.#expire(restOf(reservation));
      this.#end(reservation, 'RELEASED');
      return { type: 'Success', reservation: index };
    });
  }

  /** Issues all that a reservation holds, or a part of one of its items. */
  fulfil(index: number, part: { readonly item: ItemName; readonly units: number } | null): Outcome {
    return this.#answer(() => {
      const reservation = this.#open(index);
      const takes = part ? takePart(reservation.lines, part) : takeRest(reservation.lines);
      const places = restOf(reservation).flatMap((line) => [
        line,
        { ...line, place: 'CUSTOMER' as const },
      ]);
      this.#expire(places);
      for (const [line, units] of takes) {
        this.level(line).reserved -= units;
        line.fulfilled += units;
      }
      const done = reservation.lines.every(({ units, fulfilled }) => units === fulfilled);
      if (done) reservation.state = 'FULFILLED';
      this.#entries(1);
      const outcome = this.#post(
        takes.map(([{ item, lot, place }, units]) => ({
          ...{ item, lot, units, from: place },
          to: 'CUSTOMER' as const,
        })),
      );
      return { ...outcome, reservation: index };
    });
  }

  /** The time of a reservation has run out. */
  runOut(index: number): void {
    const reservation = this.reservations[index];
    if (reservation?.state === 'ACTIVE') reservation.due = true;
  }

  sweep(): void {
    this.#expire([...this.levels.values()]);
  }

  #answer(work: () => Outcome): Outcome {
    try {
      return work();
    } catch (error) {
      if (error instanceof Refused) return error.outcome;
      throw error;
    }
  }

  #entries(count: number): void {
    this.seq += count;
    const now = new Map([...this.levels].map(([key, { onHand }]) => [key, onHand]));
    this.history.set(this.seq, now);
  }

  /** Records a movement, after the reservations that end with it. */
  #post(
    wanted: readonly Moved[],
    {
      places = [],
      ended = [],
    }: {
      readonly places?: readonly Place[];
      readonly ended?: readonly (readonly [Reservation, 'RELEASED'])[];
    } = {},
  ): Outcome {
    const { taken, short } = this.#allocate(wanted);
    const freed = new Map<string, number>();
    for (const line of ended.flatMap(([reservation]) => restOf(reservation))) {
      freed.set(keyOf(line), (freed.get(keyOf(line)) ?? 0) + line.units - line.fulfilled);
    }
    const deltas = taken.flatMap(({ item, lot, from, to, units }): [Place, number][] => [
      [{ item, lot, place: from }, -units],
      [{ item, lot, place: to }, units],
    ]);
    this.#refuseShortages(deltas, short, freed);
    this.#refuseDoubleSerials(taken);
    this.#expire([...places, ...deltas.map(([place]) => place)]);
    for (const [reservation, state] of ended) this.#end(reservation, state);
    const lines = taken.map(({ item, lot, from, to, units }): Line => {
      const [source, target] = [
        this.level({ item, lot, place: from }),
        this.level({ item, lot, place: to }),
      ];
      source.onHand -= units;
      target.onHand += units;
      return { item, lot, from, to, units, fromAfter: source.onHand, toAfter: target.onHand };
    });
    this.#entries(1);
    const movement: Movement = { seq: this.seq, lines, reversed: false };
    this.movements.push(movement);
    return { type: 'Success', movement };
  }

  /** Lines that name no lot take the first to expire; what cannot be had at all is short. */
  #allocate(wanted: readonly Moved[]): { taken: Moved[]; short: string[] } {
    const left = new Map<string, number>();
    const short: string[] = [];
    const taken = wanted.flatMap((line): Moved[] => {
      const { item, from: place } = line;
      if (!isTracked(item) || line.lot !== null || !isReal(place)) return [line];
      const takes: Moved[] = [];
      let missing = line.units;
      for (const lot of this.#lotsOf(item)) {
        const key = keyOf({ item, place, lot });
        const rest = left.get(key) ?? this.#available({ item, place, lot });
        const units = Math.min(missing, rest);
        if (units <= 0) continue;
        left.set(key, rest - units);
        takes.push({ ...line, lot, units });
        missing -= units;
      }
      if (missing === 0) return takes;
      short.push(`${item} ${place} ${line.units} ${line.units - missing}`);
      return [];
    });
    return { taken, short };
  }

  /** Where an item or a lot of it stands among all, by when it came to be. */
  #age({ item, lot }: Place): number {
    return Object.keys(ITEMS).indexOf(item) * 1000 + this.lots.indexOf(`${item} ${lot}`);
  }

  /** The lots of an item, the first to expire first, and of equals the oldest. */
  #lotsOf(item: 'MILK' | 'BIKE'): string[] {
    return this.lots
      .filter((lot) => lot.startsWith(`${item} `))
      .map((lot) => lot.slice(item.length + 1))
      .toSorted((a, b) => {
        const [one, other] = [LOTS[item][a] ?? '9999', LOTS[item][b] ?? '9999'];
        return one < other ? -1 : one > other ? 1 : 0;
      });
  }

  /** What is due is not held any more: whoever wants the stock resolves it first. */
  #available(place: Place): number {
    const held = this.#holding([place], (reservation) => !reservation.due)
      .flatMap(restOf)
      .filter((line) => keyOf(line) === keyOf(place))
      .reduce((sum, { units, fulfilled }) => sum + units - fulfilled, 0);
    return (this.levels.get(keyOf(place))?.onHand ?? 0) - held;
  }

  /** The active reservations that hold something of places. */
  #holding(
    places: readonly Place[],
    which: (reservation: Reservation) => boolean = () => true,
  ): Reservation[] {
    const keys = new Set(places.map(keyOf));
    return this.reservations.filter(
      (reservation) =>
        which(reservation) && restOf(reservation).some((line) => keys.has(keyOf(line))),
    );
  }

  /** The newest reservations that must go for places to hold no more than was counted. */
  #overfull(counted: readonly (Place & { readonly units: number })[]): Reservation[] {
    const excess = new Map<string, number>();
    for (const place of counted) {
      const onHand = this.levels.get(keyOf(place))?.onHand ?? 0;
      excess.set(keyOf(place), onHand - this.#available(place) - place.units);
    }
    const newest = this.#holding(counted, (reservation) => !reservation.due).toReversed();
    return newest.filter((reservation) => {
      const lines = restOf(reservation);
      if (!lines.some((line) => (excess.get(keyOf(line)) ?? 0) > 0)) return false;
      for (const line of lines) {
        const rest = line.units - line.fulfilled;
        excess.set(keyOf(line), (excess.get(keyOf(line)) ?? 0) - rest);
      }
      return true;
    });
  }

  #refuseShortages(
    deltas: readonly (readonly [Place, number])[],
    short: readonly string[],
    freed: ReadonlyMap<string, number> = new Map(),
  ): void {
    const sums = new Map<string, { place: Place; sum: number }>();
    for (const [place, delta] of deltas) {
      const sum = sums.get(keyOf(place))?.sum ?? 0;
      sums.set(keyOf(place), { place, sum: sum + delta });
    }
    const shortages = [...short];
    for (const [key, { place, sum }] of sums) {
      const available = this.#available(place) + (freed.get(key) ?? 0);
      if (!isReal(place.place) || available + sum >= 0) continue;
      shortages.push(`${place.item} ${place.place} ${-sum} ${available}`);
    }
    if (shortages.length > 0) throw new Refused('InsufficientStock', shortages);
  }

  #refuseDoubleSerials(lines: readonly Moved[]): void {
    const coming = new Map<string, number>();
    for (const { item, lot, from, to, units } of lines) {
      if (ITEMS[item].tracking !== 'SERIAL' || lot === null) continue;
      const net = (isReal(to) ? units : 0) - (isReal(from) ? units : 0);
      coming.set(lot, (coming.get(lot) ?? 0) + net);
    }
    for (const [lot, units] of coming) {
      const there = PLACES.reduce((sum, place) => {
        return sum + (this.levels.get(keyOf({ item: 'BIKE', place, lot }))?.onHand ?? 0);
      }, 0);
      if (units > 0 && there + units > 1) throw new Refused('InvalidState');
    }
  }

  #checkTaken(lines: readonly Wanted[]): void {
    for (const line of lines) {
      this.#refuseUnknownLot(line);
      refuseSerialQuantity(line);
    }
  }

  #refuseUnknownLot({ item, lot }: Wanted): void {
    if (lot && !this.lots.includes(`${item} ${lot}`)) throw new Refused('NotFound');
  }

  /** The reservation, which must be active and in time. */
  #open(index: number): Reservation {
    const reservation = this.reservations[index];
    if (!reservation) throw new Refused('NotFound');
    if (reservation.state !== 'ACTIVE' || reservation.due) throw new Refused('InvalidState');
    return reservation;
  }

  /** Whoever touches levels ends what is due on them. */
  #expire(places: readonly Place[]): void {
    for (const each of this.#holding(places, ({ due }) => due)) this.#end(each, 'EXPIRED');
  }

  #end(reservation: Reservation, state: 'EXPIRED' | 'RELEASED'): void {
    for (const line of restOf(reservation)) {
      this.level(line).reserved -= line.units - line.fulfilled;
    }
    reservation.state = state;
    this.#entries(1);
  }
}

/** What a reservation holds: nothing once it is resolved. */
function restOf({ state, lines }: Reservation): HeldLine[] {
  return state === 'ACTIVE' ? lines.filter(({ units, fulfilled }) => fulfilled < units) : [];
}

/** What is left of lines. */
function takeRest(lines: readonly HeldLine[]): [HeldLine, number][] {
  const rests = lines.map((line): [HeldLine, number] => [line, line.units - line.fulfilled]);
  return rests.filter(([, rest]) => rest > 0);
}

/** So many units of an item from what is left of lines, the first line first. */
function takePart(
  lines: readonly HeldLine[],
  { item, units }: { readonly item: ItemName; readonly units: number },
): [HeldLine, number][] {
  let missing = units;
  const takes: [HeldLine, number][] = [];
  for (const [line, rest] of takeRest(lines.filter((each) => each.item === item))) {
    const take = Math.min(rest, missing);
    missing -= take;
    if (take > 0) takes.push([line, take]);
  }
  if (missing > 0) throw new Refused('InvalidInput');
  return takes;
}

function refuseSerialQuantity({ item, lot, units }: Wanted): void {
  if (ITEMS[item].tracking === 'SERIAL' && lot !== null && units !== 1) {
    throw new Refused('InvalidInput');
  }
}

function correction(place: PlaceName, { item, lot, units }: Wanted): Moved {
  return units > 0
    ? { item, lot, units, from: 'ADJUSTMENT', to: place }
    : { item, lot, units: -units, from: place, to: 'ADJUSTMENT' };
}
