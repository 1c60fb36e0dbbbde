import type { EntityManager } from '../database/entity-manager.ts';
import { type Guard, MISSING_GUARDS, requiredGuards } from '../database/guards.ts';
import { askInSnapshot, type Question } from '../database/snapshot.ts';
import { Statement } from '../database/statement.ts';
import type { LedgerAudit, LedgerDifference } from './audit.ts';
import { type Finding, MOST_NAMED } from './audit-check.ts';
import { HOLD_CHECKS } from './audit-holds.ts';
import { JOURNAL_CHECKS } from './audit-journal.ts';
import { KIND_CHECKS } from './audit-kinds.ts';
import { LEVEL_CHECKS } from './audit-levels.ts';
import { LINE_CHECKS } from './audit-lines.ts';

/** Lines come last: one wrong line makes all balances behind it wrong, and would crowd out the rest. */
const CHECKS = [...JOURNAL_CHECKS, ...KIND_CHECKS, ...HOLD_CHECKS, ...LEVEL_CHECKS, ...LINE_CHECKS];

/** How many statements an audit of one organization takes, however large its ledger is. */
export const AUDIT_STATEMENTS = CHECKS.length + 2;

type Figures = Pick<LedgerAudit, 'lines' | 'levels' | 'movements' | 'seq'>;

const FIGURES = new Statement<Figures>(() => {
  const count = (table: string) => `(select count(*) from ${table} where organization_id = $1)`;
  return `select ${count('movement_lines')} as "lines", ${count('stock_levels')} as "levels",
    ${count('movements')} as "movements", coalesce((select max(seq) from journal_heads
      where organization_id = $1), 0) as "seq"`;
});

type Answer = Figures | Finding | Guard;

/**
 * Recomputes an organization's ledger from its lines, and compares it with everything that it says of
 * itself, all as of one moment. The server goes on meanwhile, and so do its writers.
 * @param onStatement is told after each of the `AUDIT_STATEMENTS`.
 */
export function auditLedger(
  em: EntityManager,
  organizationId: number,
  onStatement?: () => void,
): Promise<LedgerAudit> {
  const guards = { statement: MISSING_GUARDS, values: [requiredGuards(em)] };
  const statements: Statement<Answer>[] = [FIGURES, ...CHECKS.map(({ statement }) => statement)];
  const questions: Question<Answer>[] = [
    guards,
    ...statements.map((statement) => ({ statement, values: [organizationId] })),
  ];
  return inTurn(em, async () => {
    const [missing, figures, ...findings] = await askInSnapshot(em, questions, onStatement);
    return report(figures?.[0] as Figures, missing as Guard[], findings as Finding[][]);
  });
}

function report(
  figures: Figures,
  missing: readonly Guard[],
  findings: readonly Finding[][],
): LedgerAudit {
  const differences = CHECKS.flatMap(({ describe }, index) =>
    (findings[index] ?? []).map(describe),
  );
  const found = findings.reduce((sum, [first]) => sum + (first?.total ?? 0), 0);
  return {
    ...figures,
    differenceCount: missing.length + found,
    differences: [...missing.map(unguarded), ...differences].slice(0, MOST_NAMED),
  };
}

function unguarded({ table, trigger }: Guard): LedgerDifference {
  const message = `The table ${table} has no working trigger ${trigger}`;
  return { rule: 'TRIGGER_MISSING', message, subject: null, expected: trigger, actual: null };
}

const audits = new WeakMap<object, Promise<unknown>>();

/** Each audit reads a whole ledger: a process runs one at a time on a database, the others wait. */
function inTurn<T>(em: EntityManager, audit: () => Promise<T>): Promise<T> {
  const { config } = em;
  const result = (audits.get(config) ?? Promise.resolve()).then(audit);
  const settled = result.catch(() => undefined);
  audits.set(config, settled);
  return result;
}
