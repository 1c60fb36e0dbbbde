/** A number for people: `541,909`. */
export const count = (value: number): string => value.toLocaleString('en-US');

/** How many there are of something, which has a plural in `s`: `1 organization`, `2 organizations`. */
export const counted = (value: number, what: string): string =>
  `${count(value)} ${what}${value === 1 ? '' : 's'}`;

/** The most memory, in MiB, that the process has taken so far. */
export const peakMebibytes = (): number => Math.round(process.resourceUsage().maxRSS / 1024);

/** Figures, each in a line behind its name, one below the other. */
export function figureLines(
  figures: readonly (readonly [name: string, value: string])[],
): string[] {
  const width = Math.max(...figures.map(([name]) => name.length));
  return figures.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
}
