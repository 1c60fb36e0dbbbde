import { isDeepStrictEqual } from 'node:util';
import type { EntityManager } from '../database/entity-manager.ts';
import type { Row } from '../database/rows.ts';
import { run, Statement } from '../database/statement.ts';
import { JsonRows } from '../database/statement-values.ts';
import type { JournalEntry } from './journal.entity.ts';

/** Places in an organization's journal, taken by a transaction that is about to commit. */
export interface JournalPlaces {
  /** The first of the places; the others follow it without a gap. */
  readonly firstSeq: number;
  /** The server's clock, never earlier than at any lower place. */
  readonly recordedAt: Date;
  /** The place of the newest archiving, 0 before the first. */
  readonly archivedSeq: number;
}

const takeStatement = (archiving: string) =>
  new Statement<{ seq: number; recordedAt: Date; archivedSeq: number }>(
    (dialect) => `update journal_heads
      set seq = seq + $2, ${archiving}
        recorded_at = ${dialect.greatest('recorded_at', dialect.time('$3'))}
      where organization_id = $1
      returning seq as "seq", recorded_at as "recordedAt", archived_seq as "archivedSeq"`,
    (row) => {
      row['recordedAt'] = new Date(Number(row['recordedAt']));
    },
  );

const TAKE_PLACES = takeStatement('');
const TAKE_ARCHIVING_PLACE = takeStatement('archived_seq = seq + $2,');

/**
 * Takes the next places in the journal. Take them last: from here to the commit, every other writer
 * of the organization waits, which is what keeps the numbers gapless and in the order of the commits.
 */
export async function takePlaces(
  em: EntityManager,
  organizationId: number,
  count: number,
): Promise<JournalPlaces> {
  return take(em, organizationId, TAKE_PLACES, count);
}

/**
 * Takes the next place for an archiving. From here to the commit nothing is written to the ledger; and
 * whoever read before this what is archived now, and takes a place after it, can tell by `archivedSeq`.
 */
export function takeArchivingPlace(
  em: EntityManager,
  organizationId: number,
): Promise<JournalPlaces> {
  return take(em, organizationId, TAKE_ARCHIVING_PLACE, 1);
}

async function take(
  em: EntityManager,
  organizationId: number,
  statement: typeof TAKE_PLACES,
  count: number,
): Promise<JournalPlaces> {
  const [head] = await run(em, organizationId, statement, [count, new Date()]);
  if (!head) throw new Error(`Organization ${organizationId} has no journal`);
  const { seq, recordedAt, archivedSeq } = head;
  return { firstSeq: seq - count + 1, recordedAt, archivedSeq };
}

/** One change, before it has its place in the journal. */
export type Change = Pick<Row<JournalEntry>, 'action' | 'actorId' | 'subjectType' | 'subjectId'> & {
  /** What differs, by property: the new value, or `{ from, to }`. */
  readonly changes: Readonly<Record<string, unknown>> | null;
};

const INSERT_ENTRIES = new Statement<never>((dialect) => {
  const entries = dialect.jsonRows('$2', {
    seq: 'bigint',
    action: 'text',
    actorId: 'bigint',
    subjectType: 'text',
    subjectId: 'bigint',
    changes: 'json',
  });
  return `insert into journal_entries
      (organization_id, seq, at, action, actor_id, subject_type, subject_id, changes)
    select cast($1 as bigint), seq, ${dialect.time('$3')}, action, "actorId", "subjectType",
      "subjectId", changes
    from ${entries} j order by seq`;
});

/** Writes changes into places that were taken for them, in order. */
export async function writeEntries(
  em: EntityManager,
  organizationId: number,
  { firstSeq, recordedAt }: JournalPlaces,
  changes: readonly Change[],
): Promise<void> {
  const rows = changes.map(({ changes: differences, ...change }, index) => ({
    ...{ ...change, seq: firstSeq + index },
    changes: asJson(differences),
  }));
  await run(em, organizationId, INSERT_ENTRIES, [new JsonRows(rows), recordedAt]);
}

/** Records changes that are nothing but themselves: takes the places and writes the entries. */
export async function record(
  em: EntityManager,
  organizationId: number,
  changes: readonly Change[],
): Promise<void> {
  await writeEntries(
    em,
    organizationId,
    await takePlaces(em, organizationId, changes.length),
    changes,
  );
}

/** What differs between two states of a row, by property; null when nothing does. */
export function difference<R extends object>(
  before: R,
  after: R,
  properties: readonly (keyof R & string)[],
): Record<string, { from: unknown; to: unknown }> | null {
  const changed = properties.filter((name) => !isSame(before[name], after[name]));
  if (changed.length === 0) return null;
  return Object.fromEntries(
    changed.map((name) => [name, { from: before[name], to: after[name] }] as const),
  );
}

/** Whether two values are the same as JSON, where the names in an object have no order. */
export function isSame(one: unknown, other: unknown): boolean {
  return isDeepStrictEqual(asJson(one), asJson(other));
}

const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));
