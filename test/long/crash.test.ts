import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { generateApiKey } from '../../src/access/api-key.service.ts';
import {
  createDatabase,
  DATABASES,
  onPostgres,
  openDatabase,
  type TestDatabase,
} from '../support/databases.ts';
import { stockDocument } from '../support/factories.ts';
import { audit, CLEAN, randomNumbers, tally } from '../support/load.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { quartermaster } from '../support/process.ts';
import { type Serving, startServe, startServing } from '../support/serving.ts';
import { until } from '../support/until.ts';
import { Writers } from '../support/writers.ts';

const KILLS = 20;
/** The longest, in milliseconds, that a server may take from its start, or from its database's. */
const READY_MS = 5000;

/** Another one to try: `CRASH_SEED=7 npm run test:long -- test/long/crash.test.ts`. */
const seed = Number(process.env['CRASH_SEED'] ?? Date.now() % 1_000_000);
console.log(`CRASH_SEED=${seed}`);

/** The moment of the next fault, in milliseconds from now. */
const anyMoment = (random: () => number): Promise<void> => pause(20 + random() * 600);

const longest = (times: readonly number[]): string => `${Math.round(Math.max(...times))} ms`;

/** Holds the ledger to the writers' books, and has everything done that was left open. */
async function settle(writers: Writers, serving: Serving): Promise<number> {
  expect(await writers.differences(serving.client)).toEqual([]);
  const { there, wrong } = await writers.resend(serving.client);
  expect(wrong).toEqual([]);
  expect(await writers.differences(serving.client)).toEqual([]);
  expect(await audit(serving.client)).toEqual(CLEAN);
  return there;
}

/** Compares the levels, ends the server as it should end, and verifies what it leaves. */
async function expectSound(writers: Writers, serving: Serving, url: string): Promise<void> {
  expect(await writers.levelsThere(serving.client)).toEqual(writers.levels);
  expect(await serving.process.stop('SIGTERM')).toMatchObject({ code: 0, signal: null });
  const { code, stdout } = await quartermaster(['verify'], { DATABASE_URL: url });
  expect(stdout).toMatch(/^Clean: /m);
  expect(code).toBe(0);
}

describe.each(DATABASES)('a server that is killed on %s', (name) => {
  let database: TestDatabase;
  const key = generateApiKey();

  beforeEach(async () => {
    database = await createDatabase(name);
  });

  afterEach(() => database.drop());

  test(`${KILLS} times: what it acknowledged is there once, and all else can be sent again`, async () => {
    const random = randomNumbers(seed);
    const writers = new Writers(random);
    let serving = await startServing(database.url, key);
    await writers.prepare(serving.client);
    const readyMs: number[] = [];
    let unheard = 0;
    for (let kill = 1; kill <= KILLS; kill += 1) {
      writers.start(serving.client);
      await anyMoment(random);
      await serving.process.stop('SIGKILL');
      await writers.stop();
      // Some die again before they are up.
      if (kill % 4 === 0) await killWhileStarting(random);
      await expectNobodyLeft();
      serving = await startServing(database.url, key);
      readyMs.push(serving.readyMs);
      unheard += await settle(writers, serving);
    }

    const ready = `ready again after ${longest(readyMs)} at most`;
    const heard = `${unheard} done without an answer`;
    console.log(`${name}: ${KILLS} kills, ${ready}; ${writers.figures}; ${heard}`);
    expect(Math.max(...readyMs)).toBeLessThan(READY_MS);
    await expectSound(writers, serving, database.url);
    if (name === 'sqlite') expect(await integrity(database)).toEqual([{ integrity_check: 'ok' }]);
  });

  async function killWhileStarting(random: () => number): Promise<void> {
    const starting = startServe(database.url, key);
    await anyMoment(random);
    await starting.stop('SIGKILL');
  }

  /** A session of PostgreSQL may outlive its client for a moment, and commit what it was told last. */
  async function expectNobodyLeft(): Promise<void> {
    if (name === 'sqlite') return;
    const sql = `select pid from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`;
    await until(
      'no session is left',
      async () => (await onPostgres(database.url, sql)).length === 0,
    );
  }
});

async function integrity({ address }: TestDatabase): Promise<unknown> {
  const orm = await openDatabase(address);
  try {
    return await orm.em.getConnection().execute('pragma integrity_check');
  } finally {
    await orm.close();
  }
}

describe('a server whose PostgreSQL fails', () => {
  let postgres: PostgresServer;
  const key = generateApiKey();
  let url: string;
  let serving: Serving;
  let writers: Writers;
  const random = randomNumbers(seed);

  // One of its own: the others share theirs, and it is about to be crashed.
  beforeAll(async () => {
    postgres = await startPostgres({ durable: true });
  });

  afterAll(() => postgres.stop());

  beforeEach(async () => {
    const name = `quartermaster_${crypto.randomUUID().replaceAll('-', '')}`;
    await onPostgres(postgres.url('postgres'), `create database ${name}`);
    url = postgres.url(name);
    serving = await startServing(url, key, { args: ['--migrate'] });
    writers = new Writers(random);
    await writers.prepare(serving.client);
  });

  /** Every failure was told as one that passes; the server lives, and nothing escaped it. */
  async function expectCleanFailures(): Promise<void> {
    const told = writers.failures.map(({ message, code }) => `${code}: ${message}`);
    expect(Object.keys(tally(told))).toEqual([
      expect.stringMatching(/^UNAVAILABLE: The database cannot/),
    ]);
    expect(await serving.status('/healthz')).toBe(200);
    expect(serving.process.stderr).not.toMatch(/unhandled|uncaught|"level":(50|60)/i);
  }

  /** How long it takes, in milliseconds, until a writer is served again. */
  async function servedAgain(): Promise<number> {
    const from = performance.now();
    await until('a writer is served again', () => writers.lastAnswerAt > from);
    return writers.lastAnswerAt - from;
  }

  test('its sessions ended again and again: each request is done once, or UNAVAILABLE', async () => {
    const faults = 15;
    const againMs: number[] = [];
    writers.start(serving.client);
    for (let fault = 0; fault < faults; fault += 1) {
      await anyMoment(random);
      await onPostgres(
        url,
        `select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid()`,
      );
      againMs.push(await servedAgain());
    }
    await writers.stop();

    await expectCleanFailures();
    const unheard = await settle(writers, serving);
    const again = `served again after ${longest(againMs)} at most`;
    const heard = `${unheard} done without an answer`;
    console.log(`${faults} times without sessions, ${again}; ${writers.figures}; ${heard}`);
    expect(Math.max(...againMs)).toBeLessThan(READY_MS);
    await expectSound(writers, serving, url);
  });

  test('crashed and started again: it says that it is not ready, and is when it can be', async () => {
    const crashes = 4;
    const againMs: number[] = [];
    writers.start(serving.client);
    for (let crash = 0; crash < crashes; crash += 1) {
      await anyMoment(random);
      await postgres.crash();
      const failures = writers.failures.length;
      await until('writers are told', () => writers.failures.length > failures + 20);
      expect(await serving.status('/readyz')).toBe(503);
      expect(await serving.status('/healthz')).toBe(200);
      await postgres.start();
      againMs.push(await servedAgain());
      expect(await serving.status('/readyz')).toBe(200);
    }
    await writers.stop();

    await expectCleanFailures();
    const unheard = await settle(writers, serving);
    const again = `served again after ${longest(againMs)} at most`;
    const heard = `${unheard} done without an answer`;
    console.log(`${crashes} crashes of PostgreSQL, ${again}; ${writers.figures}; ${heard}`);
    expect(Math.max(...againMs)).toBeLessThan(READY_MS);
    await expectSound(writers, serving, url);
  });

  test('a commit whose answer is lost is not said to be nothing, and is there when sent again', async () => {
    const standby = async (change: string) => {
      await onPostgres(url, `alter system ${change}`);
      await onPostgres(url, 'select pg_reload_conf()');
    };
    const sessions = (what: string) =>
      onPostgres(url, `select ${what} from pg_stat_activity where wait_event = 'SyncRep'`);
    const input = { idempotencyKey: 'lost', to: { code: 'LEFT' }, lines: [WHEELS] };
    const send = () => serving.client.ask(stockDocument('stockReceive'), { input });

    // Each commit waits, when it is done already, for another server that is not there.
    await standby(`set synchronous_standby_names = 'nobody'`);
    const asked = send();
    await until('the commit waits', async () => (await sessions('pid')).length > 0);
    await sessions('pg_terminate_backend(pid)');
    const lost = await asked;
    await standby('reset synchronous_standby_names');
    const again = await send();

    expect(lost.errors).toMatchObject([{ extensions: { code: 'UNAVAILABLE' } }]);
    expect(lost.errors[0]?.message).not.toMatch(/nothing was done/i);
    expect(again.data.stockReceive).toMatchObject({ replayed: true });
  });
});

const WHEELS = { item: { sku: 'WHEEL' }, quantity: '1' };
