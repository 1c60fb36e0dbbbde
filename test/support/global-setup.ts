import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeTemplates } from './databases.ts';
import { type PostgresServer, startPostgres } from './postgres.ts';

/** What has to be stopped and removed after the tests. */
export interface TestResources {
  readonly directory: string;
  readonly postgres: PostgresServer | null;
}

/** Starts a PostgreSQL unless `TEST_DATABASE_URL` names one, and migrates a template of each database. */
export default async function globalSetup(): Promise<void> {
  const given = process.env['TEST_DATABASE_URL'];
  const postgres = given ? null : await startPostgres();
  const directory = await mkdtemp(join(tmpdir(), 'quartermaster-tests-'));
  const resources: TestResources = { directory, postgres };
  Object.assign(globalThis, { testResources: resources });
  process.env['TEST_POSTGRES'] = given ?? postgres?.url('postgres');
  process.env['TEST_DIRECTORY'] = directory;
  await makeTemplates();
}
