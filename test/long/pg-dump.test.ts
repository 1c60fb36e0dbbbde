import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { generateApiKey } from '../../src/access/api-key.service.ts';
import { inTestDirectory, onPostgres } from '../support/databases.ts';
import { installedPrograms, startInstalled } from '../support/installed-postgres.ts';
import { randomNumbers } from '../support/load.ts';
import { quartermaster, startProcess } from '../support/process.ts';
import { startServing } from '../support/serving.ts';
import { until } from '../support/until.ts';
import { Writers } from '../support/writers.ts';

const programs = await installedPrograms();
if (!programs) {
  console.log(
    'Skipped: there is no PostgreSQL server with its pg_dump (apt-get install postgresql).',
  );
}

/** The commands of a block of docs/operations.md that begins so, with another address and file. */
async function documented(program: string, url: string, file: string): Promise<string> {
  const docs = await readFile(join(import.meta.dirname, '../../docs/operations.md'), 'utf8');
  const line = docs.split('\n').find((each) => each.startsWith(`${program} `));
  if (!line?.includes('"$DATABASE_URL"')) throw new Error(`The docs show no line of ${program}`);
  return line.replace('"$DATABASE_URL"', `'${url}'`).replace('quartermaster.dump', file);
}

(programs ? test : test.skip)(
  'what pg_dump takes while servers write is put back by pg_restore, and verified',
  async () => {
    const server = await startInstalled(programs as string);
    const file = inTestDirectory(`${crypto.randomUUID()}.dump`);
    const key = generateApiKey();
    const run = (line: string) =>
      startProcess('/bin/sh', ['-c', line], { PATH: `${programs}:${process.env['PATH']}` }).ended();
    await onPostgres(server.url('postgres'), 'create database one');
    await onPostgres(server.url('postgres'), 'create database other');
    const serving = await startServing(server.url('one'), key, { args: ['--migrate'] });
    const writers = new Writers(randomNumbers(2));
    await writers.prepare(serving.client);
    writers.start(serving.client);
    await until('there are movements', () => writers.answered > 50);
    const before = writers.acknowledgedSeq;

    const dumped = await run(await documented('pg_dump', server.url('one'), file));
    await writers.stop();
    await serving.process.stop();
    const restored = await run(await documented('pg_restore', server.url('other'), file));
    const verified = await quartermaster(['verify'], { DATABASE_URL: server.url('other') });

    expect([dumped, restored]).toMatchObject([
      { code: 0, stderr: '' },
      { code: 0, stderr: '' },
    ]);
    expect(verified).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Clean: /m) });
    const [journal] = await onPostgres(
      server.url('other'),
      'select count(*)::int as entries, max(seq)::int as last from journal_entries',
    );
    expect(journal?.['entries']).toBe(journal?.['last']);
    expect(journal?.['last']).toBeGreaterThanOrEqual(before);
    // It goes on where it was, and nothing of it may be changed there either.
    const again = await startServing(server.url('other'), key);
    const { journal: told } = await again.client.run('{ journal { headSeq } }');
    expect(told.headSeq).toBe(journal?.['last']);
    await again.process.stop();
    await expect(onPostgres(server.url('other'), 'delete from journal_entries')).rejects.toThrow(
      'append-only',
    );
    await server.stop();
  },
);
