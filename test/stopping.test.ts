import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { generateApiKey } from '../src/access/api-key.service.ts';
import { createDatabase, DATABASES, openDatabase, type TestDatabase } from './support/databases.ts';
import { holdWriters } from './support/holding.ts';
import { KeptConnection } from './support/kept-connection.ts';
import { addressOf, startQuartermaster } from './support/process.ts';
import { stopUnderLoad } from './support/stop-under-load.ts';
import { until } from './support/until.ts';

const CREATE = 'mutation ($name: String!) { tagCreate(input: { name: $name }) { __typename } }';

describe.each(DATABASES)('serve that is told to stop on %s', (name) => {
  const key = generateApiKey();
  let database: TestDatabase;
  let connections: KeptConnection[];

  beforeEach(async () => {
    database = await createDatabase(name);
    connections = [];
  });

  afterEach(async () => {
    for (const each of connections) each.close();
    await database.drop();
  });

  async function serve(settings: Record<string, string> = {}) {
    const server = startQuartermaster(['serve'], {
      ...{ DATABASE_URL: database.url, PORT: '0', QUARTERMASTER_API_KEY: key },
      ...settings,
    });
    return { server, address: await addressOf(server) };
  }

  /** A connection that was used already. */
  async function connect(address: string): Promise<KeptConnection> {
    const connection = new KeptConnection(address, key);
    connections.push(connection);
    expect((await connection.post('{ __typename }')).status).toBe(200);
    return connection;
  }

  const isRefused = (address: string) =>
    fetch(address).then(
      () => false,
      (error) => error.cause?.code === 'ECONNREFUSED',
    );

  async function tags(): Promise<string[]> {
    const orm = await openDatabase(database.address);
    const rows = await orm.em.getConnection().execute<{ name: string }[]>('select name from tags');
    await orm.close();
    return rows.map((row) => row.name).sort();
  }

  /** Waits until a server says that it is not ready, to somebody new. */
  const isNotReady = (address: string) =>
    until('it is not ready', async () => {
      return (await fetch(new URL('/readyz', address))).status === 503;
    });

  test('says first that it is not ready, then takes nobody new, and answers what is under way', async () => {
    const { server, address } = await serve({ STOP_DELAY: '1' });
    const [writer, idle] = [await connect(address), await connect(address)];
    const release = await holdWriters({ url: database.url });
    const held = writer.post(CREATE, { name: 'held' });

    const ended = server.stop('SIGTERM');
    await isNotReady(address);
    const late = await connect(address);
    const alive = await fetch(new URL('/healthz', address));
    await until('nobody new is taken', () => isRefused(address));
    const kept = await idle.post('{ __typename }');
    await release();
    const answer = await held;

    expect(alive.status).toBe(200);
    for (const each of [kept, answer]) {
      expect([each.status, each.headers.connection]).toEqual([200, 'close']);
    }
    expect(answer.body.data).toEqual({ tagCreate: { __typename: 'TagCreateSuccess' } });
    await expect(late.get('/healthz')).rejects.toThrow('ECONNREFUSED');
    expect(await ended).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect(await tags()).toEqual(['held']);
  });

  test('under load: loses no request, and what it acknowledged is stored', async () => {
    const { server, address } = await serve();

    const load = { address, key, clients: 16, ms: 1000 };
    const { acknowledged, lost, told, ending, endedMs } = await stopUnderLoad(server, load);

    expect(lost).toEqual([]);
    expect(told).toBe(16);
    expect(ending).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect(endedMs).toBeLessThan(10_000);
    expect(acknowledged.length).toBeGreaterThan(16);
    expect(await tags()).toEqual([...acknowledged].sort());
  });

  test('ends at once at the second signal, whichever it is', async () => {
    const { server, address } = await serve({ STOP_DELAY: '1' });
    const writer = await connect(address);
    const release = await holdWriters({ url: database.url });
    const held = writer.post(CREATE, { name: 'held' }).catch(() => 'lost');

    const ended = server.stop('SIGTERM');
    await isNotReady(address);
    await server.stop('SIGINT');
    await release();

    expect(await ended).toMatchObject({ code: null, signal: 'SIGINT' });
    expect(await held).toBe('lost');
    expect(await tags()).toEqual([]);
  });
});
