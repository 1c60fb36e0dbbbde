/** A line that cannot be used, and why. */
export interface BadLine {
  /** Its number in the file; the header is line 1. */
  readonly line: number;
  readonly column: string;
  readonly code: 'BLANK' | 'TOO_LONG' | 'NOT_A_QUANTITY' | 'NOT_A_TIME' | 'NOT_CSV' | 'REFUSED';
  readonly value: string;
}

/** A bad line in one line of text. */
export function describeBadLine({ line, column, code, value }: BadLine): string {
  const shown = value.length > 60 ? `${value.slice(0, 60)}…` : value;
  return `line ${line}, column ${column}: ${code} ${JSON.stringify(shown)}`;
}
