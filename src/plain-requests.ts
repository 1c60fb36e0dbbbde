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
import { type App, requestContext } from './app.ts';
import type { Orm } from './database/entity-manager.ts';
import { Documents } from './graphql/documents.ts';
import { httpOf, maskError, withCode } from './graphql/faults.ts';
import { LIMITS } from './graphql/limits.ts';
import { isNestedDeeper } from './graphql/nesting.ts';
import { answerByPlan, planOf } from './graphql/plan/execute.ts';
import { priceOf } from './graphql/price.ts';
import { schema } from './graphql/schema.ts';
import { type Charge, Missing, takeCharge } from './http/charge.ts';
import { Gate, type GateLimits } from './http/gate.ts';
import { isForMachines } from './http/machines.ts';
import { refuseForNow } from './http/overload.ts';
import type { RateLimiter } from './http/rate-limit.ts';
import { noteCode } from './http/request-facts.ts';
import { cancellationFor } from './http/request-time.ts';
import { answerType, readBody } from './plain-bodies.ts';

/** What answers need besides the request. */
interface Answering {
  readonly orm: Orm;
  readonly app: App;
  readonly documents: Documents;
  readonly viewers: RecentViewers;
  readonly limiter: RateLimiter | null;
  readonly mask: ReturnType<typeof maskError>;
}

interface ListenerOptions {
  readonly viewers: RecentViewers;
  readonly limiter: RateLimiter | null;
  /** How many requests may be under way, and wait. */
  readonly gate: GateLimits;
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
  { viewers, limiter, gate: limits }: ListenerOptions,
): RequestListener {
  const documents = new Documents(schema);
  const answering = { orm, app, documents, viewers, limiter, mask: maskError(log) };
  // Bodies of others are read by the app, in their own time: who sends slowly keeps nobody else waiting.
  const [plain, others] = [new Gate(limits), new Gate(limits)];
  return (request, response) => {
    if (isForMachines(request)) return void app(request, response);
    const type = answerType(request);
    const gate = type ? plain : others;
    if (gate.isFull) return refuseForNow(response);
    if (!type) return gate.enter(async () => app(request, response));
    readBody(request, (body) => {
      if (gate.isFull) refuseForNow(response);
      else gate.enter(() => answerPlain(answering, { request, response, type, body }));
    });
  };
}

/** A request whose body was read. */
interface Plain {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly type: string;
  readonly body: Buffer;
}

async function answerPlain(
  answering: Answering,
  { request, response, type, body }: Plain,
): Promise<void> {
  // Whoever waited may have gone.
  if (response.destroyed) return;
  try {
    const answered = await answer(answering, request, body).catch((error: unknown) =>
      failed([answering.mask(error)]),
    );
    // Its time was over, and it was told so.
    if (response.writableEnded) return;
    if (answered === null) return await forward(answering.app, request, response, body);
    const { text, code, http: { status, headers } = OK } = answered;
    noteCode(request, code);
    response.writeHead(status, {
      ...headers,
      'content-type': type,
      'content-length': Buffer.byteLength(text),
    });
    response.end(text);
  } catch (error) {
    response.destroy(error as Error);
  }
}

/** A body, and how HTTP tells it where it is no answer. */
interface Answered {
  readonly text: string;
  /** The code of its first error. */
  readonly code?: unknown;
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
  const { orm, documents, viewers, limiter } = answering;
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
  const { cost, work } = price;
  const { trace } = contextValue;
  const operation = { document, operationName, viewer, trace, request, cost, work };
  const charge = takeCharge(limiter, operation);
  if (charge instanceof Missing) return refused(charge);
  const run = mutates ? mutate : query;
  const answered = await run(answering, args, charge);
  if (answered === null) charge.cancel();
  return answered;
}

/** Says that a key has used too much. */
function refused({ error, cost, http }: Missing): Answered {
  const { told } = httpOf([error]);
  const text = JSON.stringify({ errors: told, extensions: { cost } });
  return { text, code: error.extensions['code'], http };
}

/** Answers a query by its plan. */
async function query(
  { mask }: Answering,
  args: ExecutionArgs,
  charge: Charge,
): Promise<Answered | null> {
  const data = await answerByPlan(args).catch(mask);
  if (data === null) return null;
  const cost = charge.settle();
  if (data instanceof GraphQLError) return failed([data]);
  return { text: `{"data":${data},"extensions":${JSON.stringify({ cost })}}` };
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
  charge: Charge,
): Promise<Answered | null> {
  const operation = getOperationAST(args.document, args.operationName);
  const definitions = operation?.variableDefinitions ?? [];
  if (getVariableValues(schema, definitions, args.variableValues ?? {}).errors) return null;
  const { errors, data } = await execute(args);
  const extensions = { cost: charge.settle() };
  if (!errors) return { text: JSON.stringify({ data, extensions }) };
  return failed(errors.map(mask), { data, extensions });
}

/** Errors that were masked, as an answer, and what else there is to tell: nothing, if nothing was run. */
function failed(errors: readonly GraphQLError[], others?: object): Answered {
  const { http, told } = httpOf(errors.map(withCode));
  const text = JSON.stringify({ errors: told, ...others });
  const code = errors[0]?.extensions['code'];
  return { text, code, http: http ?? (others ? OK : BROKEN) };
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
