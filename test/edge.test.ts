import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createApp } from '../src/app.ts';
import { ConfigError, readConfig } from '../src/config.ts';
import { checkBinding } from '../src/http/binding.ts';
import { httpServer } from '../src/http/server.ts';
import { createDatabase, silent } from './support/databases.ts';
import { converse } from './support/hostile.ts';
import { type HttpServer, startHttp, stopAll } from './support/http.ts';
import { quartermaster, startQuartermaster } from './support/process.ts';

const SHOP = 'https://shop.example';

describe('pages of an origin in CORS_ORIGINS', () => {
  let http: HttpServer;

  beforeAll(async () => {
    const { corsOrigins } = readConfig({ CORS_ORIGINS: ` ${SHOP}, http://localhost:5173 ` });
    http = await startHttp('sqlite', {}, 'info', { corsOrigins });
  });

  afterAll(stopAll);

  const cors = ({ headers }: { headers: Headers }) =>
    Object.fromEntries([...headers].filter(([name]) => /^access-control-|^vary$/.test(name)));
  const preflight = (origin: string, path = '/graphql') =>
    http.send(path, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST' },
    });

  test.each([SHOP, 'http://localhost:5173'])(
    'may ask, and are told so beforehand: %s',
    async (origin) => {
      const answer = await preflight(origin);

      expect(answer.status).toBe(204);
      expect(cors(answer)).toEqual({
        'access-control-allow-origin': origin,
        'access-control-allow-methods': 'GET, POST',
        'access-control-allow-headers':
          'authorization, content-type, apollo-require-preflight, x-trace, x-request-id',
        'access-control-expose-headers': 'retry-after, x-request-id',
        'access-control-max-age': '600',
        vary: 'origin',
      });
    },
  );

  test('may read what is answered, whoever answers it', async () => {
    const plain = await http.post('{ __typename }', {}, { origin: SHOP });
    const general = await http.post('{ __typename }', {}, { origin: SHOP, 'x-trace': 'none' });
    const refused = await http.send('/graphql', { headers: { origin: SHOP } });

    expect([plain.status, general.status, refused.status]).toEqual([200, 200, 401]);
    for (const answer of [plain, general, refused]) {
      expect(cors(answer)).toEqual({
        'access-control-allow-origin': SHOP,
        'access-control-expose-headers': 'retry-after, x-request-id',
        vary: 'origin',
      });
    }
  });

  test.each([
    'https://evil.example',
    'https://shop.example.evil.example',
    'http://shop.example',
    'https://shop.example:8443',
    'https://SHOP.example',
    'null',
  ])('others may not: %s', async (origin) => {
    const asked = await preflight(origin);
    const answered = await http.post('{ __typename }', {}, { origin });

    expect(asked.status).toBe(401);
    expect([cors(asked), cors(answered)]).toEqual([{ vary: 'origin' }, { vary: 'origin' }]);
  });
});

test('every answer says that its type is no guess', async () => {
  const http = await startHttp('sqlite');
  const posted = await http.post('{ __typename }');
  const answers = [
    posted,
    await http.send('/healthz'),
    await http.send('/'),
    await http.send('/graphql'),
  ];

  expect(answers.map(({ headers }) => headers.get('x-content-type-options'))).toEqual(
    answers.map(() => 'nosniff'),
  );
  await stopAll();
});

test.each([
  ['Host', 'a b'],
  ['Host', 'x:99999'],
  ['Host', '[::1'],
])('a header %s of %s is refused, not a fault', async (_name, host) => {
  const http = await startHttp('sqlite');
  const conversation = await converse(
    http,
    `GET /graphql HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`,
  );

  expect(conversation.status).toBe(400);
  expect(conversation.text).toContain('"code":"BAD_REQUEST"');
  await stopAll();
});

test('a client has 10 s for its headers and 30 s for all', () => {
  const server = httpServer(() => undefined);

  expect([server.headersTimeout, server.requestTimeout]).toEqual([10_000, 30_000]);
});

describe('settings', () => {
  test.each([
    ['*'],
    ['shop.example'],
    ['https://shop.example/'],
    ['https://shop.example/path'],
    ['https://hunter2@shop.example'],
    ['ftp://shop.example'],
    ['https://shop.example;https://other.example'],
    ['null'],
  ])('CORS_ORIGINS=%s is refused', (value) => {
    const read = () => readConfig({ CORS_ORIGINS: value });

    expect(read).toThrow(ConfigError);
    expect(read).toThrow(/^CORS_ORIGINS: (?!.*hunter2)expected origins such as https/);
  });

  test.each(['GRAPHIQL', 'BEHIND_TLS', 'ALLOW_PLAIN_HTTP'])('%s is 0 or 1', (name) => {
    expect(() => readConfig({ [name]: 'maybe' })).toThrow(`${name}: expected 0 or 1`);
  });

  test.each([
    [{}, true],
    [{ GRAPHIQL: '0' }, false],
    [{ NODE_ENV: 'development' }, true],
    [{ NODE_ENV: 'production' }, false],
    [{ NODE_ENV: 'production', GRAPHIQL: '1' }, true],
    [{ NODE_ENV: 'production', GRAPHIQL: '0' }, false],
  ])('with %j GraphiQL is there: %s', (environment, expected) => {
    expect(readConfig(environment).graphiql).toBe(expected);
  });

  const PRODUCTION = { NODE_ENV: 'production' };
  const binds = (environment: NodeJS.ProcessEnv) => () => checkBinding(readConfig(environment));

  test.each(['127.0.0.1', '127.8.9.10', '::1', 'localhost', 'LOCALHOST'])(
    'in production the server listens at %s',
    (HOST) => {
      expect(binds({ ...PRODUCTION, HOST })).not.toThrow();
    },
  );

  test.each(['0.0.0.0', '::', '10.0.0.1', '192.168.1.5', '128.0.0.1', 'shop.example', '::2'])(
    'in production it listens at %s only when somebody said that it is well',
    (HOST) => {
      expect(binds({ ...PRODUCTION, HOST })).toThrow(
        `HOST: ${HOST} is reached from other machines, and keys would travel in the clear.`,
      );
      expect(binds({ ...PRODUCTION, HOST, BEHIND_TLS: '1' })).not.toThrow();
      expect(binds({ ...PRODUCTION, HOST, ALLOW_PLAIN_HTTP: '1' })).not.toThrow();
      expect(binds({ HOST })).not.toThrow();
    },
  );
});

test('a HEAD that cannot be read is answered without a body, as any other', async () => {
  const http = await startHttp('sqlite');
  const address = `/graphql?query=${'x'.repeat(20_000)}`;

  const { status, text } = await converse(http, `HEAD ${address} HTTP/1.1\r\nhost: x\r\n\r\n`);

  expect({ status, body: text.split('\r\n\r\n')[1] }).toEqual({ status: 414, body: '' });
  await stopAll();
});

describe('without GraphiQL', () => {
  test('a browser gets what any other client gets, with a key in its address or without', async () => {
    const http = await startHttp('sqlite');
    const app = createApp(http.server.orm, silent, {
      graphiql: false,
      limiter: null,
      viewers: http.server.viewers,
    });
    for (const query of ['', `?key=${http.server.key}`]) {
      const answer = await app.fetch(`http://test/graphql${query}`, {
        headers: { accept: 'text/html' },
      });
      const text = await answer.text();
      expect(answer.status).toBe(401);
      expect(text).toContain('UNAUTHENTICATED');
      expect(text).not.toContain('<');
    }
    await stopAll();
  });

  test('in production `serve` prints no link, and ends in one line where others could listen', async () => {
    const { url: DATABASE_URL } = await createDatabase('sqlite', { migrated: false });
    const settings = { DATABASE_URL, PORT: '0', NODE_ENV: 'production' };

    const refused = await quartermaster(['serve'], { ...settings, HOST: '0.0.0.0' });
    const server = startQuartermaster(['serve'], settings);
    await server.line(/qm_\w+/);
    const { code, stdout } = await server.stop();

    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(
      /^quartermaster: HOST: 0\.0\.0\.0 is reached .* BEHIND_TLS=1, .* ALLOW_PLAIN_HTTP=1, or HOST=127\.0\.0\.1\.\n$/,
    );
    expect(code).toBe(0);
    expect(stdout).not.toMatch(/GraphiQL|\?key=/);
  });
});
