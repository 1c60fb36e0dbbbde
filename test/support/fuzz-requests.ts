import fc from 'fast-check';
import { schema } from '../../src/graphql/schema.ts';
import { OperationMaker } from './fuzz-documents.ts';
import { randomNumbers } from './load.ts';

/** A request as it is sent: by Node's client, or, with no method, as bytes. */
export interface FuzzedRequest {
  readonly method: string | null;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const JSON_HEADERS = { 'content-type': 'application/json' };

/** Operations from the schema, valid and nearly so. They shrink to others, not to smaller ones. */
const operation = fc.nat().map((seed) => new OperationMaker(schema, randomNumbers(seed)).make());

/** A text with some of it left out, repeated, or replaced. */
const damaged = (texts: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(
      texts,
      fc.nat(),
      fc.nat({ max: 12 }),
      fc.string({ unit: 'binary', maxLength: 4 }),
      fc.boolean(),
    )
    .map(([text, place, length, instead, repeats]) => {
      const at = place % (text.length + 1);
      const rest = text.slice(at + (repeats ? 0 : length));
      return text.slice(0, at) + (repeats ? text.slice(at, at + length) : instead) + rest;
    });

const accept = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.constantFrom('application/json', 'application/graphql-response+json', '*/*'),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('text/event-stream', 'multipart/mixed', 'image/png', '', 'x;q=0'),
  },
);

const headers = fc.dictionary(
  fc.constantFrom(
    ...[
      'accept',
      'content-type',
      'content-encoding',
      'origin',
      'x-trace',
      'apollo-require-preflight',
    ],
    ...[
      'host',
      'accept-encoding',
      'expect',
      'x-http-method-override',
      'if-none-match',
      'range',
      'cookie',
    ],
    ...[
      'x-forwarded-for',
      'upgrade',
      'te',
      'traceparent',
      'x-request-id',
      'access-control-request-method',
    ],
  ),
  fc.oneof(
    fc.constantFrom(
      'application/json',
      'application/json; charset=utf-8',
      'sql',
      'gzip',
      'text/html',
    ),
    fc.constantFrom(
      '100-continue',
      'POST',
      'null',
      'https://evil.example',
      'websocket',
      'h2c',
      '*',
    ),
    fc.string({ unit: 'grapheme-ascii', maxLength: 30 }),
  ),
  { maxKeys: 4 },
);

const posted = fc.record({
  method: fc.constant('POST'),
  path: fc.constant('/graphql'),
  headers: accept.map((value): Record<string, string> => ({ ...JSON_HEADERS, accept: value })),
  body: operation.map((each) => JSON.stringify(each)),
});

const text = operation.map(({ query }) => query);

/** What else may be in the body beside an operation, or instead of it. */
const strange = fc.record(
  {
    query: fc.oneof(text, damaged(text), fc.anything()),
    variables: fc.oneof(fc.jsonValue({ maxDepth: 4 }), fc.constant(null)),
    operationName: fc.oneof(fc.string(), fc.jsonValue()),
    extensions: fc.oneof(
      fc.jsonValue(),
      fc.record({ persistedQuery: fc.record({ version: fc.nat(), sha256Hash: fc.string() }) }),
    ),
  },
  { requiredKeys: [] },
);

const body = fc.oneof(
  damaged(posted.map((each) => each.body)),
  fc.oneof(strange, fc.array(strange, { maxLength: 3 }), fc.jsonValue()).map(stringify),
  fc.json({ maxDepth: 6 }),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc
    .tuple(fc.constantFrom('[', '{"a":', '{"query":"', '"'), fc.nat({ max: 3000 }))
    .map(([each, count]) => each.repeat(count)),
);

/** fast-check makes values that JSON has no text for. */
function stringify(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return String(Object.keys(Object(value)));
  }
}

const path = fc.oneof(
  fc.constantFrom(
    '/graphql',
    '/graphql/',
    '/healthz',
    '/readyz',
    '/',
    '//graphql',
    '/graphql?',
    '/%',
  ),
  fc.webPath().map((each) => `/${each}`),
  fc.webQueryParameters().map((each) => `/graphql?${each}`),
  fc
    .tuple(operation, fc.constantFrom('variables', 'extensions', 'operationName'))
    .map(
      ([each, name]) =>
        `/graphql?query=${encodeURIComponent(each.query.toWellFormed())}&${name}=${encodeURIComponent(JSON.stringify(each.variables).toWellFormed())}`,
    ),
);

const odd = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'QUERY'),
  path,
  headers,
  body: fc.oneof(fc.constant(''), body),
});

const got = fc.record({
  method: fc.constant('GET'),
  path,
  headers: fc.constant({ 'apollo-require-preflight': '1' }),
  body: fc.constant(''),
});

const HEAD =
  'POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 24\r\n\r\n{"query":"{__typename}"}';

const bytes = fc.record({
  method: fc.constant(null),
  path: fc.constant(''),
  headers: fc.constant({}),
  body: fc.oneof(damaged(damaged(fc.constant(HEAD))), fc.string({ unit: 'binary', maxLength: 80 })),
});

/** Requests of every kind: operations most of all, since they get the furthest. */
export const fuzzedRequests: fc.Arbitrary<FuzzedRequest> = fc.oneof(
  { weight: 12, arbitrary: posted },
  {
    weight: 3,
    arbitrary: fc.record({
      method: fc.constant('POST'),
      path: fc.constant('/graphql'),
      headers: fc.constant(JSON_HEADERS),
      body,
    }),
  },
  { weight: 2, arbitrary: got },
  { weight: 2, arbitrary: odd },
  { weight: 1, arbitrary: bytes },
);
