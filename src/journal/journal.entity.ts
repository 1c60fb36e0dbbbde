import { defineEntity, p } from '@mikro-orm/core';
import { declareAppendOnly } from '../database/append-only.ts';
import { tenantProperties } from '../database/columns.ts';

const JournalEntrySchema = defineEntity({
  name: 'JournalEntry',
  tableName: 'journal_entries',
  uniques: [{ name: 'journal_entries_seq_key', properties: ['organization', 'seq'] }],
  indexes: [
    {
      name: 'journal_entries_subject_index',
      properties: ['organization', 'subjectType', 'subjectId', 'seq'],
    },
  ],
  properties: {
    ...tenantProperties,
    seq: p.bigint('number'),
    at: p.datetime(3),
    action: p.text(),
    actorId: p.bigint('number').nullable(),
    subjectType: p.text(),
    subjectId: p.bigint('number'),
    changes: p.json<Record<string, unknown>>().nullable(),
  },
});

/** One change of an organization's data, numbered without gaps in the order of the commits. */
export class JournalEntry extends JournalEntrySchema.class {}
JournalEntrySchema.setClass(JournalEntry);
declareAppendOnly(JournalEntry);

const JournalHeadSchema = defineEntity({
  name: 'JournalHead',
  tableName: 'journal_heads',
  uniques: [{ name: 'journal_heads_organization_key', properties: ['organization'] }],
  properties: {
    ...tenantProperties,
    seq: p.bigint('number'),
    /** The place of the newest archiving, 0 before the first. */
    archivedSeq: p.bigint('number').default(0),
    recordedAt: p.datetime(3),
  },
});

/**
 * The newest place in an organization's journal. Its row is locked from the moment a transaction
 * takes a number until its commit, which is what keeps the numbers gapless and visible in order.
 */
export class JournalHead extends JournalHeadSchema.class {}
JournalHeadSchema.setClass(JournalHead);
