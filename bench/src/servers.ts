import { drizzleApi } from './apis/drizzle.ts';
import { limitApi } from './apis/limit.ts';
import { postgraphileApi } from './apis/postgraphile.ts';
import { quartermasterApi } from './apis/quartermaster.ts';
import type { Answer, Api, Ask } from './operations.ts';
import type { Prepared } from './setup/prepare.ts';
import { type ServerProcess, startServer } from './setup/process.ts';
import { API_KEY, serve } from './setup/quartermaster.ts';

/** A kind of server that can be measured. */
export interface ServerKind {
  readonly name: string;
  readonly title: string;
  readonly database: 'postgresql' | 'sqlite';
  readonly start: (prepared: Prepared) => Promise<ServerProcess>;
  readonly api: (ask: Ask, prepared: Prepared) => Promise<Api> | Api;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A server that runs and can be asked. */
export interface Running extends ServerProcess {
  readonly kind: ServerKind;
  readonly api: Api;
  readonly headers: Readonly<Record<string, string>>;
  readonly ask: Ask;
}

const program = (file: string, settings: (prepared: Prepared) => Record<string, string>) => ({
  start: (prepared: Prepared) =>
    startServer([`bench/src/servers/${file}`], {
      ...settings(prepared),
      GRAPHILE_ENV: 'production',
    }),
});
const onPostgres = ({ postgresUrl }: Prepared) => ({ DATABASE_URL: postgresUrl });
const onSqlite = ({ sqliteFile }: Prepared) => ({ SQLITE_FILE: sqliteFile });

const product = {
  api: quartermasterApi,
  headers: { authorization: `Bearer ${API_KEY}` },
} as const;

/** All that are measured. The names are what `--servers` takes. */
export const SERVERS: readonly ServerKind[] = [
  {
    ...{ name: 'quartermaster', title: 'Quartermaster', database: 'postgresql' },
    start: ({ postgresUrl }) => serve(postgresUrl),
    ...product,
  },
  {
    ...{ name: 'postgraphile', title: 'PostGraphile', database: 'postgresql' },
    ...program('postgraphile.ts', onPostgres),
    api: (ask, { base }) => postgraphileApi(ask, base),
  },
  {
    ...{ name: 'drizzle', title: 'Yoga + Pothos + Drizzle', database: 'postgresql' },
    ...program('drizzle/server.ts', onPostgres),
    api: (ask, { base }) => drizzleApi(ask, base),
  },
  {
    ...{ name: 'limit', title: 'The limit (bare SQL)', database: 'postgresql' },
    ...program('limit-postgres.ts', onPostgres),
    api: (_ask, { base }) => limitApi(base),
  },
  {
    ...{ name: 'quartermaster-sqlite', title: 'Quartermaster, SQLite', database: 'sqlite' },
    start: ({ sqliteFile }) => serve(`sqlite:${sqliteFile}`),
    ...product,
  },
  {
    ...{ name: 'limit-sqlite', title: 'The limit, SQLite', database: 'sqlite' },
    ...program('limit-sqlite.ts', onSqlite),
    api: (_ask, { base }) => limitApi(base),
  },
];

/** How long, in milliseconds, one request of a check may take. */
const ASK_MS = 30_000;

/** Starts a server, and learns how it is asked. */
export async function startKind(kind: ServerKind, prepared: Prepared): Promise<Running> {
  const server = await kind.start(prepared);
  const headers = { 'content-type': 'application/json', ...kind.headers };
  const ask: Ask = async (body) => {
    const response = await fetch(server.url, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(ASK_MS),
    });
    return (await response.json()) as Answer;
  };
  try {
    return { ...server, kind, headers, ask, api: await kind.api(ask, prepared) };
  } catch (error) {
    await server.stop();
    throw new Error(`${kind.name} cannot be asked: ${(error as Error).message}`, { cause: error });
  }
}
