import { andAlso, type Condition } from '../database/condition.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { once } from '../database/kept-statements.ts';
import { type Row, tableOf } from '../database/rows.ts';
import { run, Statement } from '../database/statement.ts';
import { JournalEntry } from './journal.entity.ts';

/** A stretch of an organization's journal, and how far the journal reached when it was read. */
export interface JournalPage {
  readonly entries: readonly Row<JournalEntry>[];
  readonly headSeq: number;
  readonly hasMore: boolean;
}

/** Which entries to read: behind a place, of all or of those of a condition. */
interface JournalStretch {
  readonly after: number;
  readonly first: number;
  readonly where?: Condition | undefined;
}

interface PageRow extends Row<JournalEntry> {
  readonly headSeq: number;
}

/** The head and the entries come from one statement, so that both are of one moment. */
const pageStatement = (em: EntityManager, where?: Condition): Statement<PageRow> => {
  const table = tableOf(em, JournalEntry);
  return once(
    ['journal', where?.text ?? ''],
    () =>
      new Statement<PageRow>(
        () => `select h.seq as "headSeq", ${table.columns('e')}
      from journal_heads h left join (select * from journal_entries x
        where x.organization_id = $1 and x.seq > $2 ${andAlso(where, 4)}
        order by x.seq limit $3) e on true
      where h.organization_id = $1 order by e.seq`,
        table.decode,
      ),
    where !== undefined,
  );
};

/** Reads the entries behind a place in the journal, `first` of them at most. */
export async function readJournal(
  em: EntityManager,
  organizationId: number,
  { after, first, where }: JournalStretch,
): Promise<JournalPage> {
  const values = [after, first + 1, ...(where?.values ?? [])];
  const rows = await run(em, organizationId, pageStatement(em, where), values);
  const [head] = rows;
  if (!head) throw new Error(`Organization ${organizationId} has no journal`);
  // Where nothing follows, the head stands alone in a row without an entry.
  const found = rows.filter((row) => row.id !== null);
  return {
    entries: found.slice(0, first),
    headSeq: head.headSeq,
    hasMore: found.length > first,
  };
}
