import { afterEach, describe, expect, test } from '@jest/globals';
import { generateApiKey } from '../src/access/api-key.service.ts';
import { Cancellation, TimedOut } from '../src/database/cancellation.ts';
import { askInSnapshot } from '../src/database/snapshot.ts';
import { Statement } from '../src/database/statement.ts';
import { createDatabase, DATABASES, onPostgres, openDatabase } from './support/databases.ts';
import { createItem, createLocation, levels, stockDocument } from './support/factories.ts';
import { holdRows, holdWriters } from './support/holding.ts';
import { verdictOf } from './support/hostile.ts';
import { type HttpAnswer, type HttpServer, startHttp, stopAll } from './support/http.ts';
import { projectMigrations, testMigration } from './support/migrations.ts';
import { startServing } from './support/serving.ts';
import { until } from './support/until.ts';

const TAGS = '{ tags { totalCount } }';
const LATE = [503, 'TIMEOUT'];
/** Sooner, in milliseconds, than any other limit would have ended it. */
const SOON_MS = 2500;
/** Goes past what answers plain requests. */
const BY_YOGA = { 'x-trace': 'none' };

/** Keeps every reader of the tags waiting, as a statement does that takes long. */
const holdTags = (http: HttpServer) =>
  holdRows(http.server, 'lock table tags in access exclusive mode');

/** Asks until it is answered in time: on a busy machine it may take too long again. */
async function untilAnswered(ask: () => Promise<HttpAnswer>): Promise<HttpAnswer> {
  let answer = await ask();
  await until('it is answered in time', async () => {
    if (answer.status !== 200) answer = await ask();
    return answer.status === 200;
  });
  return answer;
}

/** The connections that wait for a lock on a database. */
const waiting = async ({ server }: HttpServer): Promise<unknown[]> =>
  (
    await onPostgres(
      server.url,
      `select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    )
  ).map(({ pid }) => pid);

const begun = (http: HttpServer): Promise<void> =>
  until('a statement waits', async () => (await waiting(http)).length > 0);

async function timed<T>(work: () => Promise<T>): Promise<{ answer: T; ms: number }> {
  const started = performance.now();
  const answer = await work();
  return { answer, ms: performance.now() - started };
}

describe('a statement of PostgreSQL that takes too long', () => {
  afterEach(stopAll);

  test('is TIMEOUT, and its connection is good for the next', async () => {
    const timeLimits = { connection: 2000, statement: 300, lock: 5000, idle: 5000 };
    const http = await startHttp('postgresql', { timeLimits, poolSize: 1 });
    const session = async () => (await http.execute('select pg_backend_pid() as pid'))[0];
    const before = await session();
    const letGo = await holdTags(http);

    const plain = await timed(() => http.post(TAGS));
    const general = await timed(() => http.post(TAGS, {}, BY_YOGA));
    const mutation = await http.post('mutation { tagCreate(input: { name: "x" }) { __typename } }');
    await letGo();

    for (const { answer, ms } of [plain, general]) {
      expect(verdictOf(answer)).toEqual(LATE);
      expect(answer.headers.get('retry-after')).toBe('1');
      expect(ms).toBeGreaterThan(250);
      expect(ms).toBeLessThan(SOON_MS);
    }
    expect(verdictOf(mutation)).toEqual(LATE);
    expect((await http.post(TAGS)).body.data).toEqual({ tags: { totalCount: 0 } });
    expect(await session()).toEqual(before);
    expect(http.logged().filter(({ level }) => level === 50)).toEqual([]);
  });

  test('is one of 5 s for `serve`, and none for a command', async () => {
    const key = generateApiKey();
    const database = await createDatabase('postgresql');
    const { process, client } = await startServing(database.url, key);
    const orm = await openDatabase(database.address);
    await client.run('mutation { tagCreate(input: { name: "x" }) { __typename } }');
    await onPostgres(
      database.url,
      `alter table tags rename to quick;
        create view tags as select quick.* from quick, (select pg_sleep(20)) slow`,
    );

    const { answer, ms } = await timed(() => client.ask(TAGS));
    const [limits] = await orm.em
      .getConnection()
      .execute<object[]>(
        `select current_setting('statement_timeout') as statement, current_setting('lock_timeout') as lock`,
      );

    expect([answer.status, answer.errors[0]?.extensions.code]).toEqual(LATE);
    expect(ms).toBeGreaterThan(4000);
    expect(ms).toBeLessThan(6000);
    expect(limits).toEqual({ statement: '0', lock: '0' });
    expect(await process.stop()).toMatchObject({ code: 0 });
    await orm.close();
    await database.drop();
  });

  test('is none where it belongs to a migration', async () => {
    const { address, drop } = await createDatabase('postgresql');
    const slow = testMigration('Migration29990101000000', ['select pg_sleep(1.5)']);
    const orm = await openDatabase(address, {
      settings: { timeLimits: { connection: 2000, statement: 1000, lock: 1000, idle: 5000 } },
      migrations: [...(await projectMigrations('postgresql')), slow],
    });

    await expect(orm.em.getConnection().execute('select pg_sleep(1.5)')).rejects.toThrow(/timeout/);
    await orm.migrator.up();

    expect(await orm.migrator.getPending()).toEqual([]);
    await orm.close();
    await drop();
  });
});

describe('a request on PostgreSQL', () => {
  afterEach(stopAll);

  test.each([
    ['a plain one', {}],
    ['another', BY_YOGA],
  ])(
    'that takes too long is TIMEOUT, and its statement is cancelled: %s',
    async (_what, headers) => {
      const http = await startHttp('postgresql', {}, 'info', { requestMs: 300 });
      const letGo = await holdTags(http);

      const { answer, ms } = await timed(() => http.post(TAGS, {}, headers));
      const cancelled = await timed(() =>
        until('it is cancelled', async () => (await waiting(http)).length === 0),
      );
      await letGo();

      expect(verdictOf(answer)).toEqual(LATE);
      expect(answer.headers.get('retry-after')).toBe('1');
      expect(ms).toBeGreaterThan(250);
      expect(ms).toBeLessThan(SOON_MS);
      expect(cancelled.ms).toBeLessThan(1000);
      const next = await untilAnswered(() => http.post(TAGS));
      expect(next.body.data).toEqual({ tags: { totalCount: 0 } });
    },
  );

  test.each([
    ['a plain one', {}],
    ['another', BY_YOGA],
  ])('whose client goes away is cancelled within a second: %s', async (_what, headers) => {
    const http = await startHttp('postgresql', { poolSize: 1 });
    const letGo = await holdTags(http);
    const client = new AbortController();
    const asked = http.send('/graphql', {
      method: 'POST',
      headers: {
        authorization: `Bearer ${http.server.key}`,
        'content-type': 'application/json',
        ...headers,
      },
      body: JSON.stringify({ query: TAGS }),
      signal: client.signal,
    });
    await begun(http);

    client.abort();
    await expect(asked).rejects.toThrow();
    const { ms } = await timed(() =>
      until('it is cancelled', async () => (await waiting(http)).length === 0),
    );

    expect(ms).toBeLessThan(1000);
    // The only connection is free, though the tags are still held.
    expect((await http.post('{ items { totalCount } }')).status).toBe(200);
    await letGo();
    expect(http.logged().filter(({ level }) => Number(level) > 30)).toEqual([]);
  });
});

describe.each(DATABASES)('a mutation that takes too long on %s', (database) => {
  afterEach(stopAll);

  test('is TIMEOUT while another writer is in the way; sent again, it is done once', async () => {
    const http = await startHttp(database, {}, 'info', { requestMs: 300 });
    await createItem(http.server, 'BOLT');
    await createLocation(http.server, 'A');
    const lines = [{ item: { sku: 'BOLT' }, quantity: '1' }];
    const input = { idempotencyKey: crypto.randomUUID(), to: { code: 'A' }, lines };
    const receive = () => http.post(stockDocument('stockReceive'), { input });
    const letGo = await holdWriters(http.server);

    const { answer, ms } = await timed(receive);
    await letGo();
    const again = await untilAnswered(receive);

    expect(verdictOf(answer)).toEqual(LATE);
    expect(ms).toBeLessThan(SOON_MS);
    expect(again.body.data.stockReceive.__typename).toBe('StockReceiveSuccess');
    expect(await levels(http.server, 'BOLT')).toMatchObject({ A: '1' });
  });
});

describe('questions of one moment on SQLite', () => {
  test('end with their request, though the thread may have to end its statement', async () => {
    const { address, drop } = await createDatabase('sqlite');
    const orm = await openDatabase(address);
    const long = new Statement<{ n: number }>(
      () => `with recursive c(n) as (select $1 union all select n + 1 from c limit 300000)
        select count(*) as n from c`,
    );
    const cancellation = new Cancellation();
    const em = orm.em.fork({ loggerContext: { cancellation } });

    const question = { connection: 2000, statement: long, values: [1] };
    let answers = 0;
    const ask = () =>
      askInSnapshot(em, [question, question, question], () => {
        answers += 1;
        cancellation.cancel(new TimedOut('enough'));
      });

    await expect(ask()).rejects.toThrow('enough');
    await expect(ask()).rejects.toThrow('enough');
    expect(answers).toBe(1);
    await orm.close();
    await drop();
  });
});
