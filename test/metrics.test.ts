import { afterEach, describe, expect, test } from '@jest/globals';
import { generateApiKey } from '../src/access/api-key.service.ts';
import { administer, createDatabase, DATABASES, type DatabaseName } from './support/databases.ts';
import { createItem, createLocation, stock } from './support/factories.ts';
import { type HttpServer, startHttp, stopAll } from './support/http.ts';
import { addressOf, quartermaster, startQuartermaster } from './support/process.ts';
import { Scrape } from './support/prometheus.ts';
import { until } from './support/until.ts';

const METRICS = { metrics: { host: '127.0.0.1', port: 0 } };
const APP = { 'x-trace': 'sql' };

const start = (name: DatabaseName, settings = {}, load = {}): Promise<HttpServer> =>
  startHttp(name, settings, 'info', { watch: METRICS, ...load });

async function textOf({ watching }: HttpServer): Promise<string> {
  return (await fetch(watching.metricsUrl ?? '')).text();
}

const scrape = async (http: HttpServer): Promise<Scrape> => new Scrape(await textOf(http));

const DURATIONS = 'quartermaster_http_request_duration_seconds';
const STATEMENTS = 'quartermaster_request_statements';

/** How many requests were counted, once there are as many: the end of one is seen after its answer. */
async function requests(http: HttpServer, count: number): Promise<Record<string, number>> {
  const counts = async () => (await scrape(http)).values(`${DURATIONS}_count`);
  const sum = (values: Record<string, number>) =>
    Object.values(values).reduce((total, value) => total + value, 0);
  await until(`${count} requests are counted`, async () => sum(await counts()) >= count);
  return counts();
}

const STOCK = 'query Stock($sku: String!) { item(by: { sku: $sku }) { sku } tags { totalCount } }';
const TAG = 'mutation Tag($name: String!) { tagCreate(input: { name: $name }) { __typename } }';

describe.each(DATABASES)('metrics on %s', (name) => {
  afterEach(stopAll);

  test('count each request by what it asked for and what came of it, whichever way it was answered', async () => {
    const http = await start(name);
    const strange = { authorization: `Bearer ${generateApiKey()}` };

    for (const headers of [{}, {}, APP]) await http.post(STOCK, { sku: 'SECRET-1' }, headers);
    await http.post('{ tags { totalCount } ofMine: items { totalCount } }');
    await http.post('query { ...All } fragment All on Query { tags { totalCount } }');
    for (const headers of [{}, {}, APP]) await http.post(TAG, { name: 'SECRET-2' }, headers);
    for (const headers of [{}, APP]) {
      await http.post('query Wrong { nothing }', {}, headers);
      await http.post(STOCK, {}, headers);
      await http.post(
        'query Big { items(first: 100) { nodes { tags(first: 100) { nodes { id } } } } }',
        {},
        headers,
      );
      await http.post(STOCK, { sku: 'x' }, { ...headers, ...strange });
    }
    await http.send('/nothing');
    await http.send('/graphql', { method: 'PUT' });
    for (const path of ['/healthz', '/readyz']) await http.send(path);

    expect(await requests(http, 18)).toEqual({
      'Stock query ok': 3,
      '{tags} query ok': 1,
      '(anonymous) query ok': 1,
      'Tag mutation ok': 3,
      'Stock query BAD_REQUEST': 2,
      '(none) none BAD_REQUEST': 3,
      '(none) none QUERY_TOO_COMPLEX': 2,
      '(none) none UNAUTHENTICATED': 3,
    });
    const seen = await scrape(http);
    expect(seen.values(`${STATEMENTS}_count`)).toEqual({
      'Stock query': 5,
      '{tags} query': 1,
      '(anonymous) query': 1,
      'Tag mutation': 3,
    });
    // The second and the third tag have the name of the first, and are refused as data.
    expect(seen.values(`${STATEMENTS}_sum`)).toEqual({
      'Stock query': 9,
      '{tags} query': 4,
      '(anonymous) query': 2,
      'Tag mutation': 3 + 1 + 1,
    });
    const of = (metric: string, wanted: Record<string, string>) =>
      seen.samples.filter(
        (each) =>
          each.name === metric &&
          Object.entries(wanted).every(([label, value]) => each.labels[label] === value),
      );
    const buckets = of(`${STATEMENTS}_bucket`, { operation: 'Stock' });
    expect(buckets.map(({ labels, value }) => [labels['le'], value])).toEqual(
      ['0', '1', '2', '3', '4', '5', '6', '8', '10', '15', '25', '50', '+Inf'].map((le, index) => [
        le,
        index < 3 ? 2 : 5,
      ]),
    );
    const [sum] = of(`${DURATIONS}_sum`, { operation: 'Stock' });
    expect(sum?.value).toBeGreaterThan(0);
    expect(sum?.value).toBeLessThan(30);
    const text = await textOf(http);
    for (const secret of [http.server.key.slice(3), 'SECRET-', strange.authorization.slice(10)]) {
      expect(text).not.toContain(secret);
    }
  });

  test('count what is refused for now, and are told meanwhile', async () => {
    const poor = await start(name, {}, { rateLimit: { capacity: 5000, perSecond: 1 } });
    const dear = 'query Dear { items(first: 100) { nodes { tags(first: 45) { nodes { id } } } } }';
    const full = await start(name, {}, { gate: { running: 0, waiting: 1, waitingMs: 10_000 } });

    await poor.post('{ ledgerAudit { differenceCount } }');
    const refused = [await poor.post(dear), await poor.post(dear, {}, APP)];
    const waiting = new AbortController();
    const body = JSON.stringify({ query: STOCK });
    const headers = { 'content-type': 'application/json' };
    const init = { method: 'POST', body, headers, signal: waiting.signal };
    const first = full.send('/graphql', init).catch(() => 'gone');
    await until('one waits', async () => (await full.post(STOCK)).status === 503);
    const busy = await requests(full, 1);
    waiting.abort();

    expect(refused.map(({ status }) => status)).toEqual([429, 429]);
    expect(await first).toBe('gone');
    expect(busy).toEqual({ '(none) none UNAVAILABLE': 1 });
    expect(await requests(full, 2)).toEqual({
      '(none) none UNAVAILABLE': 1,
      '(none) none gone': 1,
    });
    expect(await requests(poor, 3)).toEqual({
      '{ledgerAudit} query ok': 1,
      'Dear query RATE_LIMITED': 2,
    });
  });

  test('tell how far the journals and the ledger have come, whoever wrote', async () => {
    const http = await start(name);
    const { server } = http;
    const before = await scrape(http);
    await createItem(server, 'A');
    await createLocation(server, 'SHELF');
    for (const quantity of ['1', '2']) await stock(server, 'A', 'SHELF', quantity);
    await server.otherOrganization();

    const [id] = Object.keys(before.values('quartermaster_journal_seq'));
    const { headSeq } = (await server.run('{ journal { headSeq } }')).journal;
    const after = await scrape(http);

    expect(before.values('quartermaster_ledger_newest_line')).toEqual({ '': 0 });
    expect(after.values('quartermaster_ledger_newest_line')).toEqual({ '': 2 });
    expect(after.values('quartermaster_database_up')).toEqual({ '': 1 });
    const seqs = after.values('quartermaster_journal_seq');
    expect(Object.keys(seqs)).toEqual([id, String(Number(id) + 1)]);
    expect(seqs[id ?? '']).toBe(headSeq);
    expect(after.types.get('nodejs_eventloop_lag_p99_seconds')).toBe('gauge');
    expect(after.values('quartermaster_pool_connections_max')).toEqual(
      name === 'sqlite' ? {} : { '': 16 },
    );
  });
});

describe('metrics', () => {
  afterEach(stopAll);

  test('tell apart as many names of operations as they can bear, and as many of one organization', async () => {
    const http = await start('sqlite');
    const keys = [http.server.key];
    for (let more = 0; more < 2; more += 1) keys.push(await http.server.otherOrganization());
    const long = 'L'.repeat(150);

    for (const [number, key] of keys.entries()) {
      const names = Array.from({ length: 104 }, (_, index) => `Op${number}_${index}`);
      for (const each of [long, ...names, names[0]]) {
        const authorization = `Bearer ${key}`;
        await http.post(`query ${each} { __typename }`, {}, { authorization });
      }
    }

    const counts = await requests(http, 3 * 106);
    const shown = (label: string) => counts[`${label} query ok`];
    expect(Object.keys(counts).length).toBe(200 + 1);
    expect([shown('L'.repeat(100)), shown('Op0_0'), shown('Op0_98'), shown('Op0_99')]).toEqual([
      3,
      2,
      1,
      undefined,
    ]);
    // The long one was brought by the first: the second has 100 of its own, and the third none.
    expect([shown('Op1_99'), shown('Op1_100'), shown('Op2_0')]).toEqual([1, undefined, undefined]);
    expect(shown('(other)')).toBe(5 + 4 + 105);
  });

  test('tell the pool, and who waits for it; without a database they tell that there is none', async () => {
    const http = await start('postgresql', { poolSize: 2 });
    const { orm, url } = http.server;
    const pool = (await orm.em.getConnection().getNativeClient()) as {
      connect(): Promise<{ release(): void }>;
    };
    await http.post(STOCK, { sku: 'x' });
    const waits = async () => (await scrape(http)).values('quartermaster_pool_wait_seconds_count');
    const [first] = Object.values(await waits());
    const clients = [await pool.connect(), await pool.connect()];
    const waiting = http.post('{ tags { totalCount } }');
    await until(
      'one waits',
      async () => (await scrape(http)).values('quartermaster_pool_pending')[''] === 1,
    );

    const held = await scrape(http);
    for (const each of clients) each.release();
    expect((await waiting).status).toBe(200);
    const database = new URL(url).pathname.slice(1);
    await administer(`alter database ${database} allow_connections false`);
    await administer(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database}'`,
    );
    const away = await scrape(http);

    expect(held.values('quartermaster_pool_connections_max')).toEqual({ '': 2 });
    expect(held.values('quartermaster_pool_connections')).toEqual({ used: 2, idle: 0 });
    expect(held.values('quartermaster_database_up')).toEqual({ '': 0 });
    expect(first).toBeGreaterThan(2);
    expect(Object.values(await waits())[0]).toBeGreaterThan((first ?? 0) + 3);
    expect(away.values('quartermaster_database_up')).toEqual({ '': 0 });
    for (const metric of ['quartermaster_journal_seq', 'quartermaster_ledger_newest_line']) {
      expect(away.values(metric)).toEqual({});
    }
  });

  test('are served at a port of their own, without a key', async () => {
    const database = await createDatabase('sqlite');
    const settings = { DATABASE_URL: database.url, PORT: '0', METRICS_PORT: '0' };
    const server = startQuartermaster(['serve'], settings);
    const address = await addressOf(server);
    const [, url = ''] = (await server.line(/^Metrics are at (\S+)$/)) ?? [];

    const told = await fetch(url);
    const text = await told.text();
    const refused = [
      await fetch(new URL('/', url)),
      await fetch(url, { method: 'POST', body: 'x' }),
      await fetch(new URL('/metrics', address)),
    ];
    const ports = [{ METRICS_PORT: new URL(url).port }, { PORT: new URL(address).port }];
    const taken = await Promise.all(
      ports.map((port) => quartermaster(['serve'], { ...settings, ...port })),
    );
    const ending = await server.stop();

    expect(told.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(new Scrape(text).values('quartermaster_database_up')).toEqual({ '': 1 });
    expect(refused.map(({ status }) => status)).toEqual([404, 405, 404]);
    expect(taken.map(({ code, stderr }) => [code, stderr])).toEqual(
      ports.flatMap((each) =>
        Object.entries(each).map(([setting, port]) => [
          1,
          `quartermaster: Port ${port} of 127.0.0.1 is taken: set ${setting} to another one.\n`,
        ]),
      ),
    );
    expect(ending).toMatchObject({ code: 0, stderr: '' });
  });
});
