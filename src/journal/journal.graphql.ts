import type { Row } from '../database/rows.ts';
import { builder } from '../graphql/builder.ts';
import { DEFAULT_PAGE, MAX_PAGE, pageSize } from '../graphql/connections.ts';
import { entityNamed } from '../graphql/entity-type.ts';
import { mark } from '../graphql/marks.ts';
import { asNode } from '../graphql/nodes.ts';
import type { JournalEntry } from './journal.entity.ts';
import { type JournalPage, readJournal } from './journal-statements.ts';

export const JournalEntryType = builder.objectRef<Row<JournalEntry>>('JournalEntry').implement({
  description: 'One change of the data of the organization. It never changes itself.',
  fields: (t) => ({
    seq: t.field({
      type: 'SafeInt',
      description: 'Its place in the journal: 1, 2, 3 and so on, in the order of the commits.',
      ...mark({ kind: 'column', property: 'seq' }),
      resolve: (entry) => entry.seq,
    }),
    at: t.field({
      type: 'DateTime',
      description: "When it was recorded, by the server's clock; never falls as `seq` rises.",
      ...mark({ kind: 'column', property: 'at' }),
      resolve: (entry) => entry.at,
    }),
    action: t.string({
      description: 'What was done, such as `item.update` or `stock.issue`.',
      ...mark({ kind: 'column', property: 'action' }),
      resolve: (entry) => entry.action,
    }),
    subject: t.field({
      type: builder.nodeInterfaceRef(),
      nullable: true,
      description: 'What was changed, as it is now; null when it is gone, or has no id.',
      ...mark({ kind: 'lookup', entity: 'Node' }),
      resolve: async ({ subjectType, subjectId }, _arguments, { loaders }) => {
        const entity = entityNamed(subjectType);
        const row = entity && (await loaders.row(entity, subjectId));
        return (row ? asNode(subjectType, row) : null) as never;
      },
    }),
    changes: t.field({
      type: 'JSON',
      nullable: true,
      description: 'What differs, by name: the new value, or `{ from, to }`.',
      ...mark({ kind: 'column', property: 'changes' }),
      resolve: (entry) => entry.changes,
    }),
  }),
});

const JournalPageType = builder.objectRef<JournalPage>('JournalPage').implement({
  description: 'A stretch of the journal. All of it is of one moment.',
  fields: (t) => ({
    entries: t.field({
      type: [JournalEntryType],
      description: 'What changed, oldest first.',
      resolve: ({ entries }) => [...entries],
    }),
    headSeq: t.field({
      type: 'SafeInt',
      description: 'The newest place in the journal.',
      resolve: ({ headSeq }) => headSeq,
    }),
    hasMore: t.exposeBoolean('hasMore', { description: 'Whether entries follow the last one.' }),
  }),
});

builder.queryField('journal', (t) =>
  t.field({
    type: JournalPageType,
    description:
      'Everything that changed, in order and without gaps. To follow it, ask again with the last ' +
      '`seq` as `after`: nothing will ever appear at or before a place that was seen.',
    args: {
      after: t.arg({
        type: 'SafeInt',
        description: 'Only entries behind this place; from the beginning unless said.',
      }),
      first: t.arg.int({
        description: `How many entries, 1 to ${MAX_PAGE}; ${DEFAULT_PAGE} unless said.`,
      }),
    },
    ...mark({ kind: 'lookup', entity: 'JournalEntry' }),
    resolve: (_root, { after, first }, { em, viewer }) =>
      readJournal(em, viewer.organizationId, {
        after: after ?? 0,
        first: pageSize({ first: first ?? null }),
      }),
  }),
);
