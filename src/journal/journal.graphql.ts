import type { Row } from '../database/rows.ts';
import { builder } from '../graphql/builder.ts';
import { DEFAULT_PAGE, MAX_PAGE, pageSize } from '../graphql/connections.ts';
import { entityNamed } from '../graphql/entity-types.ts';
import { decodeGlobalId } from '../graphql/global-id.ts';
import { mark } from '../graphql/marks.ts';
import { asNode } from '../graphql/nodes.ts';
import { conditionOf, whereArgument } from '../graphql/where.ts';
import { filters } from '../graphql/where-fields.ts';
import { JournalEntry } from './journal.entity.ts';
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

filters(
  JournalEntry,
  (w) => ({
    seq: w.number('seq', { description: 'Its place in the journal.' }),
    at: w.time('at', { computed: true, description: 'When it was recorded.' }),
    action: w.text('action', { computed: true, description: 'What was done.' }),
    subject: {
      type: () => 'ID',
      description: 'What was changed: the row with this id.',
      indexed: 'subjectType',
      write: (id: string, { alias, table }, writer) => {
        const subject = decodeGlobalId(id) ?? { type: '', id: 0 };
        const column = (name: string) => `${alias}.${table.column(name)}`;
        return `${column('subjectType')} = ${writer.value(subject.type)}
          and ${column('subjectId')} = ${writer.value(subject.id)}`;
      },
    },
  }),
  { name: 'JournalWhere' },
);

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
      where: t.arg({
        ...whereArgument(JournalEntry),
        description: 'Which entries; all unless said.',
      }),
    },
    ...mark({ kind: 'lookup', entity: 'JournalEntry' }),
    resolve: (_root, { after, first, where }, { em, viewer }) =>
      readJournal(em, viewer.organizationId, {
        after: after ?? 0,
        first: pageSize({ first: first ?? null }),
        where: conditionOf(em, JournalEntry, where),
      }),
  }),
);
