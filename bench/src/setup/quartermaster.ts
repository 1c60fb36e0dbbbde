import { POOL_SIZE } from '../servers/listen.ts';
import { runProgram, startServer } from './process.ts';

/** The owner's key in every database of the benchmark; nothing but loopback ever sees it. */
export const API_KEY = `qm_${'Bench'.repeat(10)}`;

/** The program, with the options that its first line and `npm start` give to Node. */
const PROGRAM = ['--max-semi-space-size=16', 'bin/quartermaster.js'];
/** How long, in milliseconds, an audit or an import may take. */
const LONG_MS = 30 * 60_000;

const settings = (databaseUrl: string) => ({
  DATABASE_URL: databaseUrl,
  HOST: '127.0.0.1',
  PORT: '0',
  LOG_LEVEL: 'warn',
  POOL_SIZE: String(POOL_SIZE),
  QUARTERMASTER_API_KEY: API_KEY,
});

/** Starts the product on a database. */
export function serve(databaseUrl: string) {
  return startServer([...PROGRAM, 'serve'], settings(databaseUrl));
}

/** Migrates an empty database, and lets the product's first start found the organization. */
export async function found(databaseUrl: string): Promise<void> {
  const server = await startServer([...PROGRAM, 'serve', '--migrate'], settings(databaseUrl));
  await server.stop();
}

/**
 * Audits every ledger of a database.
 * @throws Error with the differences if there are any.
 */
export async function verify(databaseUrl: string): Promise<string> {
  const report = await runProgram([...PROGRAM, 'verify'], settings(databaseUrl), LONG_MS);
  return report.trim();
}

/** Imports a file of sales, and returns the command's report. */
export function importSales(databaseUrl: string, file: string): Promise<string> {
  const args = [...PROGRAM, 'import', '--preset', 'online-retail', '--migrate', file];
  return runProgram(args, settings(databaseUrl), LONG_MS);
}
