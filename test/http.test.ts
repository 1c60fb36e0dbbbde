import { isDeepStrictEqual } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { generateApiKey } from '../src/access/api-key.service.ts';
import { administer, DATABASES } from './support/databases.ts';
import { type HttpAnswer, type HttpServer, startHttp, stopAll } from './support/http.ts';
import { until } from './support/until.ts';

/** What no answer and no log may repeat. */
const SECRET = 'hunter2';

/** What would tell a client how the server is built. */
const INSIDES = /select |insert |Exception|node_modules|\.ts:|\.js:|SQLITE|relation|no such table/;

/** Somebody whose key was not shown lately, so that it has to be looked up. */
const stranger = () => ({ authorization: `Bearer ${generateApiKey()}` });

/** What an answer says of the cost of its operation. */
const costing = (requested: number) => ({ extensions: { cost: { requested, limit: 5000 } } });

const CREATE_TAG = 'mutation ($name: String!) { tagCreate(input: { name: $name }) { __typename } }';

describe.each(DATABASES)('who may ask, and whether it answers, on %s', (name) => {
  let http: HttpServer;

  beforeAll(async () => {
    http = await startHttp(name);
  });

  afterAll(stopAll);

  test.each([
    ['no key', undefined],
    ['no scheme', generateApiKey()],
    ['another scheme', 'Basic cW06cW0='],
    ['no key after the scheme', 'Bearer '],
    ['a malformed key', 'Bearer qm_short'],
    ['a key with more behind it', `Bearer ${generateApiKey()} x`],
    ['a key that nobody has', `Bearer ${generateApiKey()}`],
    ['SQL', "Bearer qm_'or'1'='1"],
  ])('%s: 401, always the same', async (_what, authorization) => {
    const headers = {
      'content-type': 'application/json',
      ...(authorization === undefined ? {} : { authorization }),
    };
    const body = JSON.stringify({ query: '{ items { totalCount } }' });

    const posted = await http.send('/graphql', { method: 'POST', headers, body });
    const got = await http.send('/graphql?query={__typename}', { headers });
    const broken = await http.send('/graphql', { method: 'POST', headers, body: '{' });

    for (const answer of [posted, got, broken]) {
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="quartermaster"');
      expect(answer.body).toEqual({
        errors: [
          {
            message: 'Show an API key: Authorization: Bearer qm_…',
            extensions: { code: 'UNAUTHENTICATED' },
          },
        ],
      });
    }
  });

  test('/healthz and /readyz need no key; a pending migration is not ready', async () => {
    const statuses = async () => [
      (await http.send('/healthz')).status,
      (await http.send('/readyz')).status,
    ];

    expect(await statuses()).toEqual([200, 200]);
    await http.execute('create table kept as select * from mikro_orm_migrations');
    await http.execute('delete from mikro_orm_migrations');
    expect(await statuses()).toEqual([200, 503]);
    await http.execute('insert into mikro_orm_migrations select * from kept');
    expect(await statuses()).toEqual([200, 200]);
  });
});

describe('a request that is not right', () => {
  let http: HttpServer;

  beforeAll(async () => {
    http = await startHttp('sqlite');
  });

  afterAll(stopAll);

  /** Sends a body as the owner, and proves that the server goes on and repeats nothing. */
  async function refuse(body: BodyInit, headers: Record<string, string> = {}) {
    const answer = await http.send('/graphql', {
      method: 'POST',
      headers: {
        authorization: `Bearer ${http.server.key}`,
        'content-type': 'application/json',
        accept: 'application/graphql-response+json',
        ...headers,
      },
      body,
    });
    expect(answer.text).not.toContain(SECRET);
    expect(answer.text).not.toMatch(INSIDES);
    expect(answer.text.length).toBeLessThan(2000);
    const next = await http.post('{ tags { totalCount } }');
    expect(next.body).toEqual({ data: { tags: { totalCount: 0 } }, ...costing(22) });
    return answer;
  }

  const operation = (query: string, facts: object = {}) =>
    JSON.stringify({ query, variables: { secret: SECRET }, ...facts });

  test.each([
    ['broken JSON', `{"query": "${SECRET}`],
    ['nothing', ''],
    ['text', JSON.stringify(SECRET)],
    ['a number', '7'],
    ['null', 'null'],
    ['a batch', `[${operation('{ __typename }')}, ${operation('{ __typename }')}]`],
    ['an empty batch', '[]'],
    ['no query', '{}'],
    ['a query that is a number', '{"query": 7}'],
    ['an unknown member', operation('{ __typename }', { foo: SECRET })],
    ['variables that are text', operation('{ __typename }', { variables: SECRET })],
    ['variables that are a list', operation('{ __typename }', { variables: [SECRET] })],
    ['extensions that are text', operation('{ __typename }', { extensions: SECRET })],
    ['an unknown operation', operation('query A { __typename }', { operationName: SECRET })],
    ['two operations and no name', operation('query A { __typename } query B { __typename }')],
    ['a syntax error', operation('{ items(')],
    ['an empty document', operation('')],
    ['an unknown field', operation('{ nothing }')],
    ['an unknown argument', operation('{ items(nothing: 1) { totalCount } }')],
    ['an unknown enum value', operation('{ items(orderBy: { field: NOTHING }) { totalCount } }')],
    ['an unknown type', operation('query ($a: Nothing) { __typename }')],
    ['a missing variable', operation('query ($a: ID!) { node(id: $a) { id } }')],
    [
      'a variable of another type',
      operation('query ($a: ItemOrder) { items(orderBy: $a) { totalCount } }', {
        variables: { a: { field: 'NOTHING' }, secret: SECRET },
      }),
    ],
    ['two of one choice', operation('{ item(by: { id: "1", sku: "1" }) { sku } }')],
    ['none of a choice', operation('{ item(by: {}) { sku } }')],
  ])('%s: 400 BAD_REQUEST', async (_what, body) => {
    const { status, body: answer } = await refuse(body);

    expect(status).toBe(400);
    expect(Object.keys(answer)).toEqual(['errors']);
    expect(answer.errors.length).toBeGreaterThan(0);
    for (const { message, extensions } of answer.errors) {
      expect(message).not.toBe('');
      expect(extensions).toEqual({ code: 'BAD_REQUEST' });
    }
  });

  test('a document that is not valid is 200 for who asks for application/json, as the specification has it', async () => {
    const { status, body } = await refuse(operation('{ nothing }'), { accept: 'application/json' });

    expect(status).toBe(200);
    expect(body.errors[0].extensions).toEqual({ code: 'BAD_REQUEST' });
  });

  test.each(['text/plain', 'application/xml', 'multipart/form-data; boundary=x', 'nonsense'])(
    'content of the type %s: 415',
    async (type) => {
      const { status } = await refuse(operation('{ __typename }'), { 'content-type': type });

      expect(status).toBe(415);
    },
  );

  test('an answer of a type that nobody can give: 406', async () => {
    expect((await refuse(operation('{ __typename }'), { accept: 'image/png' })).status).toBe(406);
  });

  test.each([
    ['said at once', (text: string) => text],
    ['in pieces', (text: string) => new Blob([text]).stream()],
  ])('a body over 1 MB, its length %s: 413', async (_what, bodyOf) => {
    const document = `mutation { tagCreate(input: { name: "big" }) { __typename } }`;
    const text = operation(document, { variables: { secret: SECRET.repeat(143_000) } });
    const init = { duplex: 'half' } as RequestInit;

    const { status, body } = await http.send('/graphql', {
      ...init,
      method: 'POST',
      headers: { authorization: `Bearer ${http.server.key}`, 'content-type': 'application/json' },
      body: bodyOf(text),
    });

    expect(text.length).toBeGreaterThan(1_000_000);
    expect(status).toBe(413);
    expect(body.errors[0].extensions).toEqual({ code: 'BAD_REQUEST' });
    expect((await http.server.run('{ tags { totalCount } }')).tags.totalCount).toBe(0);
  });

  test('a body just below 1 MB is read', async () => {
    const text = operation('{ __typename }', { variables: { secret: 'x'.repeat(999_900) } });

    expect(text.length).toBeLessThan(1_000_000);
    expect((await refuse(text)).status).toBe(200);
  });

  test.each(['GET', 'PUT', 'DELETE', 'PATCH'])('a mutation by %s: 405', async (method) => {
    const query = encodeURIComponent(`mutation { tagCreate(input: { name: "x" }) { __typename } }`);

    const { status } = await http.send(`/graphql?query=${query}`, {
      method,
      headers: { authorization: `Bearer ${http.server.key}` },
    });

    expect(status).toBe(405);
    expect((await http.server.run('{ tags { totalCount } }')).tags.totalCount).toBe(0);
  });

  test('nothing else is here', async () => {
    for (const path of ['/', '/nothing', '/graphql/x', '/x/graphql', '/..%2fpackage.json']) {
      const { status, text } = await http.send(path);
      expect(status).toBe(404);
      expect(text).not.toMatch(INSIDES);
    }
  });
});

describe.each(DATABASES)('a fault on %s', (name) => {
  let http: HttpServer;

  beforeAll(async () => {
    http = await startHttp(name);
  });

  afterAll(stopAll);

  const faults = () => http.logged().filter(({ level }) => level === 50);

  test('in a resolver is INTERNAL and tells nothing; the log tells, and the next is served', async () => {
    await http.execute('alter table tags rename to elsewhere');
    const query = await http.post(
      'query ($sku: String!) { item(by: { sku: $sku }) { sku } tags { totalCount } }',
      { sku: SECRET },
    );
    const mutation = await http.post(CREATE_TAG, { name: SECRET });
    const next = await http.post('{ items { totalCount } }');
    await http.execute('alter table elsewhere rename to tags');
    const after = await http.post(CREATE_TAG, { name: SECRET });

    const error = (path: string) => ({
      message: 'Something went wrong on our side.',
      locations: expect.any(Array),
      path: [path],
      extensions: { code: 'INTERNAL' },
    });
    expect(query.body).toEqual({ data: null, errors: [error('tags')], ...costing(23) });
    expect(mutation.body).toEqual({
      data: { tagCreate: null },
      errors: [error('tagCreate')],
      ...costing(11),
    });
    for (const { text } of [query, mutation]) expect(text).not.toMatch(INSIDES);
    expect(next.body).toEqual({ data: { items: { totalCount: 0 } }, ...costing(22) });
    expect(after.body).toEqual({
      data: { tagCreate: { __typename: 'TagCreateSuccess' } },
      ...costing(11),
    });
    expect(faults()).toHaveLength(2);
    for (const line of faults()) {
      expect(line).toMatchObject({
        msg: 'request failed',
        fault: {
          type: 'TableNotFoundException',
          message: expect.stringContaining('tags'),
          stack: expect.stringContaining('    at '),
        },
      });
    }
  });

  test('before a resolver is INTERNAL too, and tells nothing', async () => {
    const before = faults().length;
    await http.execute('alter table api_keys rename to elsewhere');
    const posted = await http.post('{ __typename }', {}, stranger());
    const page = await http.send(`/graphql?key=${generateApiKey()}`, {
      headers: { accept: 'text/html' },
    });
    await http.execute('alter table elsewhere rename to api_keys');

    for (const answer of [posted, page]) {
      expect(answer.status).toBe(500);
      expect(answer.body).toEqual({
        errors: [
          {
            message: 'Something went wrong on our side.',
            extensions: { code: 'INTERNAL' },
          },
        ],
      });
    }
    expect(faults()).toHaveLength(before + 2);
    expect((await http.post('{ __typename }')).status).toBe(200);
  });
});

describe('a transaction that SQLite ends by itself', () => {
  afterAll(stopAll);

  test('is a fault, and the next one can be written', async () => {
    const http = await startHttp('sqlite');
    // As a full disk does it.
    await http.execute(
      `create trigger ender before insert on tags begin select raise(rollback, 'ended'); end`,
    );

    const ended = await http.post(CREATE_TAG, { name: 'x' });
    await http.execute('drop trigger ender');
    const next = await http.post(CREATE_TAG, { name: 'x' });

    expect(ended.body.errors[0].extensions.code).toBe('INTERNAL');
    expect(next.body).toEqual({
      data: { tagCreate: { __typename: 'TagCreateSuccess' } },
      ...costing(11),
    });
  });
});

/** Goes past what answers plain requests. */
const TRACED = { 'x-trace': 'sql' };

describe('PostgreSQL that goes away', () => {
  afterEach(stopAll);

  test('is UNAVAILABLE while it is away, and used again when it is back', async () => {
    const http = await startHttp('postgresql');
    const database = new URL(http.server.url).pathname.slice(1);
    const allow = (allowed: boolean) =>
      administer(`alter database ${database} allow_connections ${allowed}`);
    const kick = () =>
      administer(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database}'`,
      );
    expect((await http.post(CREATE_TAG, { name: 'before' })).status).toBe(200);

    await http.post('{ __typename }', {}, TRACED);
    await allow(false);
    await kick();
    const known = await http.post(CREATE_TAG, { name: 'x' });
    const away = [
      await http.post('{ __typename }', {}, stranger()),
      await http.post(CREATE_TAG, { name: 'x' }, stranger()),
    ];
    // A key that is remembered yet: what others were told must not spoil its answer.
    const again = await http.post(CREATE_TAG, { name: 'x' }, TRACED);
    const ready = await http.send('/readyz');
    const alive = await http.send('/healthz');
    await allow(true);
    const back = await http.post('{ tags { nodes { name } } }');

    expect(known.body.errors.map(codeOf)).toEqual(['UNAVAILABLE']);
    expect([known.status, known.headers.get('retry-after')]).toEqual([503, '1']);
    expect([again.status, again.headers.get('retry-after')]).toEqual([503, '1']);
    expect(again.body).toMatchObject({ data: { tagCreate: null }, extensions: { trace: {} } });
    for (const answer of away) {
      expect(answer.status).toBe(503);
      expect(answer.headers.get('retry-after')).toBe('1');
      expect(answer.body).toEqual({
        errors: [
          {
            message: expect.stringContaining('The database cannot be used just now. Try again'),
            extensions: { code: 'UNAVAILABLE' },
          },
        ],
      });
    }
    expect([ready.status, alive.status]).toEqual([503, 200]);
    expect(back.body).toEqual({ data: { tags: { nodes: [{ name: 'before' }] } }, ...costing(20) });
    expect((await http.send('/readyz')).status).toBe(200);
  });

  test('in the middle of a transaction is UNAVAILABLE, and gives the connection back', async () => {
    const http = await startHttp('postgresql', { poolSize: 1 });
    const database = new URL(http.server.url).pathname.slice(1);
    const own = `datname = '${database}' and application_name = 'quartermaster'`;
    const other = new pg.Client(http.server.url);
    await other.connect();
    await other.query('begin');
    await other.query('select * from journal_heads for update');

    const asked = http.post(CREATE_TAG, { name: 'half' });
    const waiting = `select 1 from pg_stat_activity where ${own} and wait_event_type = 'Lock'`;
    while ((await other.query(waiting)).rows.length === 0);
    await other.query(`select pg_terminate_backend(pid) from pg_stat_activity where ${own}`);
    const cut = await asked;
    await other.end();
    const next = await http.post(CREATE_TAG, { name: 'whole' });

    expect([cut.status, cut.headers.get('retry-after')]).toEqual([503, '1']);
    expect(cut.body).toEqual({
      data: { tagCreate: null },
      errors: [expect.objectContaining({ extensions: { code: 'UNAVAILABLE' } })],
      ...costing(11),
    });
    expect(next.body).toEqual({
      data: { tagCreate: { __typename: 'TagCreateSuccess' } },
      ...costing(11),
    });
    const { tags } = await http.server.run('{ tags { nodes { name } } }');
    expect(tags.nodes).toEqual([{ name: 'whole' }]);
  });

  test('while requests are under way: each is done whole or UNAVAILABLE, and none hangs', async () => {
    const http = await startHttp('postgresql', { poolSize: 4 });
    const database = new URL(http.server.url).pathname.slice(1);
    const create = (name: string) => http.post(CREATE_TAG, { name });

    const answers: HttpAnswer[] = [];
    for (let round = 0; round < 10; round += 1) {
      const asked = Array.from({ length: 8 }, (_, index) => create(`tag ${round} ${index}`));
      if (round % 2) await Promise.race(asked);
      await administer(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database}'`,
      );
      answers.push(...(await Promise.all(asked)));
    }

    // The pool may not have noticed yet that its connections are gone.
    await until('the database is used again', async () => {
      return (await http.send('/readyz')).status === 200;
    });
    const done = answers.filter(({ body }) => body.data?.tagCreate);
    const codes = answers.flatMap(({ body }) => body.errors ?? []).map(codeOf);
    expect(codes.filter((code) => code !== 'UNAVAILABLE')).toEqual([]);
    expect(done.length + codes.length).toBe(answers.length);
    const [entries] = await http.execute(
      `select count(*) as entries, (select count(*) from tags) as tags
        from journal_entries where action = 'tag.create'`,
    );
    expect(entries?.['tags']).toEqual(entries?.['entries']);
    expect(Number(entries?.['tags'])).toBeGreaterThanOrEqual(done.length);
    expect((await create('after')).body).toEqual({
      data: { tagCreate: { __typename: 'TagCreateSuccess' } },
      ...costing(11),
    });
  });
});

const codeOf = ({ extensions }: { extensions: { code: string } }): string => extensions.code;

describe.each(DATABASES)('the log on %s', (name) => {
  afterEach(stopAll);

  const statements = (http: HttpServer) => http.logged().filter(({ msg }) => msg === 'sql');

  test('echoes every statement with LOG_SQL, and none without', async () => {
    const loud = await startHttp(name, { logSql: true });
    const quiet = await startHttp(name, { logSql: false }, 'trace');
    const before = statements(loud).length;
    for (const http of [loud, quiet]) await http.post(CREATE_TAG, { name: 'x' });

    const echoed = statements(loud).slice(before);
    // The key's look-up, the tag, its place in the journal, its entry.
    expect(echoed.map(({ sql }) => String(sql).split(' ').slice(0, 2).join(' '))).toEqual([
      'select k.organization_id',
      'insert into',
      'update journal_heads',
      'insert into',
    ]);
    for (const line of echoed) {
      expect(line).toMatchObject({
        level: 30,
        sql: expect.any(String),
        ms: expect.any(Number),
        rows: expect.any(Number),
      });
    }
    expect(statements(quiet)).toEqual([]);
  });

  test('never has a key, or what callers send', async () => {
    const http = await startHttp(name, { logSql: true }, 'trace');
    const { key } = http.server;
    const strange = generateApiKey();
    // Faults of the database that repeat values in their own words.
    const hostile =
      name === 'sqlite'
        ? [`create trigger t before insert on categories begin select raise(abort, 'no'); end`]
        : [
            `alter table categories add constraint marked check (name not like '%${SECRET}%')`,
            `alter table locations alter column name type bigint using 0`,
          ];
    for (const sql of hostile) await http.execute(sql);
    const from = http.logged().length;

    await http.post('{ __typename }', {}, { authorization: `Bearer ${strange}` });
    await http.send(`/graphql?key=${key}`, { headers: { accept: 'text/html' } });
    await http.post(CREATE_TAG, { name: SECRET });
    await http.post(CREATE_TAG, { name: SECRET });
    await http.post(`{ item(by: { sku: "${SECRET}" }) { sku } }`);
    await http.post(`{ items(first: "${SECRET}") { totalCount } }`);
    const category = await http.post(
      'mutation ($name: String!) { categoryCreate(input: { name: $name }) { __typename } }',
      { name: SECRET },
    );
    const location = await http.post(
      'mutation ($name: String!) { locationCreate(input: { code: $name, name: $name }) { __typename } }',
      { name: SECRET },
    );

    const lines = http.logged().slice(from);
    const text = JSON.stringify(lines);
    expect(category.body.errors[0].extensions.code).toBe('INTERNAL');
    if (name === 'postgresql') expect(location.body.errors[0].extensions.code).toBe('INTERNAL');
    expect(lines.filter(({ level }) => level === 50)).toHaveLength(name === 'sqlite' ? 1 : 2);
    expect(lines.filter(({ msg }) => msg === 'sql').length).toBeGreaterThan(5);
    for (const secret of [SECRET, key, key.slice(3), strange]) expect(text).not.toContain(secret);
  });
});

describe('the pool of PostgreSQL', () => {
  afterEach(stopAll);

  test('tells its events and its size at the level debug', async () => {
    const http = await startHttp('postgresql', {}, 'debug');
    await http.post('{ items { totalCount } }');

    const events = http.logged().flatMap(({ pool }) => (pool ? [pool] : []));
    expect(events).toContainEqual({ event: 'connect', total: 1, idle: 0, waiting: 0 });
    expect(new Set(events.map((pool) => (pool as { event: string }).event))).toEqual(
      new Set(['connect', 'acquire', 'release']),
    );
    expect(http.logged().every((line) => !line['pool'] || line['level'] === 20)).toBe(true);
  });

  test('tells who waits, and which connections are gone', async () => {
    const http = await startHttp('postgresql', { poolSize: 1 }, 'debug');
    const events = () => http.logged().flatMap(({ pool }) => (pool ? [pool] : []));
    const pool = (await http.server.orm.em.getConnection().getNativeClient()) as {
      connect(): Promise<{ release(): void }>;
      readonly waitingCount: number;
    };

    const client = await pool.connect();
    const waiting = http.post('{ items { totalCount } }');
    await until('one waits', () => pool.waitingCount === 1);
    client.release();
    expect((await waiting).status).toBe(200);
    await administer(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = '${new URL(http.server.url).pathname.slice(1)}'`,
    );

    expect(events()).toContainEqual({ event: 'release', total: 1, idle: 0, waiting: 1 });
    const gone = { event: 'remove', total: 0, idle: 0, waiting: 0 };
    await until('it is gone', () => events().some((each) => isDeepStrictEqual(each, gone)));
  });

  test.each([
    [true, expect.stringMatching(/^qm_[0-9a-f]{24}$/)],
    [false, undefined],
  ])('with prepared statements: %s', async (preparedStatements, name) => {
    // One connection, for a prepared statement belongs to its connection.
    const http = await startHttp('postgresql', { preparedStatements, poolSize: 1 });
    for (let times = 0; times < 2; times += 1) {
      await http.post('{ items { nodes { sku } } }');
      await http.post(CREATE_TAG, { name: `tag ${times}` });
    }

    const prepared = await http.execute('select name, statement from pg_prepared_statements');
    const names = prepared.map((statement) => statement['name']);
    expect(names[0]).toEqual(name);
    expect(names.filter((each) => !String(each).startsWith('qm_'))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });
});
