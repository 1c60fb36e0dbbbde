import { isDeepStrictEqual } from 'node:util';
import {
  type Answer,
  type OperationName,
  type Question,
  READS,
  type ReadName,
  type Transferred,
  type Transfers,
} from '../operations.ts';
import type { Running } from '../servers.ts';

/** What a check found to be equal. */
export interface Checked {
  readonly answers: number;
  readonly transfers: number;
}

/**
 * Asks every server the same, and compares the rows.
 * @throws Error with the first difference: what is not the same work is not measured.
 */
export async function checkAnswers(
  servers: readonly Running[],
  operations: readonly OperationName[],
  questions: readonly Question[],
  transfers: Transfers,
): Promise<Checked> {
  let answers = 0;
  for (const operation of READS.filter((name) => operations.includes(name))) {
    for (const question of questions) {
      await checkOne(servers, operation, question);
      answers += servers.length;
    }
  }
  if (!operations.includes('M1')) return { answers, transfers: 0 };
  for (const server of servers) await checkTransfers(server, transfers);
  return { answers, transfers: servers.length };
}

/** How many rows a good answer has: nothing and nothing are equal too. */
const ROWS: Readonly<Record<ReadName, number>> = { Q1: 50, Q2: 50, Q3: 25, Q4: 1, Q5: 50 };

function rowCount(operation: ReadName, rows: Answer): number {
  if (operation === 'Q4') return rows.lines.length > 0 && rows.levels.length > 0 ? 1 : 0;
  return operation === 'Q5' ? rows.movements.length : rows.length;
}

async function checkOne(servers: readonly Running[], operation: ReadName, question: Question) {
  let first: { readonly name: string; readonly rows: unknown } | undefined;
  for (const { kind, api, ask } of servers) {
    const answer = await ask(api.read(operation, question));
    const rows = normalised(kind.name, operation, () => api.rows(operation, answer), answer);
    if (rowCount(operation, rows) !== ROWS[operation]) {
      throw new Error(`${kind.name} answered ${operation} with too few rows`);
    }
    first ??= { name: kind.name, rows };
    if (isDeepStrictEqual(rows, first.rows)) continue;
    const [one, other] = [first.rows, rows].map((each) => JSON.stringify(sorted(each)));
    throw new Error(
      `${operation} differs between ${first.name} and ${kind.name}: ${difference(one, other)}`,
    );
  }
}

function normalised(name: string, operation: string, rows: () => unknown, answer: unknown) {
  try {
    // Through JSON, so that prototypes and undefined fields do not count.
    return JSON.parse(JSON.stringify(rows()));
  } catch (error) {
    const text = JSON.stringify(answer)?.slice(0, 500);
    throw new Error(`${name} answered ${operation} with ${text}`, { cause: error });
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, field]) => [name, sorted(field)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function difference(one = '', other = ''): string {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  const around = (text: string) => text.slice(Math.max(0, at - 80), at + 80);
  return `\n  ${around(one)}\n  ${around(other)}`;
}

/** The rules that every transfer keeps: what it moves, once for a key, and never more than is there. */
async function checkTransfers({ kind, api, ask }: Running, transfers: Transfers): Promise<void> {
  const send = async (transfer: ReturnType<Transfers['next']>): Promise<Transferred> =>
    api.transferred(await ask(api.transfer(transfer)), transfer);
  const must = (what: string, holds: boolean) => {
    if (!holds) throw new Error(`${kind.name} breaks a rule of transfers: ${what}`);
  };
  const first = transfers.next(10);
  const one = await send(first);
  const two = await send({ ...first, key: `${first.key}:again` });
  if (!one || !two) throw new Error(`${kind.name} refused a transfer`);
  must('the journal has no gap', two.seq === one.seq + 1);
  must('what is taken is gone', two.fromAfter === one.fromAfter - first.quantity);
  must('what is given is there', two.toAfter === one.toAfter + first.quantity);
  const replayed = await send(first);
  must('the same key moves nothing', replayed?.seq === one.seq);
  const other = { ...first, quantity: 2 * first.quantity };
  must('the same key with another input is refused', (await send(other)) === null);
  const much = { ...first, key: `${first.key}:much`, quantity: 1e9 * first.quantity };
  must('more than is there is refused', (await send(much)) === null);
  const three = await send({ ...first, key: `${first.key}:after` });
  must('a refusal leaves nothing behind', three?.seq === two.seq + 1);
}
