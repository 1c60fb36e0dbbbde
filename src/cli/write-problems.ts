import { writeFileOf } from '../exchange/export.service.ts';
import { line, whole } from '../exchange/kinds.ts';
import type { Problem } from '../exchange/problem.ts';
import { TableText } from '../exchange/table-text.ts';
import { formatOf } from './format-option.ts';

const COLUMNS = {
  file: { kind: line, says: 'the file' },
  row: { kind: whole, says: 'the row' },
  column: { kind: line, says: 'the column' },
  code: { kind: line, says: 'what is wrong, for programs' },
  value: { kind: line, says: 'what stands there' },
  message: { kind: line, says: 'what is wrong, for people' },
};

/** Writes all problems to a file, for a spreadsheet or a program. */
export async function writeProblems(file: string, problems: readonly Problem[]): Promise<void> {
  const format = formatOf(undefined, file);
  // What stands in a file of somebody else's is not computed by whoever opens its problems.
  const text = new TableText(COLUMNS, {
    format,
    escapesFormulas: format === 'csv',
    tellsAll: true,
  });
  await writeFileOf(
    file,
    (async function* pieces() {
      if (format === 'csv') yield text.header();
      if (problems.length > 0) yield text.rows(problems.map((problem) => ({ ...problem })));
    })(),
  );
}
