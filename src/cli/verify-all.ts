import { findOrganizations } from '../access/organization.service.ts';
import type { Orm } from '../database/entity-manager.ts';
import { AUDIT_STATEMENTS, auditLedger } from '../stock/audit.service.ts';
import type { LedgerAudit, LedgerDifference } from '../stock/audit.ts';
import { CommandError } from './command-error.ts';
import { count, counted } from './figures.ts';
import { startProgress } from './progress.ts';
import { oneLine } from './table.ts';

/** The exit code of a command that finds a ledger with a difference. */
export const DIFFERENT = 1;

/**
 * Recomputes the ledger of every organization, and prints what it finds.
 * @returns whether there is no difference.
 * @throws CommandError when there is no organization.
 */
export async function verifyAll(orm: Orm): Promise<boolean> {
  const em = orm.em.fork();
  const organizations = await findOrganizations(em);
  if (organizations.length === 0) throw new CommandError('The database has no organization yet.');
  const started = performance.now();
  const progress = startProgress('Verifying', organizations.length * AUDIT_STATEMENTS, 'checks');
  const audits: (LedgerAudit & { readonly name: string })[] = [];
  let done = 0;
  try {
    for (const { id, name } of organizations) {
      const audit = await auditLedger(em, id, () => {
        done += 1;
        progress.update(done);
      });
      audits.push({ name: `${oneLine(name)} (${id})`, ...audit });
    }
  } finally {
    progress.stop();
  }
  for (const audit of audits) console.log(report(audit));
  const different = audits.filter(({ differenceCount }) => differenceCount > 0).length;
  console.log(summary(audits.length, different, (performance.now() - started) / 1000));
  return different === 0;
}

function report({
  name,
  differences,
  differenceCount,
  ...figures
}: LedgerAudit & { name: string }) {
  const { lines, levels, movements, seq } = figures;
  const found = differenceCount === 0 ? 'no difference' : counted(differenceCount, 'difference');
  const more = differenceCount - differences.length;
  return [
    ...differences.map((difference) => `${name}: ${line(difference)}`),
    ...(more > 0 ? [`${name}: and ${count(more)} more`] : []),
    `${name}: ${found} in ${count(lines)} lines, ${count(levels)} levels and ${count(movements)} ` +
      `movements, journal at ${count(seq)}`,
  ].join('\n');
}

function line({ rule, message, expected, actual }: LedgerDifference): string {
  const values = [expected && `expected ${expected}`, actual && `found ${actual}`];
  const facts = values.filter(Boolean).join(', ');
  return oneLine(`${rule} ${message}${facts && ` (${facts})`}`);
}

function summary(organizations: number, different: number, seconds: number): string {
  const all = `${counted(organizations, 'organization')} verified in ${seconds.toFixed(1)} s`;
  return different === 0 ? `Clean: ${all}.` : `Different: ${different} of ${all}.`;
}
