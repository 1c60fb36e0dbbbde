import type { Logger } from 'pino';
import { findViewer, generateApiKey } from '../../src/access/api-key.service.ts';
import type { Viewer } from '../../src/access/viewer.ts';
import { type App, createApp } from '../../src/app.ts';
import { foundOrganization } from '../../src/cli/first-start.ts';
import { readConfig } from '../../src/config.ts';
import type { Orm } from '../../src/database/entity-manager.ts';
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

/** A server on a database of its own, without a socket. */
export interface TestServer extends Client {
  readonly app: App;
  readonly orm: Orm;
  readonly url: string;
  readonly owner: Viewer;
  readonly key: string;
  /** Makes another organization, and gives its owner's key. */
  otherOrganization(): Promise<string>;
  stop(): Promise<void>;
}

/** Starts a server on a new database with one organization. */
export async function startServer(
  name: DatabaseName,
  options: OpenOptions = {},
): Promise<TestServer> {
  const database = await createDatabase(name);
  const orm = await openDatabase(database.address, options);
  const key = generateApiKey();
  await found(orm, key);
  return serve(database, orm, { key, log: options.log });
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

async function serve(
  database: TestDatabase,
  orm: Orm,
  { key, log = silent }: { readonly key: string; readonly log?: Logger | undefined },
): Promise<TestServer> {
  const app = createApp(orm, log, { graphiql: true });
  const owner = await findViewer(orm.em.fork(), key);
  if (!owner) throw new Error('Nobody has the key');
  return {
    ...clientOf((request) => app.fetch('http://test/graphql', request), key),
    app,
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
