import type {
  IncomingMessage,
  OutgoingHttpHeaders,
  RequestListener,
  ServerResponse,
} from 'node:http';
import {
  type DocumentNode,
  type ExecutionArgs,
  execute,
  GraphQLError,
  getOperationAST,
  getVariableValues,
} from 'graphql';
import type { Logger } from 'pino';
import { bearerOf } from './access/authentication.ts';
import type { RecentViewers } from './access/recent-viewers.ts';
import { type App, GRAPHQL_PATH, requestContext } from './app.ts';
import type { Orm } from './database/entity-manager.ts';
import { Documents } from './graphql/documents.ts';
import { httpOf, maskError, withCode } from './graphql/faults.ts';
import { LIMITS } from './graphql/limits.ts';
import { isNestedDeeper } from './graphql/nesting.ts';
import { answerByPlan, planOf } from './graphql/plan/execute.ts';
import { type Cost, priceOf } from './graphql/price.ts';
import { schema } from './graphql/schema.ts';
import { TRACE_HEADER } from './graphql/trace-extension.ts';
import { MAX_BODY } from './http/form.ts';
import { cancellationFor } from './http/request-time.ts';

/** The types that an answer can have, by what a request accepts. */
const ANSWER_TYPES: Readonly<Record<string, string>> = {
  '*/*': 'application/json; charset=utf-8',
  'application/json': 'application/json; charset=utf-8',
  'application/graphql-response+json': 'application/graphql-response+json; charset=utf-8',
};

const JSON_BODY = /^application\/json(; ?charset=utf-8)?$/i;

/** What answers need besides the request. */
interface Answering {
  readonly orm: Orm;
  readonly documents: Documents;
  readonly viewers: RecentViewers;
  readonly mask: ReturnType<typeof maskError>;
}

/**
 * Answers what most requests are, a valid operation in a small JSON body by somebody with a key,
 * straight from Node's request: a query by its plan, a mutation by the executor. Everything else goes
 * to the app as it came: other methods and types, documents that are not valid or have directives,
 * variables that cannot be used, what asks for too much, keys that nobody has, queries without a plan, and those that fail.
 */
export function listenerFor(
  orm: Orm,
  app: App,
  log: Logger,
  viewers: RecentViewers,
): RequestListener {
  const answering = {
    ...{ orm, documents: new Documents(schema), viewers },
    mask: maskError(log),
  };
  return (request, response) => {
    const type = answerType(request);
    if (!type) return void app(request, response);
    readBody(request, (body) => {
      answer(answering, request, body)
        .catch((error: unknown) => failed([answering.mask(error)]))
        .then((answered) => {
          // Its time was over, and it was told so.
          if (response.writableEnded) return undefined;
          if (answered === null) return forward(app, request, response, body);
          const { text, http: { status, headers } = OK } = answered;
          response.writeHead(status, {
            ...headers,
            'content-type': type,
            'content-length': Buffer.byteLength(text),
          });
          response.end(text);
          return undefined;
        })
        .catch((error: Error) => response.destroy(error));
    });
  };
}

/** The type of the answer, if the request is one of those that are answered here. */
function answerType({ method, url, headers }: IncomingMessage): string | undefined {
  if (method !== 'POST' || url !== GRAPHQL_PATH) return undefined;
  const length = Number(headers['content-length'] ?? Number.NaN);
  const isPlain =
    JSON_BODY.test(headers['content-type'] ?? '') &&
    length <= MAX_BODY &&
    headers['content-encoding'] === undefined &&
    headers['transfer-encoding'] === undefined &&
    headers[TRACE_HEADER] === undefined;
  return isPlain ? ANSWER_TYPES[headers.accept ?? '*/*'] : undefined;
}

/** Reads a body whose length was checked. One that ends early belongs to nobody who waits. */
function readBody(request: IncomingMessage, done: (body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () =>
    done(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)),
  );
}

/** A body, and how HTTP tells it where it is no answer. */
interface Answered {
  readonly text: string;
  readonly http?: { readonly status: number; readonly headers: OutgoingHttpHeaders };
}

const OK = { status: 200, headers: {} };
const BROKEN = { status: 500, headers: {} };

/** The answer; null when the app has to answer, and nothing was done. */
async function answer(
  answering: Answering,
  request: IncomingMessage,
  body: Buffer,
): Promise<Answered | null> {
  const { orm, documents, viewers, mask } = answering;
  const asked = parseBody(body);
  const document = asked && documents.read(asked.query);
  if (!document) return null;
  const { operationName, variables } = asked;
  const price = priceOf(schema, document, operationName, variables);
  if (!price?.cost || price.refusal) return null;
  const mutates = isPlainMutation(document, operationName);
  if (!mutates && !planOf(schema, document, operationName)) return null;
  const key = bearerOf(request.headers.authorization);
  const viewer = key === null ? null : await viewers.find(key).catch(() => null);
  if (!viewer) return null;
  const contextValue = requestContext(orm, viewer, false, cancellationFor(request));
  const args = { schema, document, operationName, variableValues: variables, contextValue };
  if (mutates) return mutate(answering, args, price.cost);
  const data = await answerByPlan(args).catch(mask);
  if (data === null) return null;
  if (data instanceof GraphQLError) return failed([data]);
  return { text: `{"data":${data},"extensions":${JSON.stringify({ cost: price.cost })}}` };
}

/** Whether an operation is a mutation whose fields have transactions of their own. */
function isPlainMutation(document: DocumentNode, name: string | null | undefined): boolean {
  const operation = getOperationAST(document, name);
  return operation?.operation === 'mutation' && operation.directives?.length === 0;
}

/** Runs a mutation as the app would, with the same errors. */
async function mutate(
  { mask }: Answering,
  args: ExecutionArgs,
  cost: Cost,
): Promise<Answered | null> {
  const operation = getOperationAST(args.document, args.operationName);
  const definitions = operation?.variableDefinitions ?? [];
  if (getVariableValues(schema, definitions, args.variableValues ?? {}).errors) return null;
  const { errors, data } = await execute(args);
  const extensions = { cost };
  if (!errors) return { text: JSON.stringify({ data, extensions }) };
  return failed(errors.map(mask), { data, extensions });
}

/** Errors that were masked, as an answer, and what else there is to tell: nothing, if nothing was run. */
function failed(errors: readonly GraphQLError[], others?: object): Answered {
  const { http, told } = httpOf(errors.map(withCode));
  const text = JSON.stringify({ errors: told, ...others });
  return { text, http: http ?? (others ? OK : BROKEN) };
}

interface Asked {
  readonly query: string;
  readonly operationName?: string | null;
  readonly variables?: Readonly<Record<string, unknown>> | null;
}

const MEMBERS = new Set(['query', 'operationName', 'variables']);

/** What a body asks for; null when it asks in another way. */
function parseBody(body: Buffer): Asked | null {
  let asked: unknown;
  try {
    asked = JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
  if (!isRecord(asked) || !Object.keys(asked).every((name) => MEMBERS.has(name))) return null;
  const { query, operationName, variables } = asked;
  const named = operationName === undefined || operationName === null;
  if (typeof query !== 'string' || !(named || typeof operationName === 'string')) return null;
  const varied = variables === undefined || variables === null || isRecord(variables);
  if (!varied || isNestedDeeper(variables, LIMITS.values)) return null;
  return asked as unknown as Asked;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Has the app answer a request whose body was read. */
async function forward(
  app: App,
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
): Promise<void> {
  const { host = 'localhost', ...headers } = request.headers as Record<string, string>;
  const url = `http://${host}${request.url}`;
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  const init = { method: 'POST', headers, body, signal: controller.signal };
  const answered = await app.fetch(url, init, { req: request });
  if (response.writableEnded) return;
  response.writeHead(answered.status, Object.fromEntries(answered.headers));
  response.end(Buffer.from(await answered.arrayBuffer()));
}
