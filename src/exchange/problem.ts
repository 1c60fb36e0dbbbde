import type { ErrorCode } from '../errors.ts';
import { ExchangeError } from './exchange.errors.ts';

/** So many problems are a wrong file, not a faulty one; it bounds the memory too. */
const MAX_PROBLEMS = 100_000;

/** Longest text that a problem repeats, in characters. */
const MAX_VALUE = 200;

/** Why something in a file cannot be taken. */
export interface Problem {
  readonly file: string;
  /** Its row, as a spreadsheet numbers them: the header is row 1. Of JSON Lines it is the line. */
  readonly row: number;
  /** As the file calls it; blank where the whole row is meant. */
  readonly column: string;
  /** What is wrong, for programs; the text is none that could be read, or the header is not right. */
  readonly code: ErrorCode | 'NOT_READABLE' | 'UNKNOWN_COLUMN' | 'MISSING_COLUMN' | 'DOUBLE_COLUMN';
  /** What stands there. */
  readonly value: string;
  readonly message: string;
}

/** What was found wrong, in the order in which it was found. */
export class Problems {
  readonly list: Problem[] = [];

  /** @throws ExchangeError when there are far too many. */
  add(problem: Problem): void {
    const { value } = problem;
    const shown = value.length > MAX_VALUE ? `${value.slice(0, MAX_VALUE)}…` : value;
    this.list.push({ ...problem, value: shown });
    if (this.list.length <= MAX_PROBLEMS) return;
    throw new ExchangeError(`${problem.file} has more than ${MAX_PROBLEMS} problems.`);
  }
}
