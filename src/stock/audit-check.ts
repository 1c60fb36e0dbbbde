import type { Dialect } from '../database/dialect.ts';
import { formatUnits } from '../database/quantity.ts';
import type { Decode } from '../database/rows.ts';
import { Statement } from '../database/statement.ts';
import type { LedgerDifference } from './audit.ts';

/** The kinds of location that are real places, as SQL lists them. */
export const REAL = "('STORAGE', 'TRANSIT')";

/** The most differences that one check names; it counts them all. */
export const MOST_NAMED = 1000;

/** What a check finds. `subject` is the id of the row that is wrong, by which they are ordered. */
export interface Finding {
  readonly subject: number | null;
  /** How many there are, of which at most `MOST_NAMED` are here. */
  readonly total: number;
}

/** One question that an audit asks of a ledger: rows come back only where something is wrong. */
export interface Check {
  readonly statement: Statement<Finding>;
  describe(finding: Finding): LedgerDifference;
}

/** A check whose SQL gives a row with a `subject` for each difference. */
export function check<F extends Finding>(
  find: (dialect: Dialect) => string,
  describe: (finding: F) => LedgerDifference,
  decode?: Decode,
): Check {
  const text = (dialect: Dialect) => `select * from (${named(find(dialect))}) f order by "subject"`;
  return { statement: new Statement<F>(text, decode), describe: describe as Check['describe'] };
}

/** What a check finds that concerns an item somewhere; the names are null where a row is missing. */
export interface PlacedFinding extends Finding {
  readonly item: number;
  readonly location: number | null;
  readonly lot: number;
  readonly sku: string | null;
  readonly decimals: number | null;
  readonly code: string | null;
  readonly lotCode: string | null;
}

/** A check whose SQL gives an `item`, a `location` and a `lot` (0 for none) too. */
export function placedCheck<F extends PlacedFinding>(
  find: (dialect: Dialect) => string,
  describe: (finding: F) => LedgerDifference,
): Check {
  const text = (dialect: Dialect) => `select f.*, i.sku as "sku", i.decimals as "decimals",
      p.code as "code", b.code as "lotCode"
    from (${named(find(dialect))}) f
    left join items i on i.id = f."item" and ${dialect.owned('i')}
    left join locations p on p.id = f."location" and ${dialect.owned('p')}
    left join lots b on b.id = f."lot" and ${dialect.owned('b')}
    order by f."subject", f."item", f."location", f."lot"`;
  return { statement: new Statement<F>(text), describe: describe as Check['describe'] };
}

const named = (find: string): string => `select x.*, count(*) over () as "total" from (${find}) x
  order by x."subject" limit ${MOST_NAMED}`;

/** What and where, for people. */
export function placeOf({ item, location, lot, ...names }: PlacedFinding): string {
  const what = names.sku ?? `item ${item}`;
  const where = location === null ? '' : ` at ${names.code ?? `location ${location}`}`;
  const which = lot === 0 ? '' : ` of lot ${names.lotCode ?? lot}`;
  return `${what}${which}${where}`;
}

/** A quantity as the API writes it. */
export const amount = (units: number, { decimals }: PlacedFinding): string =>
  formatUnits(units, decimals ?? 0);
