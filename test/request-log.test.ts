import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import { generateApiKey } from '../src/access/api-key.service.ts';
import { administer, createDatabase, DATABASES } from './support/databases.ts';
import { type HttpServer, startHttp, stopAll } from './support/http.ts';
import { addressOf, quartermaster, startQuartermaster } from './support/process.ts';
import { until } from './support/until.ts';

const WAYS: [way: string, headers: Record<string, string>][] = [
  ['a plain request', {}],
  ['a request through the app', { 'x-trace': 'sql' }],
];

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Waits for so many lines of requests, and gives them. */
async function lines(http: HttpServer, count: number): Promise<Record<string, unknown>[]> {
  const found = () => http.logged().filter(({ msg }) => msg === 'request');
  await until(`${count} requests are logged`, () => found().length >= count);
  return found();
}

describe.each(DATABASES)('the log of requests on %s', (name) => {
  afterEach(stopAll);

  test.each(WAYS)(
    '%s: one line says who asked what, and what came of it',
    async (_way, headers) => {
      const http = await startHttp(name, {}, 'info', { logRequests: true });
      const query =
        'query Stock($sku: String!) { item(by: { sku: $sku }) { sku } tags { totalCount } }';

      const good = await http.post(query, { sku: 'x' }, headers);
      await http.post('{ nothing }', {}, headers);
      await http.post(
        '{ __typename }',
        {},
        { ...headers, authorization: `Bearer ${generateApiKey()}` },
      );
      await http.send('/nothing');

      const time = expect.any(Number);
      const key = http.server.key.slice(0, 9);
      const common = {
        level: 30,
        time,
        requestId: expect.stringMatching(UUID),
        ms: time,
        msg: 'request',
      };
      expect(await lines(http, 4)).toEqual([
        {
          ...common,
          status: 200,
          operation: 'Stock',
          key,
          statements: 3,
          cost: 23,
          used: expect.any(Number),
        },
        { ...common, status: expect.any(Number), key },
        { ...common, status: 401 },
        { ...common, status: 404 },
      ]);
      expect(good.headers.get('x-request-id')).toBe((await lines(http, 4))[0]?.['requestId']);
    },
  );

  test.each(WAYS)(
    '%s: takes over an id that is sane, and makes one instead of another',
    async (_way, headers) => {
      const http = await startHttp(name, {}, 'info', { logRequests: true });
      const idFor = async (given: string) => {
        const { headers: told } = await http.post(
          '{ __typename }',
          {},
          { ...headers, 'x-request-id': given },
        );
        return told.get('x-request-id');
      };

      expect(await idFor('trace-7f:a.b_c')).toBe('trace-7f:a.b_c');
      for (const odd of ['a b', 'x'.repeat(101), http.server.key, '{"a":1}', 'ä']) {
        expect(await idFor(odd)).toMatch(UUID);
      }
      const ids = (await lines(http, 6)).map(({ requestId }) => requestId);
      expect(ids[0]).toBe('trace-7f:a.b_c');
      expect(new Set(ids).size).toBe(6);
    },
  );

  test('machines that look whether the server is well are logged at debug, and nobody without the setting', async () => {
    const quiet = await startHttp(name, {}, 'trace', { logRequests: false });
    const loud = await startHttp(name, {}, 'debug', { logRequests: true });
    for (const http of [quiet, loud]) {
      await http.send('/healthz');
      await http.post('{ __typename }');
    }

    expect((await lines(loud, 2)).map(({ level, status }) => [level, status])).toEqual([
      [20, 200],
      [30, 200],
    ]);
    expect(quiet.logged().filter(({ msg }) => msg === 'request')).toEqual([]);
  });
});

/** A text that is nowhere but where a test puts it. */
const marked = (what: string) => `secret-${what}-${randomUUID()}`;

// Only there has the address of the database a password.
describe.each(['postgresql'] as const)('what serve writes on %s', (name) => {
  test('has no secret, whatever is asked, at the level trace with LOG_SQL and LOG_REQUESTS', async () => {
    const database = await createDatabase(name);
    const [variable, literal, cookie, password] = ['variable', 'literal', 'cookie', 'password'].map(
      marked,
    ) as [string, string, string, string];
    const [key, strange] = [generateApiKey(), generateApiKey()];
    const url = new URL(database.url);
    const role = `marked_${randomUUID().replaceAll('-', '')}`;
    if (name === 'postgresql') {
      await administer(`create role ${role} superuser login password '${password}'`);
      [url.username, url.password] = [role, password];
    }
    const settings = {
      ...{ DATABASE_URL: url.href, PORT: '0', QUARTERMASTER_API_KEY: key },
      ...{
        LOG_LEVEL: 'trace',
        LOG_SQL: '1',
        LOG_REQUESTS: '1',
        RATE_LIMIT: '1',
        RATE_LIMIT_BURST: '6000',
      },
    };
    const server = startQuartermaster(['serve'], settings);
    const address = await addressOf(server);
    const statuses: number[] = [];
    const send = async (init: RequestInit & { path?: string; key?: string } = {}) => {
      const { path = '', key: shown = key, ...others } = init;
      const headers = {
        authorization: `Bearer ${shown}`,
        cookie: `session=${cookie}`,
        ...others.headers,
      };
      statuses.push((await fetch(address + path, { ...others, headers })).status);
    };
    const post = (body: string, headers = {}, shown = key) =>
      send({
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json', ...headers },
        key: shown,
      });
    const ask = (query: string, variables: object = { text: variable }) =>
      JSON.stringify({ query, variables });

    const documents = [
      ask('query ($text: String!) { item(by: { sku: $text }) { sku } }'),
      ask(`{ item(by: { sku: "${literal}" }) { sku } items(search: "${literal}") { totalCount } }`),
      ask('mutation ($text: String!) { tagCreate(input: { name: $text }) { __typename } }'),
      ask('mutation ($text: String!) { tagCreate(input: { name: $text }) { __typename } }'),
      ask('mutation ($text: String!) @atomic { tagCreate(input: { name: $text }) { __typename } }'),
      ask(
        'mutation ($text: String!) { itemCreate(input: { sku: $text, name: $text }) { __typename } }',
      ),
      ask(`{ nothing(a: "${literal}") }`),
      ask(`{ items(first: "${literal}") { totalCount } }`),
      ask('query ($text: Int!) { items(first: $text) { totalCount } }'),
      ask('{ ledgerAudit { differenceCount } }'),
      ask('{ ledgerAudit { differenceCount } }'),
      `{ "query": "${literal}`,
      `[${ask('{ __typename }')}]`,
    ];
    for (const headers of [{}, { 'x-trace': 'sql' }, { 'x-request-id': key }]) {
      for (const body of documents) await post(body, headers);
      await post(documents[0] as string, headers, strange);
    }
    await send({ path: `?key=${key}`, headers: { accept: 'text/html' } });
    await send({ path: `?key=${strange}`, headers: { accept: 'text/html' } });
    await send({ path: `?query={__typename}&variables={"a":"${variable}"}` });
    await send({ path: `/${literal}` });
    await send({ method: 'PUT', body: literal });
    const ending = await server.stop();
    const wrong = new URL(url);
    if (name === 'postgresql') wrong.pathname = `/missing_${randomUUID()}`;
    else wrong.pathname = `/missing/${randomUUID()}`;
    const failed = await quartermaster(['serve'], { ...settings, DATABASE_URL: wrong.href });
    await database.drop();
    if (name === 'postgresql') await administer(`drop role ${role}`);

    expect(new Set(statuses)).toEqual(new Set([200, 400, 401, 403, 404, 405, 429]));
    expect(ending.code).toBe(0);
    expect(failed.code).toBe(1);
    const written = [ending.stdout, ending.stderr, failed.stdout, failed.stderr].join('\n');
    expect(written.match(/"msg":"request"/g)?.length).toBe(statuses.length);
    expect(written.match(/"msg":"sql"/g)?.length).toBeGreaterThan(40);
    for (const secret of [
      key,
      key.slice(3),
      strange,
      strange.slice(3),
      variable,
      literal,
      cookie,
      password,
    ]) {
      expect(written.split(secret).length - 1).toBe(0);
    }
  });
});
