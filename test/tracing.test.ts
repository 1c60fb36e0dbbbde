import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import { generateApiKey } from '../src/access/api-key.service.ts';
import { type CollectedSpan, type Collector, startCollector } from './support/collector.ts';
import { createDatabase, DATABASES, type DatabaseName } from './support/databases.ts';
import { type HttpServer, startHttp, stopAll } from './support/http.ts';
import { addressOf, startQuartermaster } from './support/process.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const SAMPLED = { traceparent: `00-${TRACE}-${PARENT}-01` };
const NOT_SAMPLED = { traceparent: `00-${TRACE}-${PARENT}-00` };

const WAYS: [way: string, headers: Record<string, string>][] = [
  ['a plain request', {}],
  ['a request through the app', { 'x-trace': 'sql' }],
];

const STOCK = 'query Stock($sku: String!) { item(by: { sku: $sku }) { sku } }';
const TAG = 'mutation Tag($name: String!) { tagCreate(input: { name: $name }) { __typename } }';

const start = (name: DatabaseName, url: string, sampler = 'parentbased_always_on' as const) =>
  startHttp(name, {}, 'info', { watch: { tracing: { url, sampler, ratio: 1 } } });

/** What a span is, and what is below it, without its times. */
interface Tree {
  readonly name: string;
  readonly kind: number;
  readonly status: number;
  readonly attributes: object;
  readonly below: readonly Tree[];
}

function treeOf(spans: readonly CollectedSpan[], parent: string | undefined): Tree[] {
  return spans
    .filter(({ parentSpanId }) => parentSpanId === parent)
    .sort((one, other) => (one.startTimeUnixNano < other.startTimeUnixNano ? -1 : 1))
    .map(({ name, kind, status, attributes, spanId }) => ({
      ...{ name, kind, status: status.code, attributes, below: treeOf(spans, spanId) },
    }));
}

/** What was told of a statement of the database. */
const statement = (system: string, name: string, rows: number, { status = 0, batch = 0 } = {}) => ({
  ...{ name, kind: 3, status, below: [] },
  attributes: {
    'db.system.name': system,
    'db.query.text': expect.stringMatching(new RegExp(`^${name} `)),
    'db.response.returned_rows': rows,
    ...(batch > 0 && { 'quartermaster.batch': batch }),
  },
});

const [SERVER, OK, FAILED] = [2, 0, 2];

describe.each(DATABASES)('traces on %s', (name) => {
  let collector: Collector;

  afterEach(async () => {
    await stopAll();
    collector.close();
  });

  /** Has a server tell all that it has to tell, and gives it. */
  async function told(http: HttpServer): Promise<CollectedSpan[]> {
    await http.watching.stop();
    return collector.spans();
  }

  test.each(WAYS)(
    '%s: one span for it, and below it one for each statement',
    async (_way, headers) => {
      collector = await startCollector();
      const http = await start(name, collector.url);
      const sent = { ...headers, ...SAMPLED, 'x-request-id': 'r1' };

      await http.post(STOCK, { sku: 'SECRET-1' }, sent);
      await http.post(TAG, { name: 'SECRET-2' }, sent);
      await http.post('{ nothing(a: "SECRET-3") }', {}, sent);
      await http.post('{ __typename }', {}, { ...headers, ...NOT_SAMPLED });
      await http.send('/healthz', { headers: SAMPLED });
      const spans = await told(http);

      expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([TRACE]));
      const common = { 'http.request.method': 'POST', 'quartermaster.request_id': 'r1' };
      const asked = (type: string, operation: string, statements: number, cost: number) => ({
        ...common,
        ...{ 'http.response.status_code': 200, 'graphql.operation.type': type },
        ...{ 'graphql.operation.name': operation, 'quartermaster.statements': statements },
        'quartermaster.cost': cost,
      });
      const below = [
        statement(name, 'insert', 1),
        statement(name, 'update', 1),
        statement(name, 'insert', 0),
      ];
      expect(treeOf(spans, PARENT)).toEqual([
        {
          ...{ name: 'query Stock', kind: SERVER, status: OK },
          attributes: asked('query', 'Stock', 1, 1),
          below: [statement(name, 'select', 0, { batch: 1 })],
        },
        {
          ...{ name: 'mutation Tag', kind: SERVER, status: OK },
          ...{ attributes: asked('mutation', 'Tag', 3, 11), below },
        },
        {
          ...{ name: 'POST', kind: SERVER, status: OK, below: [] },
          attributes: {
            ...{ ...common, 'error.type': 'BAD_REQUEST' },
            'http.response.status_code': expect.any(Number),
          },
        },
      ]);
      const text = collector.texts.join();
      for (const secret of ['SECRET-', http.server.key.slice(3)])
        expect(text).not.toContain(secret);
    },
  );

  test.each(WAYS)('%s: what fails is told as failed', async (_way, headers) => {
    collector = await startCollector();
    const http = await start(name, collector.url);
    await http.execute('alter table tags rename to gone');

    const { body } = await http.post('query Tags { tags { nodes { name } } }', {}, headers);
    const [tree] = treeOf(await told(http), undefined);

    expect(body.errors[0].extensions.code).toBe('INTERNAL');
    expect(tree).toMatchObject({ name: 'query Tags', status: FAILED });
    expect(tree?.attributes).toMatchObject({ 'error.type': 'INTERNAL' });
    expect(tree?.below.at(-1)).toEqual(statement(name, 'select', 0, { status: FAILED }));
  });
});

describe('traces', () => {
  const collectors: Collector[] = [];

  afterEach(async () => {
    await stopAll();
    for (const each of collectors.splice(0)) each.close();
  });

  async function collect(options = {}): Promise<Collector> {
    const collector = await startCollector(options);
    collectors.push(collector);
    return collector;
  }

  test('a collector that takes none, or never answers, keeps nobody waiting, and is told of once', async () => {
    const [hangs, closed] = [await collect({ answers: false }), await collect()];
    closed.close();

    const servers = [await start('sqlite', hangs.url), await start('sqlite', closed.url)];
    for (const http of servers) {
      for (let times = 0; times < 3; times += 1) {
        expect((await http.post(STOCK, { sku: 'x' })).status).toBe(200);
      }
    }
    const stopping = performance.now();
    await Promise.all(servers.map(({ watching }) => watching.stop()));

    expect(performance.now() - stopping).toBeLessThan(6000);
    for (const http of servers) {
      const time = expect.any(Number);
      const msg = 'traces are lost: the collector takes none';
      expect(http.logged()).toEqual([{ level: 40, time, reason: expect.any(String), msg }]);
    }
  });

  test('are told as the standard variables say, and before the process ends', async () => {
    const collector = await collect();
    const database = await createDatabase('sqlite');
    const key = generateApiKey();
    const token = `secret-${randomUUID()}`;
    const server = startQuartermaster(['serve'], {
      ...{ DATABASE_URL: database.url, PORT: '0', QUARTERMASTER_API_KEY: key, LOG_LEVEL: 'trace' },
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url.replace('/v1/traces', '/'),
      OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer ${token}`,
      ...{
        OTEL_SERVICE_NAME: 'shop',
        OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
      },
      ...{ OTEL_TRACES_SAMPLER: 'parentbased_always_off' },
    });
    const address = await addressOf(server);
    const send = async (headers: Record<string, string>) => {
      const authorization = `Bearer ${key}`;
      const init = { ...headers, authorization, 'content-type': 'application/json' };
      const body = JSON.stringify({ query: '{ __typename }' });
      await (await fetch(address, { method: 'POST', headers: init, body })).text();
    };
    for (const headers of [{}, SAMPLED]) await send(headers);
    const ending = await server.stop();

    expect(ending.code).toBe(0);
    expect(collector.spans().map(({ name, parentSpanId }) => [name, parentSpanId])).toEqual([
      ['query', PARENT],
    ]);
    expect(collector.resource).toMatchObject({
      'service.name': 'shop',
      'deployment.environment.name': 'test',
    });
    expect(collector.headers.map(({ authorization }) => authorization)).toEqual([
      `Bearer ${token}`,
    ]);
    expect(ending.stdout + ending.stderr).not.toContain(token);
  });
});
