import type { Logger } from 'pino';
import type { Role } from '../../src/access/access.entity.ts';
import { findViewer, generateApiKey } from '../../src/access/api-key.service.ts';
import type { Permission } from '../../src/access/permissions.ts';
import type { RecentViewers } from '../../src/access/recent-viewers.ts';
import type { Viewer } from '../../src/access/viewer.ts';
import { viewersOf } from '../../src/access/viewers.ts';
import { type App, createApp } from '../../src/app.ts';
import { foundOrganization } from '../../src/cli/first-start.ts';
import { type IdentityProvider, readConfig } from '../../src/config.ts';
import type { Orm } from '../../src/database/entity-manager.ts';
import { type RateLimit, RateLimiter } from '../../src/http/rate-limit.ts';
import {
  createDatabase,
  type DatabaseName,
  type OpenOptions,
  openDatabase,
  silent,
  type TestDatabase,
} from './databases.ts';

/** An answer as it came over HTTP. */
interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever they asked for
  readonly data: any;
  readonly errors: readonly { message: string; path?: unknown; extensions: { code: string } }[];
  readonly extensions: { readonly trace: TraceExtension; readonly cost: CostExtension };
}

interface CostExtension {
  readonly requested: number;
  readonly limit: number;
}

interface TraceExtension {
  readonly count: number;
  readonly ms: number;
  readonly statements: readonly { sql: string; ms: number; rows: number; batch: number | null }[];
}

/** Whoever asks a server as its owner, with or without a socket between them. */
export interface Client {
  /** Sends an operation, and fails on any error. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever they asked for
  run(document: string, variables?: object): Promise<any>;
  /** Sends an operation, and gives the whole answer. */
  ask(document: string, variables?: object, headers?: Record<string, string>): Promise<Answer>;
}

/** What the key of a member is to be. */
interface KeyOptions {
  readonly role?: Role;
  readonly scopes?: readonly Permission[];
  readonly expiresAt?: string;
}

/** A client who shows the key of a member. */
export interface Member extends Client {
  readonly key: string;
  /** Ids, as the API gives them. */
  readonly apiKey: string;
  readonly membership: string;
  readonly user: string;
}

/** A server on a database of its own, without a socket. */
export interface TestServer extends Client {
  readonly app: App;
  readonly viewers: RecentViewers;
  readonly limiter: RateLimiter | null;
  readonly orm: Orm;
  readonly url: string;
  readonly owner: Viewer;
  readonly key: string;
  /** Makes another organization, and gives its owner's key. */
  otherOrganization(): Promise<string>;
  /** Whoever shows a key. */
  as(key: string): Client;
  /** Makes a member of the organization, and a key, and gives the client that shows it. */
  member(role: Role, key?: KeyOptions): Promise<Member>;
  stop(): Promise<void>;
}

interface StartOptions extends OpenOptions {
  readonly identityProvider?: IdentityProvider;
  /** What the requests of a key may cost: as much as they like, unless said. */
  readonly rateLimit?: RateLimit;
}

/** Starts a server on a new database with one organization. */
export async function startServer(
  name: DatabaseName,
  { identityProvider, rateLimit, ...options }: StartOptions = {},
): Promise<TestServer> {
  const database = await createDatabase(name);
  const orm = await openDatabase(database.address, options);
  const key = generateApiKey();
  await found(orm, key);
  return serve(database, orm, { key, log: options.log, identityProvider, rateLimit });
}

/** Starts a server on a database that has an organization, whose owner has a key. */
export async function openServer(database: TestDatabase, key: string): Promise<TestServer> {
  return serve(database, await openDatabase(database.address), { key });
}

/** Starts another server on the database of a server, as another process would. */
export async function openBeside({ url, key }: TestServer): Promise<TestServer> {
  const { database: address } = readConfig({ DATABASE_URL: url });
  return openServer({ address, url, drop: () => Promise.resolve() }, key);
}

const found = (orm: Orm, ownerKey: string): Promise<Viewer> =>
  orm.em.fork().transactional((em) => foundOrganization(em, { name: 'Test', ownerKey }));

interface Serving {
  readonly key: string;
  readonly log?: Logger | undefined;
  readonly identityProvider?: IdentityProvider | null | undefined;
  readonly rateLimit?: RateLimit | undefined;
}

async function serve(
  database: TestDatabase,
  orm: Orm,
  { key, log = silent, identityProvider = null, rateLimit }: Serving,
): Promise<TestServer> {
  const viewers = viewersOf(orm, identityProvider);
  const limiter = rateLimit ? new RateLimiter(rateLimit) : null;
  const app = createApp(orm, log, { viewers, limiter, graphiql: true });
  const owner = await findViewer(orm.em.fork(), key);
  if (!owner) throw new Error('Nobody has the key');
  const as = (shown: string) =>
    clientOf((request) => app.fetch('http://test/graphql', request), shown);
  const client = as(key);
  return {
    ...client,
    as,
    member: async (role, options) => {
      const made = await makeMember(client, role, options);
      return { ...as(made.key), ...made };
    },
    app,
    viewers,
    limiter,
    orm,
    url: database.url,
    owner,
    key,
    otherOrganization: async () => {
      const other = generateApiKey();
      await found(orm, other);
      return other;
    },
    stop: async () => {
      await orm.close();
      await database.drop();
    },
  };
}

/** Makes a member with a key, as owners do. */
async function makeMember(owner: Client, role: Role, options: KeyOptions = {}) {
  const { membershipCreate } = await owner.run(
    `mutation ($input: MembershipCreateInput!) {
      membershipCreate(input: $input) {
        ... on MembershipCreateSuccess { membership { id user { id } } }
      }
    }`,
    { input: { name: role, role } },
  );
  const { id: membership, user } = membershipCreate.membership;
  const { apiKeyCreate } = await owner.run(
    `mutation ($input: ApiKeyCreateInput!) {
      apiKeyCreate(input: $input) { ... on ApiKeyCreateSuccess { key apiKey { id } } }
    }`,
    { input: { membership, name: role, ...options } },
  );
  return { membership, user: user.id, key: apiKeyCreate.key, apiKey: apiKeyCreate.apiKey.id };
}

type Send = (request: RequestInit) => Response | Promise<Response>;

/** A client that shows a key, and sends its requests in a way of its own. */
export function clientOf(send: Send, key: string): Client {
  const ask: Client['ask'] = async (query, variables, headers) => {
    const response = await send({
      method: 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        'x-trace': 'sql',
        ...headers,
      },
      body: JSON.stringify({ query, variables }),
    });
    const answer = (await response.json()) as Omit<Answer, 'status'>;
    return { ...answer, status: response.status, errors: answer.errors ?? [] };
  };
  const run: Client['run'] = async (document, variables) => {
    const { data, errors } = await ask(document, variables);
    if (errors.length > 0) throw new Error(`Refused: ${JSON.stringify(errors)}`);
    return data;
  };
  return { ask, run };
}
