import { formatUnits } from '../database/quantity.ts';
import type { DomainError } from '../errors.ts';
import type { Names } from '../stock/names.ts';
import { CountConflict, InsufficientStock } from '../stock/stock.errors.ts';
import type { Problem } from './problem.ts';

/** A row that can tell a problem of its own. */
interface TellingRow {
  problem(column: string, facts: Pick<Problem, 'code' | 'message'>): Problem;
}

/** What the ledger's words for the parts of a posting are in a file. */
export type ColumnOf = Readonly<Record<string, string>>;

/**
 * What a refusal of the ledger means for the rows that it was asked for.
 * @param rows by the index of their line in the posting.
 */
export function refusalProblems(
  error: DomainError,
  {
    rows,
    names,
    columnOf,
  }: {
    readonly rows: readonly TellingRow[];
    readonly names: Names;
    readonly columnOf: ColumnOf;
  },
): Problem[] {
  const { code } = error;
  const tell = (line: number, column: string, message: string): Problem =>
    (rows[line] ?? (rows[0] as TellingRow)).problem(columnOf[column] ?? column, { code, message });
  const amount = (units: number, id: number) => formatUnits(units, names.item({ id }, []).decimals);
  if (error instanceof InsufficientStock) {
    return error.shortages.flatMap(({ lines, item, requested, available }) => {
      const message = `${amount(requested, item)} are asked for, ${amount(available, item)} are available.`;
      return lines.map((line) => tell(line, 'quantity', message));
    });
  }
  if (error instanceof CountConflict) {
    return error.conflicts.map(({ line, item, onHand }) =>
      tell(line, 'expected', `${amount(onHand, item)} are on hand.`),
    );
  }
  const [, part = '', line = '0'] = error.path ?? [];
  const isOfLine = part === 'lines' || part === 'confirmed';
  return [
    tell(isOfLine ? Number(line) : 0, isOfLine ? (error.path?.at(-1) ?? '') : part, error.message),
  ];
}
