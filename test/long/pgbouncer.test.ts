import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { generateApiKey } from '../../src/access/api-key.service.ts';
import { createDatabase, onPostgres, type TestDatabase } from '../support/databases.ts';
import { createTag } from '../support/factories.ts';
import {
  expectCleanEnds,
  expectNothingLost,
  startFleet,
  transferThroughKill,
} from '../support/fleet.ts';
import { holdRows } from '../support/holding.ts';
import { type Pgbouncer, pgbouncerVersion, startPgbouncer } from '../support/pgbouncer.ts';
import { quartermaster } from '../support/process.ts';
import type { Client } from '../support/server.ts';
import { startServing } from '../support/serving.ts';
import { until } from '../support/until.ts';

const version = pgbouncerVersion();
if (!version) console.log('Skipped: there is no pgbouncer here (apt-get install pgbouncer).');

/** From 1.21 on it keeps prepared statements apart by itself. */
const preparesStatements = version !== null && version[1] >= 21;
const UNPREPARED = { PREPARED_STATEMENTS: '0' };

/** What docs/operations.md has set for the role, where no option may be sent. */
const ROLE = ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout'];

(version ? describe : describe.skip)('through pgbouncer in transaction mode', () => {
  const key = generateApiKey();
  let database: TestDatabase;
  let pgbouncer: Pgbouncer;

  beforeEach(async () => {
    database = await createDatabase('postgresql');
  });

  afterEach(async () => {
    await pgbouncer.stop();
    await database.drop();
  });

  /** Starts one, and gives the address of the test's database through it. */
  async function pooled(settings: Record<string, string | number> = {}): Promise<string> {
    pgbouncer = await startPgbouncer(database.url, settings);
    return pgbouncer.url(new URL(database.url).pathname.slice(1));
  }

  const modes: [string, Record<string, string | number>, Record<string, string>][] = [
    ['without prepared statements', {}, UNPREPARED],
    ...(preparesStatements
      ? ([
          [
            'with prepared statements',
            { max_prepared_statements: 1200, ignore_startup_parameters: 'options' },
            {},
          ],
        ] satisfies typeof modes)
      : []),
  ];

  test.each(modes)(
    '%s, three processes, one killed: nothing is lost',
    async (_how, has, settings) => {
      const url = await pooled(has);
      const fleet = await startFleet(url, key, settings);
      const clients = fleet.map(({ client }) => client);

      const told = await transferThroughKill(
        300,
        fleet,
        (number, tries) => clients[(number + tries) % clients.length] as Client,
      );

      await expectNothingLost(database.url, clients[0] as Client, told);
      await expectCleanEnds(fleet.slice(0, -1));
      const verified = await quartermaster(['verify'], { DATABASE_URL: url, ...settings });
      expect(verified).toMatchObject({ code: 0 });
    },
  );

  test('migrations and the sample go through it', async () => {
    await database.drop();
    database = await createDatabase('postgresql', { migrated: false });
    const settings = { DATABASE_URL: await pooled(), ...UNPREPARED };

    const made = await quartermaster(['demo', '--migrate'], settings);
    const verified = await quartermaster(['verify'], settings);

    expect([made.code, verified.code]).toEqual([0, 0]);
  });

  test('it is told what to set when it takes no options', async () => {
    const { code, stderr } = await quartermaster(['verify'], { DATABASE_URL: await pooled() });

    expect(code).toBe(1);
    expect(stderr).toMatch(/unsupported startup parameter.* options.*ignore_startup_parameters/);
    expect(stderr).toContain('PREPARED_STATEMENTS=0');
  });

  test('the time limits of the role end a statement, and so does its client that goes away', async () => {
    const { username } = new URL(database.url);
    const name = new URL(database.url).pathname.slice(1);
    const limits = ROLE.map(
      (each) => `alter role ${username} in database ${name} set ${each} = '2s'`,
    );
    const serving = await startServing(await pooled(), key, { settings: UNPREPARED });
    await createTag(serving.client, 'red');
    await onPostgres(
      database.url,
      `alter table tags rename to quick;
        create view tags as select quick.* from quick, (select pg_sleep(20)) slow`,
    );
    const slow = '{ tags { nodes { name } } }';
    const running = async () =>
      (
        await onPostgres(
          database.url,
          `select 1 from pg_stat_activity where datname = current_database()
            and state = 'active' and pid <> pg_backend_pid()`,
        )
      ).length;
    const gone = new AbortController();
    const asked = fetch(serving.address, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query: slow }),
      signal: gone.signal,
    }).catch(() => 'gone');
    await until('it runs', async () => (await running()) === 1);
    const left = performance.now();
    gone.abort();
    await asked;
    await until('it is cancelled', async () => (await running()) === 0);
    expect(performance.now() - left).toBeLessThan(5000);

    for (const sql of limits) await onPostgres(database.url, sql);
    await pgbouncer.stop();
    await serving.process.stop();
    const again = await startServing(await pooled(), key, { settings: UNPREPARED });
    const late = await again.client.ask(slow);
    expect(late.errors).toMatchObject([{ extensions: { code: 'TIMEOUT' } }]);
    await again.process.stop();
  });

  test('a connection that it does not give in time, and its end, are UNAVAILABLE until it is back', async () => {
    const url = await pooled({ default_pool_size: 1, query_wait_timeout: 1 });
    const serving = await startServing(url, key, { settings: UNPREPARED });
    const make = async (name: string) => {
      const { errors, data } = await serving.client.ask(
        'mutation ($name: String!) { tagCreate(input: { name: $name }) { __typename } }',
        { name },
      );
      return errors[0]?.extensions.code ?? data.tagCreate.__typename;
    };
    const release = await holdRows({ url }, 'select 1');

    expect(await make('held')).toBe('UNAVAILABLE');
    await release();
    expect(await make('free')).toBe('TagCreateSuccess');
    await pgbouncer.stop();
    expect(await make('gone')).toBe('UNAVAILABLE');

    expect(await serving.status('/readyz')).toBe(503);
    expect(await serving.status('/healthz')).toBe(200);
    await expectCleanEnds([serving]);
  });
});
