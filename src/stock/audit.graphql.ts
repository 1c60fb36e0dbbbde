import { builder } from '../graphql/builder.ts';
import { costs } from '../graphql/declared-cost.ts';
import { encodeGlobalId } from '../graphql/global-id.ts';
import { auditLedger } from './audit.service.ts';
import { LEDGER_RULES, type LedgerAudit, type LedgerDifference, type LedgerRule } from './audit.ts';
import { MOST_NAMED } from './audit-check.ts';

const LedgerRuleType = builder.enumType('LedgerRule', {
  description: 'What can be wrong with a ledger.',
  values: Object.fromEntries(
    Object.entries(LEDGER_RULES).map(([rule, description]) => [rule, { description }]),
  ) as Record<LedgerRule, { description: string }>,
});

const LedgerDifferenceType = builder.objectRef<LedgerDifference>('LedgerDifference').implement({
  description: "One thing that is not as the ledger's rules say.",
  fields: (t) => ({
    rule: t.field({
      type: LedgerRuleType,
      description: 'The rule that is broken.',
      resolve: ({ rule }) => rule,
    }),
    message: t.exposeString('message', { description: 'Says in English what is wrong.' }),
    subjectId: t.id({
      nullable: true,
      description: 'The id of the row that it is about, for `node`; null where there is none.',
      resolve: ({ subject }) => subject && encodeGlobalId(subject.type, subject.id),
    }),
    expected: t.exposeString('expected', {
      nullable: true,
      description: 'What follows from the lines and the rules, where one value says it.',
    }),
    actual: t.exposeString('actual', {
      nullable: true,
      description: 'What is stored instead; null where nothing is.',
    }),
  }),
});

const figures = [
  ['lines', 'How many lines were added up.'],
  ['levels', 'How many levels were compared with them.'],
  ['movements', 'How many movements the lines belong to.'],
  ['seq', 'How far the journal reached at the moment that the audit is of.'],
  ['differenceCount', 'How many differences there are.'],
] as const;

const LedgerAuditType = builder.objectRef<LedgerAudit>('LedgerAudit').implement({
  description: 'What recomputing the whole ledger found. All of it is of one moment.',
  fields: (t) => ({
    clean: t.boolean({
      description: 'Whether there is no difference.',
      resolve: ({ differenceCount }) => differenceCount === 0,
    }),
    ...Object.fromEntries(
      figures.map(([name, description]) => [
        name,
        t.field({ type: 'SafeInt', description, resolve: (audit) => audit[name] }),
      ]),
    ),
    differences: t.field({
      type: [LedgerDifferenceType],
      description: `The first ${MOST_NAMED} differences.`,
      resolve: ({ differences }) => [...differences],
    }),
  }),
});

/** An audit is worth thousands of rows: one is all that a request can ask for. */
const AUDIT = 4000;

builder.queryField('ledgerAudit', (t) =>
  t.field({
    type: LedgerAuditType,
    description:
      'Recomputes the whole ledger from its lines, and lists each difference. Takes seconds on a ' +
      'large one, while the server goes on.',
    ...costs({ adds: AUDIT }),
    resolve: (_root, _arguments, { em, viewer }) => auditLedger(em, viewer.organizationId),
  }),
);
