import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { generateApiKey } from '../src/access/api-key.service.ts';
import { DATABASES } from './support/databases.ts';
import {
  createItem,
  createLocation,
  levels,
  move,
  stock,
  stockDocument,
} from './support/factories.ts';
import { holdWriters } from './support/holding.ts';
import { codesOf, converse, expectHarmless, verdictOf } from './support/hostile.ts';
import { type HttpAnswer, type HttpServer, startHttp, stopAll } from './support/http.ts';
import { audit, CLEAN } from './support/load.ts';

/** What no answer may repeat. */
const SECRET = 'hunter2';

/** Goes past what answers plain requests: both ways have to agree. */
const BY_YOGA = { 'x-trace': 'none' };

const BAD = [400, 'BAD_REQUEST'];
const COMPLEX = [400, 'QUERY_TOO_COMPLEX'];

/** Time enough for a slow client of a test, in milliseconds. */
const TIMES = { headers: 300, request: 600, interval: 50 };

const bearer = (key: string): string => `Bearer ${key}`;

const repeat = (count: number, text: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ');

/** Lists or objects within each other. */
const nested = (levels: number, [open, close]: readonly [string, string], inner: string): string =>
  `${open.repeat(levels)}${inner}${close.repeat(levels)}`;

const LIST = ['[', ']'] as const;
const NOT = ['{"not":', '}'] as const;

describe.each(DATABASES)('bad input on %s', (database) => {
  let http: HttpServer;
  let item: string;

  beforeAll(async () => {
    const timeLimits = { connection: 2000, statement: 5000, lock: 50, idle: 10_000 };
    http = await startHttp(database, { timeLimits });
    item = await createItem(http.server, 'BOLT', { decimals: 2 });
    await createItem(http.server, '50% "_\\" ROD; --');
    for (const code of ['A', 'B']) await createLocation(http.server, code);
    await stock(http.server, 'BOLT', 'A', '3');
  });

  afterAll(stopAll);

  const headers = (others: object = {}): Record<string, string> => ({
    authorization: `Bearer ${http.server.key}`,
    'content-type': 'application/json',
    ...others,
  });

  /** Sends a request, and proves that its answer tells nothing and that the next is answered. */
  async function send(init: RequestInit, path = '/graphql'): Promise<HttpAnswer> {
    const started = performance.now();
    const answer = await http.send(path, init);
    expect(performance.now() - started).toBeLessThan(3000);
    expectHarmless(answer.text);
    expect(answer.text).not.toContain(SECRET);
    expect((await http.post('{ __typename }')).status).toBe(200);
    return answer;
  }

  /** Posts a body both ways, and proves that they agree. */
  async function post(body: BodyInit, others: object = {}): Promise<HttpAnswer> {
    const plain = await send({ method: 'POST', headers: headers(others), body });
    const general = await send({
      method: 'POST',
      headers: headers({ ...others, ...BY_YOGA }),
      body,
    });
    expect([general.status, general.text]).toEqual([plain.status, plain.text]);
    return plain;
  }

  const ask = (query: string, variables: object = {}, others: object = {}): Promise<HttpAnswer> =>
    post(JSON.stringify({ query, variables, ...others }));

  const get = (query: string, others: object = {}): Promise<HttpAnswer> =>
    send({ headers: headers(others) }, `/graphql?query=${encodeURIComponent(query)}`);

  const tags = async (): Promise<number> =>
    (await http.server.run('{ tags { totalCount } }')).tags.totalCount;

  const CREATE_TAG = 'mutation M { tagCreate(input: { name: "x" }) { __typename } }';

  test('broken JSON, not an object, wrong types of query/variables/operationName/extensions', async () => {
    const of = (facts: object) => JSON.stringify({ query: '{ __typename }', ...facts });
    const bodies = [
      ...[`{"query": "${SECRET}`, `{"query": "{ __typename }"} ${SECRET}`, '', '\ufeff', '{,}'],
      ...[`"${SECRET}"`, '7', 'null', 'true', '{}', '{"query":null}', `{"other":"${SECRET}"}`],
      ...[of({ query: 7 }), of({ query: [SECRET] }), of({ query: {} })],
      ...[of({ variables: SECRET }), of({ variables: [SECRET] }), of({ variables: 0 })],
      ...[of({ operationName: 7 }), of({ operationName: [SECRET] }), of({ operationName: {} })],
      ...[of({ extensions: SECRET }), of({ extensions: [SECRET] }), of({ extensions: 7 })],
    ];
    for (const accept of ['application/json', 'application/graphql-response+json']) {
      for (const body of bodies) expect(verdictOf(await post(body, { accept }))).toEqual(BAD);
    }
    for (const parameter of ['variables', 'extensions']) {
      const path = `/graphql?query={__typename}&${parameter}={"${SECRET}`;
      const init = { headers: headers({ 'apollo-require-preflight': '1' }) };
      expect(verdictOf(await send(init, path))).toEqual(BAD);
    }
  });

  test('invalid UTF-8', async () => {
    const bytes = (text: string) => Buffer.from(text.replaceAll('?', '\xff\xc0\x80'), 'latin1');
    const query = '{"query":"{ item(by: { sku: \\"?\\" }) { sku } }"}';

    expect((await post(bytes(query))).body.data).toEqual({ item: null });
    expect((await post(bytes('{"query":"{ __typename ? }"}'))).status).toBe(200);
    expect(verdictOf(await post(bytes('{"?":"{ __typename }"}')))).toEqual(BAD);
    expect(verdictOf(await post(Buffer.from('{"query":"{ __typename }"}', 'utf16le')))).toEqual(
      BAD,
    );
  });

  test('missing/unknown content type, text/plain, form, multipart', async () => {
    const text = JSON.stringify({ query: CREATE_TAG });
    const form = new FormData();
    form.set('operations', text);
    const { 'content-type': _, ...without } = headers();
    const bodies = [Buffer.from(text), text, new URLSearchParams({ query: CREATE_TAG }), form];
    for (const body of bodies) {
      const answer = await send({ method: 'POST', headers: without, body });
      expect(verdictOf(answer)).toEqual([415, 'BAD_REQUEST']);
    }
    for (const type of [
      ...['application/graphql', 'application/graphql+json', 'application/xml', 'nonsense', '*/*'],
      ...['application/jsonp', 'application/json; charset=utf-16', 'text/plain, application/json'],
    ]) {
      const answer = await post(text, { 'content-type': type });
      expect([type, ...verdictOf(answer)]).toEqual([type, 415, 'BAD_REQUEST']);
    }
    expect(await tags()).toBe(0);
  });

  test('Content-Encoding', async () => {
    for (const encoding of ['gzip', 'deflate', 'br', 'identity', SECRET]) {
      const answer = await post('{"query":"{ __typename }"}', { 'content-encoding': encoding });
      expect(verdictOf(answer)).toEqual([415, 'BAD_REQUEST']);
    }
  });

  test('body > limit, declared or chunked; 10 GB declared', async () => {
    const body = JSON.stringify({ query: CREATE_TAG, variables: { a: 'x'.repeat(1_000_000) } });
    const chunked = { body: new Blob([body]).stream(), duplex: 'half' } as RequestInit;
    const head = `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n`;

    for (const init of [{ body }, chunked]) {
      const answer = await send({ method: 'POST', headers: headers(), ...init });
      expect(verdictOf(answer)).toEqual([413, 'BAD_REQUEST']);
    }
    const huge = await converse(
      http,
      `${head}authorization: ${headers()['authorization']}\r\ncontent-length: 10737418240\r\n\r\n{`,
    );
    expect(huge.status).toBe(413);
    // Said at once; then it is given a second to end what it sends.
    expect(huge.ms).toBeLessThan(2500);
    expect(await tags()).toBe(0);
  });

  test('header > 16 kB / long URL', async () => {
    const long = (length: number) => `/graphql?query=${'x'.repeat(length)}`;

    const answers = [
      await send({ headers: headers({ 'x-long': 'x'.repeat(17_000) }) }),
      await send({ headers: headers() }, long(9000)),
      await send({ headers: headers() }, long(40_000)),
    ];

    expect(answers.map(verdictOf)).toEqual([
      [431, 'BAD_REQUEST'],
      [414, 'BAD_REQUEST'],
      [414, 'BAD_REQUEST'],
    ]);
  });

  test('two lengths, length + chunked', async () => {
    const of = (...lines: string[]) =>
      ['POST /graphql HTTP/1.1', 'host: x', ...lines, '', '{"query":"{__typename}"}'].join('\r\n');

    for (const bytes of [
      of('content-length: 24', 'content-length: 25'),
      of('content-length: 24', 'transfer-encoding: chunked'),
      of('transfer-encoding: chunked', 'content-length: 24'),
      of('content-length: 24, 24'),
      of('content-length: -1'),
      of('transfer-encoding: gzip, nonsense'),
      'POST /graphql HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n',
      'nonsense\r\n\r\n',
      '\x16\x03\x01\x02\x00\x01\x00',
    ]) {
      const { status, text } = await converse(http, bytes);
      expect([bytes, status]).toEqual([bytes, 400]);
      expectHarmless(text);
      expect(text).toContain('"code":"BAD_REQUEST"');
    }
  });

  test('PUT, DELETE, PATCH …', async () => {
    for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'QUERY', 'PROPFIND']) {
      const body = JSON.stringify({ query: CREATE_TAG });
      const answer = await send({ method, headers: headers(), body });
      expect([method, ...verdictOf(answer)]).toEqual([method, 405, 'BAD_REQUEST']);
      expect(answer.headers.get('allow')).toBe('GET, POST');
    }
    expect((await send({ method: 'HEAD', headers: headers() })).status).toBe(405);
    expect(await tags()).toBe(0);
  });

  test('mutation by GET (also by operationName, override headers)', async () => {
    const two = `query Q { __typename } ${CREATE_TAG}`;
    const overrides = { 'x-http-method-override': 'POST', 'x-method-override': 'POST' };
    const named = `/graphql?operationName=M&_method=POST&query=${encodeURIComponent(two)}`;
    for (const others of [{}, overrides, { 'apollo-require-preflight': '1' }]) {
      const init = { headers: headers(others) };
      for (const answer of [await get(CREATE_TAG, others), await send(init, named)]) {
        expect(verdictOf(answer)).toEqual([405, 'BAD_REQUEST']);
        expect(answer.headers.get('allow')).toBe('POST');
      }
    }
    expect(await tags()).toBe(0);
  });

  test('query by GET without the custom header', async () => {
    expect(verdictOf(await get('{ __typename }'))).toEqual([403, 'BAD_REQUEST']);
    expect(verdictOf(await send({ headers: headers() }, '/graphql'))).toEqual([403, 'BAD_REQUEST']);
    const answered = await get('{ __typename }', { 'apollo-require-preflight': '1' });
    expect(answered.body.data).toEqual({ __typename: 'Query' });
  });

  test('foreign Origin', async () => {
    const origin = 'https://evil.example';
    const preflight = { origin, 'access-control-request-method': 'POST' };
    const answers = [
      await post('{"query":"{ __typename }"}', { origin }),
      await get('{ __typename }', { origin }),
      await send({ method: 'OPTIONS', headers: preflight }),
      await post('{"query":"{ __typename }"}', { origin: 'null' }),
    ];

    for (const { headers: said } of answers) {
      const cors = [...said.keys()].filter((name) => name.startsWith('access-control-'));
      expect(cors).toEqual([]);
    }
    expect(answers.map(({ status }) => status)).toEqual([200, 403, 401, 200]);
  });

  test('batch array', async () => {
    const operation = { query: CREATE_TAG };
    for (const batch of [[], [operation], [operation, operation], [[operation]], [7]]) {
      expect(verdictOf(await post(JSON.stringify(batch)))).toEqual(BAD);
    }
    expect(await tags()).toBe(0);
  });

  test('syntax/validation error', async () => {
    const wrong = [
      '{ items(',
      '',
      '}',
      '{ nothing }',
      'fragment F on Item { id }',
      '{ item { id } }',
    ];
    wrong.push(`{ ${repeat(40, (index) => `x${index}`)} }`, `{ items(first: "${SECRET}") { a } }`);
    wrong.splice(-1, 1);
    for (const query of wrong) {
      const body = JSON.stringify({ query });
      const strict = await post(body, { accept: 'application/graphql-response+json' });
      const lenient = await post(body, { accept: 'application/json' });
      const stranger = await send({
        method: 'POST',
        headers: headers({ authorization: '' }),
        body,
      });
      expect(verdictOf(strict)).toEqual(BAD);
      expect(verdictOf(lenient)).toEqual([expect.any(Number), 'BAD_REQUEST']);
      expect([200, 400]).toContain(lenient.status);
      expect(codesOf(strict).length).toBeLessThanOrEqual(5);
      expect(verdictOf(stranger)).toEqual([401, 'UNAUTHENTICATED']);
    }
  });

  test('unknown or huge operationName', async () => {
    for (const operationName of [SECRET, '', 'x'.repeat(500_000), '__proto__', 'constructor']) {
      const answer = await ask(
        'query A { __typename } query B { __typename }',
        {},
        { operationName },
      );
      expect(verdictOf(answer)).toEqual(BAD);
    }
  });

  test('too many tokens, levels, aliases, directives, root fields; cost', async () => {
    const documents = [
      `{ nodes(ids: [${repeat(1000, () => '"x"')}]) { id } }`,
      `{ __typename } # ${'x'.repeat(50_000)}`,
      `{ categories { nodes { ${'parent { '.repeat(12)} id ${'} '.repeat(12)} } } }`,
      `{ tags { nodes { ${repeat(31, (index) => `a${index}: id`)} } } }`,
      `{ ${repeat(21, (index) => `a${index}: __typename`)} }`,
      `{ tags { nodes { ${repeat(21, () => 'id @skip(if: false)')} } } }`,
      '{ items(first: 100) { nodes { stockLevels(first: 100) { nodes { onHand } } } } }',
      `{ items(where: ${'{ not: '.repeat(60)} {} ${'}'.repeat(60)}) { totalCount } }`,
    ];
    for (const query of documents) expect(verdictOf(await ask(query))).toEqual(COMPLEX);
  });

  test('circular or doubling fragments', async () => {
    const circle = '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }';
    const doubling = `{ ...F0 } ${repeat(60, (i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`)}
      fragment F60 on Query { __typename }`;

    expect(codesOf(await ask(circle))).toEqual(['BAD_REQUEST']);
    expect((await ask(doubling)).body.data).toEqual({ __typename: 'Query' });
  });

  test('@defer/@stream', async () => {
    for (const query of [
      '{ ... @defer { __typename } }',
      '{ items { nodes @stream(initialCount: 1) { id } } }',
    ]) {
      const answer = await post(JSON.stringify({ query }), {
        accept: 'application/graphql-response+json',
      });
      expect(verdictOf(answer)).toEqual(BAD);
      expect(answer.body.errors[0].message).toMatch(/^Unknown directive "@(defer|stream)"/);
    }
  });

  test('unknown persisted hash; hash not of the text', async () => {
    const query = '{ __typename }';
    const sha256Hash = createHash('sha256').update(query).digest('hex');
    const persisted = (hash: unknown) => ({
      extensions: { persistedQuery: { version: 1, sha256Hash: hash } },
    });
    const only = (hash: unknown) => post(JSON.stringify(persisted(hash)));

    expect(verdictOf(await only(sha256Hash))).toEqual(BAD);
    expect((await ask(query, {}, persisted(sha256Hash))).status).toBe(200);
    // It was not stored when the text came along.
    expect(verdictOf(await only(sha256Hash))).toEqual(BAD);
    for (const hash of ['0'.repeat(64), SECRET, '', null, 7, {}]) {
      expect(verdictOf(await only(hash))).toEqual(BAD);
      expect(verdictOf(await ask(query, {}, persisted(hash)))).toEqual(BAD);
    }
  });

  test('page < 1 or > 100, bad, foreign or tampered cursor', async () => {
    const { items } = await http.server.run('{ items(first: 1) { pageInfo { endCursor } } }');
    const cursor: string = items.pageInfo.endCursor;
    const tampered = `${cursor.slice(0, -3)}AAA`;
    const pages = [
      'first: 0',
      'first: -1',
      'first: 101',
      'first: 2147483647',
      'last: 0',
      'last: 101',
    ];
    for (const page of [...pages, 'first: 1, last: 1']) {
      expect(codesOf(await ask(`{ items(${page}) { nodes { id } } }`))).toEqual(['BAD_REQUEST']);
    }
    const after = 'query ($after: String) { items(after: $after) { nodes { id } } }';
    const cursors = ['', 'x', SECRET, tampered, '\u0000', '😀', 'x'.repeat(100_000), "' or 1=1 --"];
    for (const bad of cursors)
      expect(codesOf(await ask(after, { after: bad }))).toEqual(['BAD_REQUEST']);
    const foreign = 'query ($after: String) { tags(after: $after) { nodes { id } } }';
    expect(codesOf(await ask(foreign, { after: cursor }))).toEqual(['BAD_REQUEST']);
    const order =
      'query ($after: String) { items(after: $after, orderBy: { field: NAME }) { nodes { id } } }';
    expect(codesOf(await ask(order, { after: cursor }))).toEqual(['BAD_REQUEST']);
  });

  test('unknown order/filter field', async () => {
    const order = 'query ($by: ItemOrder) { items(orderBy: $by) { totalCount } }';
    const where = 'query ($where: ItemWhere) { items(where: $where) { totalCount } }';
    for (const field of ['NOTHING', 'sku; drop table items', 'sku desc, (select 1)', 7, null, {}]) {
      expect(verdictOf(await ask(order, { by: { field } }))).toEqual(BAD);
    }
    for (const name of ['nothing', 'sku; drop table items', '__proto__', 'constructor']) {
      const text = `{"query":${JSON.stringify(where)},"variables":{"where":{"${name}":{"eq":"x"}}}}`;
      expect(verdictOf(await post(text))).toEqual(BAD);
    }
    expect((await http.server.run('{ items { totalCount } }')).items.totalCount).toBe(2);
  });

  test('SQL-looking, wildcard, NUL, lone-surrogate, 500 kB strings', async () => {
    const find = `query ($text: String!) {
      item(by: { sku: $text }) { sku }
      search: items(search: $text) { totalCount }
      starts: items(where: { sku: { startsWith: $text } }) { totalCount }
      equal: items(where: { name: { eq: $text } }) { totalCount }
    }`;
    const none = { search: { totalCount: 0 }, starts: { totalCount: 0 }, equal: { totalCount: 0 } };
    for (const text of [
      "' or '1'='1",
      "'); drop table items; --",
      '$1',
      '?',
      '%',
      '_',
      '%%',
      'X%',
      'B_L',
      '\\',
    ]) {
      expect((await ask(find, { text })).body.data).toMatchObject({ item: null, ...none });
    }
    const [sku] = ['50% "_\\" ROD; --'];
    expect((await ask(find, { text: sku })).body.data).toEqual({
      ...{ item: { sku }, search: { totalCount: 1 } },
      ...{ starts: { totalCount: 1 }, equal: { totalCount: 1 } },
    });
    const create = `mutation ($text: String!) { tagCreate(input: { name: $text }) { __typename } }`;
    for (const text of ['\u0000', 'BOLT\u0000', '\ud800', 'x\udc00', 'x'.repeat(500_000)]) {
      const found = await ask(find, { text });
      expect(codesOf(found).every((code) => code === 'BAD_REQUEST')).toBe(true);
      expect(found.body.data ?? {}).not.toMatchObject({ item: { sku: 'BOLT' } });
      const { body } = await ask(create, { text });
      expect(body.data).toEqual({ tagCreate: { __typename: 'InvalidInput' } });
    }
    expect(await tags()).toBe(0);
  });

  test('quantity 0, negative, fraction beyond the unit, > 2^53, NaN', async () => {
    const document = stockDocument('stockReceive');
    const receive = (quantity: unknown) => ({
      input: {
        idempotencyKey: crypto.randomUUID(),
        to: { code: 'A' },
        lines: [{ item: { sku: 'BOLT' }, quantity }],
      },
    });
    for (const quantity of ['0', '-1', '0.001', '90071992547409.92', '9'.repeat(30)]) {
      const { body } = await ask(document, receive(quantity));
      expect([quantity, body.data?.stockReceive]).toEqual([
        quantity,
        expect.objectContaining({ __typename: 'InvalidInput' }),
      ]);
    }
    for (const quantity of [
      'NaN',
      'Infinity',
      '1e3',
      '0x10',
      '١',
      '',
      ' ',
      '1,5',
      1.5,
      true,
      null,
      [],
      '9'.repeat(99),
    ]) {
      expect([quantity, ...verdictOf(await ask(document, receive(quantity)))]).toEqual([
        quantity,
        ...BAD,
      ]);
    }
    expect(await levels(http.server, 'BOLT')).toMatchObject({ A: '3' });
  });

  test("id malformed / of another type / another tenant's / missing", async () => {
    const other = await http.server.otherOrganization();
    const find =
      'query ($id: ID!) { node(id: $id) { id } category(id: $id) { id } movement(id: $id) { id } }';
    const theirs = http.server.as(other);
    const foreign = await createItem(theirs, 'THEIRS');
    const missing = Buffer.from('Item:999999').toString('base64');
    const answers = [];
    for (const id of [
      '',
      'x',
      '%',
      'SXRlbTo=',
      'SXRlbTp4',
      missing,
      foreign,
      '\u0000',
      'x'.repeat(100_000),
    ]) {
      answers.push((await ask(find, { id })).body.data);
    }
    const nothing = { node: null, category: null, movement: null };
    expect(answers).toEqual(answers.map(() => nothing));
    expect((await ask(find, { id: item })).body.data).toEqual({ ...nothing, node: { id: item } });
    const update = `mutation ($id: ID!) {
      itemUpdate(input: { item: { id: $id }, name: "x" }) { __typename ... on Error { code message path } }
    }`;
    const refusals = [];
    for (const id of ['x', missing, foreign]) refusals.push((await ask(update, { id })).body.data);
    expect(new Set(refusals.map((each) => JSON.stringify(each))).size).toBe(1);
    expect(refusals[0].itemUpdate.code).toBe('NOT_FOUND');
  });

  test('no token / bad, expired, revoked token', async () => {
    const expired = await http.server.member('OWNER');
    await http.execute(
      `update api_keys set expires_at = created_at where prefix = '${expired.key.slice(0, 9)}'`,
    );
    const revoked = await http.server.member('OWNER');
    await http.server.run(
      'mutation ($apiKey: ID!) { apiKeyRevoke(input: { apiKey: $apiKey }) { __typename } }',
      { apiKey: revoked.apiKey },
    );
    const texts = new Set<string>();
    for (const authorization of [
      ...['', 'Bearer', 'Bearer x', 'Basic eDp5', "Bearer qm_' or 1=1 --"],
      ...[generateApiKey(), `qm_${'a'.repeat(8000)}`, expired.key, revoked.key].map(bearer),
    ]) {
      const answer = await post('{"query":"{ __typename }"}', { authorization });
      expect(verdictOf(answer)).toEqual([401, 'UNAUTHENTICATED']);
      texts.add(answer.text);
    }
    expect(texts.size).toBe(1);
  });

  test('valid token, no right', async () => {
    const { key } = await http.server.member('VIEWER');
    const query = `mutation { tagCreate(input: { name: "x" }) { __typename } }`;
    const answer = await post(JSON.stringify({ query }), { authorization: bearer(key) });
    expect([answer.body.data, codesOf(answer)]).toEqual([{ tagCreate: null }, ['FORBIDDEN']]);
    expect(await tags()).toBe(0);
  });

  test('not enough stock', async () => {
    const before = await levels(http.server, 'BOLT');
    const lines = [{ item: { sku: 'BOLT' }, quantity: '3.01' }];
    const answer = await move(http.server, 'stockIssue', { from: { code: 'A' }, lines });

    expect(answer).toMatchObject({ __typename: 'InsufficientStock', code: 'INSUFFICIENT_STOCK' });
    expect(await levels(http.server, 'BOLT')).toEqual(before);
  });

  const receipt = (idempotencyKey: unknown, quantity = '1') => ({
    input: { idempotencyKey, to: { code: 'B' }, lines: [{ item: { sku: 'BOLT' }, quantity }] },
  });
  const RECEIVE = stockDocument('stockReceive');
  const receive = async (key: unknown, quantity?: string) =>
    (await http.post(RECEIVE, receipt(key, quantity))).body.data.stockReceive;
  const atB = async () => (await levels(http.server, 'BOLT'))['B'] ?? '0';

  test('I1 key missing where required', async () => {
    expect(verdictOf(await ask(RECEIVE, receipt(undefined)))).toEqual(BAD);
    expect(verdictOf(await ask(RECEIVE, receipt(null)))).toEqual(BAD);
    expect(await atB()).toBe('0');
  });

  test('I2 same key, same input, done: the first answer again; a refusal is not kept', async () => {
    const key = crypto.randomUUID();
    const first = await receive(key);
    const again = await receive(key);
    expect([first.replayed, again.replayed]).toEqual([false, true]);
    expect(again.movement).toEqual(first.movement);
    expect(await atB()).toBe('1');

    const refused = crypto.randomUUID();
    expect((await receive(refused, '-1')).code).toBe('INVALID_INPUT');
    expect((await receive(refused, '1')).replayed).toBe(false);
    expect(await atB()).toBe('2');
  });

  test('I3 same key, same input, in flight: waits for the first, and answers the same', async () => {
    const key = crypto.randomUUID();
    const before = Number(await atB());
    const answers = await Promise.all(Array.from({ length: 8 }, () => receive(key)));

    expect(new Set(answers.map(({ movement }) => movement.id)).size).toBe(1);
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(Number(await atB())).toBe(before + 1);
  });

  test('I4 same key, other input', async () => {
    const key = crypto.randomUUID();
    await receive(key);
    const before = await atB();
    expect(await receive(key, '2')).toMatchObject({
      __typename: 'IdempotencyMismatch',
      code: 'IDEMPOTENCY_MISMATCH',
    });
    expect(await atB()).toBe(before);
  });

  test('I5 same key, other account', async () => {
    const key = crypto.randomUUID();
    await receive(key);
    const other = await http.server.otherOrganization();
    const theirs = http.server.as(other);
    await createItem(theirs, 'BOLT');
    await createLocation(theirs, 'B');
    const answer = await move(theirs, 'stockReceive', receipt(key, '7').input);
    expect(answer).toMatchObject({ __typename: 'StockReceiveSuccess', replayed: false });
  });

  test('I6 key malformed or too long; keys never expire', async () => {
    const before = await atB();
    for (const key of ['', ' ', 'x'.repeat(256), 'x'.repeat(500_000), '\u0000', '\ud800']) {
      const answer = await ask(RECEIVE, receipt(key));
      expect(answer.body.data.stockReceive).toMatchObject({ code: 'INVALID_INPUT' });
    }
    expect(verdictOf(await ask(RECEIVE, receipt({})))).toEqual(BAD);
    expect(await atB()).toBe(before);
  });

  // On SQLite a writer waits six times 1.5 s for another process: `test/races.test.ts` has that.
  (database === 'sqlite' ? test.skip : test)(
    'serialization/deadlock after 5 tries; database down; pool full; overload',
    async () => {
      const before = await atB();
      const letGo = await holdWriters(http.server);
      const answer = await http.post(RECEIVE, receipt(crypto.randomUUID()));
      await letGo();

      expect(verdictOf(answer)).toEqual([503, 'UNAVAILABLE']);
      expect(answer.headers.get('retry-after')).toBe('1');
      expectHarmless(answer.text);
      expect(await atB()).toBe(before);
      expect((await receive(crypto.randomUUID())).replayed).toBe(false);
    },
  );

  test('slow headers or body: closed in time, others are served', async () => {
    const waiting = await startHttp(database, {}, 'info', { times: TIMES });
    const head = `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nauthorization: Bearer ${waiting.server.key}\r\n`;
    const slow = Array.from({ length: 50 }, (_, index) =>
      converse(waiting, index % 2 ? head : `${head}content-length: 500\r\n\r\n{"query":`),
    );
    expect((await waiting.post('{ __typename }')).status).toBe(200);

    for (const { status, text, ms } of await Promise.all(slow)) {
      expect(status).toBe(408);
      expectHarmless(text);
      expect(ms).toBeLessThan(TIMES.request + 1500);
    }
  });

  test('more than 20 subscriptions: there are none to be had, and nothing is streamed', async () => {
    const query = 'subscription { items { id } }';
    expect(codesOf(await ask(query))).toEqual(['BAD_REQUEST']);
    for (const accept of ['text/event-stream', 'multipart/mixed', 'image/png']) {
      for (const each of [query, '{ __typename }']) {
        const answer = await post(JSON.stringify({ query: each }), { accept });
        expect(verdictOf(answer)).toEqual([406, 'BAD_REQUEST']);
      }
    }
    const accept = 'text/event-stream, multipart/mixed, application/json';
    expect((await post('{"query":"{ __typename }"}', { accept })).status).toBe(200);
  });

  test.each([
    ['a filter', 'query ($x: ItemWhere) { items(where: $x) { totalCount } }', NOT],
    [
      'a JSON value',
      `mutation ($x: JSON) { itemCreate(input: { sku: "DEEP", name: "DEEP", attributes: $x }) { __typename } }`,
      LIST,
    ],
    ['a JSON object', 'query ($x: JSON) { __typename }', ['{"a":', '}']],
    ['a variable of another type', 'query ($x: ID!) { node(id: $x) { id } }', LIST],
    ['a variable that nobody declares', '{ __typename }', LIST],
  ] as const)('%s nested thousands of levels deep', async (_what, query, brackets) => {
    for (const count of [60, 2000, 10_000, 100_000]) {
      const value = nested(count, brackets, brackets === LIST ? '' : '{}');
      const body = `{"query":${JSON.stringify(query)},"variables":{"x":${value}}}`;
      expect([count, ...verdictOf(await post(body))]).toEqual([count, ...BAD]);
    }
    expect((await http.server.run('{ items { totalCount } }')).items.totalCount).toBe(2);
  });

  test('nothing of all this has touched the ledger', async () => {
    expect(await audit(http.server)).toEqual(CLEAN);
  });
});
