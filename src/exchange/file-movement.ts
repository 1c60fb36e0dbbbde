import { HEAD_COLUMNS, type MOVEMENT_COLUMNS } from './movement-columns.ts';
import type { Problem } from './problem.ts';
import type { TableRow } from './table.ts';

export type MovementLineRow = TableRow<typeof MOVEMENT_COLUMNS>;

/** Rows of a file that are one movement. */
export interface FileMovement {
  readonly key: string;
  /** What its rows say alike. */
  readonly head: MovementLineRow['values'];
  readonly lines: readonly MovementLineRow[];
}

/**
 * Puts rows that are one movement together: those in a row with the same key, or, where there are no keys,
 * with the same reference and the like.
 * @param hash tells files apart: what is without a key gets one of the file and the row.
 */
export async function* movementsOf(
  rows: AsyncIterable<MovementLineRow>,
  hash: string,
): AsyncGenerator<FileMovement> {
  let lines: MovementLineRow[] = [];
  for await (const row of rows) {
    const [first] = lines;
    if (first && !isOneMovement(first, row)) {
      yield movementOf(lines, hash);
      lines = [];
    }
    lines.push(row);
  }
  if (lines.length > 0) yield movementOf(lines, hash);
}

function isOneMovement({ values: first }: MovementLineRow, { values }: MovementLineRow): boolean {
  if (first.key || values.key) return first.key === values.key;
  return Boolean(values.reference) && otherHeads(first, values).length === 0;
}

function movementOf(lines: readonly MovementLineRow[], hash: string): FileMovement {
  const { row, values } = lines[0] as MovementLineRow;
  return { key: values.key ?? `${hash}:${row}`, head: values, lines };
}

/** The columns in which two rows do not say the same of their movement. */
function otherHeads(first: MovementLineRow['values'], second: MovementLineRow['values']) {
  return (Object.keys(HEAD_COLUMNS) as (keyof typeof HEAD_COLUMNS)[]).filter(
    (name) => first[name]?.valueOf() !== second[name]?.valueOf(),
  );
}

/** What is wrong with rows that say other things of the one movement that they are. */
export function refuseOtherHeads({ head, lines }: FileMovement): Problem[] {
  const [first] = lines;
  return lines.flatMap((line) =>
    otherHeads(head, line.values).map((column) =>
      line.problem(column, {
        code: 'INVALID_INPUT',
        message: `The movement says something else of it in row ${first?.row}.`,
      }),
    ),
  );
}
