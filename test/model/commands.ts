import fc from 'fast-check';
import { type ItemName, LOTS, PLACES, type PlaceName } from './ledger.ts';

interface LineOf {
  readonly item: ItemName;
  readonly lot: string | null;
  readonly units: number;
}

/** One step of a run. Numbers named `nth` choose among what there is by then. */
export type Command =
  | { readonly do: 'receive'; readonly to: PlaceName; readonly lines: readonly LineOf[] }
  | {
      readonly do: 'issue' | 'transfer';
      readonly from: PlaceName;
      readonly to: PlaceName;
      readonly lines: readonly LineOf[];
    }
  | { readonly do: 'adjust'; readonly place: PlaceName; readonly lines: readonly LineOf[] }
  | {
      readonly do: 'count';
      readonly place: PlaceName;
      readonly lines: readonly (LineOf & { readonly expects: 'right' | 'wrong' | 'nothing' })[];
      readonly zero: boolean;
      readonly release: boolean;
    }
  | { readonly do: 'reverse' | 'release' | 'extend' | 'runOut'; readonly nth: number }
  | {
      readonly do: 'reserve';
      readonly lines: readonly (LineOf & { readonly place: PlaceName })[];
      readonly expires: boolean;
    }
  | {
      readonly do: 'fulfil';
      readonly nth: number;
      readonly part: { readonly item: ItemName; readonly units: number } | null;
    }
  | { readonly do: 'replay' | 'mismatch'; readonly nth: number }
  | { readonly do: 'sweep' }
  | { readonly do: 'asOf'; readonly nth: number; readonly item: ItemName; readonly at: PlaceName }
  | { readonly do: 'page'; readonly list: number; readonly size: number; readonly back: boolean }
  | { readonly do: 'burst'; readonly place: PlaceName; readonly units: number }
  | { readonly do: 'pair'; readonly place: PlaceName; readonly units: number };

/** Most happens at one place, so that there mostly is stock to take. */
const place = fc.oneof(
  { weight: 3, arbitrary: fc.constant<PlaceName>('HALL') },
  { weight: 2, arbitrary: fc.constantFrom<PlaceName>(...PLACES) },
);
/** Serial numbers come seldom: nearly all that is done with them is refused. */
const item = fc.constantFrom<ItemName>('BOLT', 'BOLT', 'ROPE', 'ROPE', 'MILK', 'MILK', 'BIKE');
const nth = fc.nat(1000);

/** A line; `lots` says how often one of an item with lots names its lot. */
const lineOf = (units: fc.Arbitrary<number>, named: 'always' | 'sometimes') =>
  fc.tuple(item, units, nth, fc.boolean()).map(([name, quantity, choice, open]): LineOf => {
    if (name !== 'MILK' && name !== 'BIKE') return { item: name, lot: null, units: quantity };
    const lots = Object.keys(LOTS[name]);
    const lot = named === 'sometimes' && open ? null : (lots[choice % lots.length] ?? null);
    // Serial numbers mostly come one by one; now and then somebody asks for more.
    const units = name === 'BIKE' && choice % 8 !== 0 ? Math.sign(quantity) : quantity;
    return { item: name, lot, units };
  });

const few = <T>(line: fc.Arbitrary<T>) => fc.array(line, { minLength: 1, maxLength: 3 });
const couple = <T>(line: fc.Arbitrary<T>) => fc.array(line, { minLength: 1, maxLength: 2 });
const some = fc.integer({ min: 1, max: 6 });
const many = fc.integer({ min: 1, max: 40 });
const named = lineOf(many, 'always');
const taken = lineOf(some, 'sometimes');
const signed = fc.integer({ min: -6, max: 6 }).filter((units) => units !== 0);

const commands: readonly [weight: number, arbitrary: fc.Arbitrary<Command>][] = [
  [8, fc.record({ do: fc.constant('receive'), to: place, lines: few(named) })],
  [
    4,
    fc.record({
      ...{ do: fc.constant('issue'), from: place, lines: couple(taken) },
      to: fc.constant('CUSTOMER'),
    }),
  ],
  [4, fc.record({ do: fc.constant('transfer'), from: place, to: place, lines: couple(taken) })],
  [2, fc.record({ do: fc.constant('adjust'), place, lines: few(lineOf(signed, 'always')) })],
  [
    2,
    fc.record({
      ...{ do: fc.constant('count'), place, zero: fc.boolean(), release: fc.boolean() },
      lines: fc.uniqueArray(
        fc
          .tuple(
            lineOf(fc.integer({ min: 0, max: 30 }), 'always'),
            fc.constantFrom('right', 'wrong', 'nothing', 'nothing'),
          )
          .map(([line, expects]) => ({ ...line, expects })),
        { minLength: 1, maxLength: 3, selector: (line) => `${line.item} ${line.lot}` },
      ),
    }),
  ],
  [2, fc.record({ do: fc.constant('reverse'), nth })],
  [
    8,
    fc.record({
      do: fc.constant('reserve'),
      lines: couple(fc.tuple(taken, place).map(([line, at]) => ({ ...line, place: at }))),
      expires: fc.boolean(),
    }),
  ],
  [
    3,
    fc.record({
      ...{ do: fc.constant('fulfil'), nth },
      part: fc.option(fc.record({ item, units: fc.integer({ min: 1, max: 4 }) })),
    }),
  ],
  [1, fc.record({ do: fc.constant('release'), nth })],
  [1, fc.record({ do: fc.constant('extend'), nth })],
  [2, fc.record({ do: fc.constant('runOut'), nth })],
  [1, fc.record({ do: fc.constant('sweep') })],
  [1, fc.record({ do: fc.constant('replay'), nth })],
  [1, fc.record({ do: fc.constant('mismatch'), nth })],
  [2, fc.record({ do: fc.constant('asOf'), nth, item, at: place })],
  [
    2,
    fc.record({
      ...{ do: fc.constant('page'), list: nth, back: fc.boolean() },
      size: fc.integer({ min: 1, max: 7 }),
    }),
  ],
  [1, fc.record({ do: fc.constant('burst'), place, units: fc.integer({ min: 1, max: 3 }) })],
  [1, fc.record({ do: fc.constant('pair'), place, units: some })],
] as never;

/** How many steps a run has. */
export const RUN_LENGTH = 100;

/** The steps of one run. */
export const run = fc.array(
  fc.oneof(...commands.map(([weight, arbitrary]) => ({ weight, arbitrary }))),
  { minLength: RUN_LENGTH, maxLength: RUN_LENGTH },
);
