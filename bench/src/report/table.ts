/** Columns of a table: how each is titled, and what a row shows in it. */
export type Columns<T> = Readonly<Record<string, (row: T) => string>>;

/** A table for a terminal: the first column to the left, numbers to the right. */
export function table<T>(rows: readonly T[], columns: Columns<T>): string {
  const titles = Object.keys(columns);
  const cells = rows.map((row) => Object.values(columns).map((show) => show(row)));
  const widths = titles.map((title, at) =>
    Math.max(title.length, ...cells.map((line) => line[at]?.length ?? 0)),
  );
  const line = (texts: readonly string[]) =>
    texts
      .map((text, at) => (at === 0 ? text.padEnd(widths[at] ?? 0) : text.padStart(widths[at] ?? 0)))
      .join('  ');
  return [line(titles), ...cells.map(line)].join('\n');
}

/** A number with so many fraction digits; a dash where there is none. */
export const fixed = (value: number | null, digits: number): string =>
  value === null ? '-' : value.toFixed(digits);
