import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { generateApiKey } from '../src/access/api-key.service.ts';
import { ConfigError, readConfig } from '../src/config.ts';
import { runCommand } from './support/command.ts';
import {
  createDatabase,
  DATABASES,
  inTestDirectory,
  openDatabase,
  type TestDatabase,
} from './support/databases.ts';
import { freePort } from './support/postgres.ts';
import {
  addressOf,
  type Ending,
  quartermaster,
  startProcess,
  startQuartermaster,
} from './support/process.ts';

const PROGRAM = join(import.meta.dirname, '../bin/quartermaster.js');
const SALES = join(import.meta.dirname, 'data/sales.csv');
const IMPORT = ['import', '--preset', 'online-retail'];

type Settings = Readonly<Record<string, string>>;
type Written = Omit<Ending, 'signal'>;

/** Runs a command that must fail in one line, and gives the line. Progress may stand above it. */
async function failing(
  args: readonly string[],
  settings: Settings = {},
  run: (args: readonly string[], settings: Settings) => Promise<Written> = runCommand,
): Promise<string> {
  const { code, stdout, stderr } = await run(args, settings);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  const [last = '', ...above] = stderr.trimEnd().split('\n').reverse();
  expect(last).toMatch(/^quartermaster: \S/);
  expect(above.filter((line) => line !== '' && !line.startsWith('Reading ['))).toEqual([]);
  return last.replace('quartermaster: ', '');
}

// biome-ignore lint/suspicious/noExplicitAny: tests read whatever they asked for
async function ask(address: string, key: string, query: string): Promise<any> {
  const response = await fetch(address, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return { status: response.status, ...(await response.json()) };
}

/** The address of a PostgreSQL database that is not there. */
function missingPostgres(): string {
  const url = new URL(process.env['TEST_POSTGRES'] ?? '');
  url.pathname = `/quartermaster_missing_${crypto.randomUUID().slice(0, 8)}`;
  return url.href;
}

async function makeFile(text: string | Buffer): Promise<string> {
  const file = inTestDirectory(`file-${crypto.randomUUID()}`);
  await writeFile(file, text);
  return file;
}

const NOTHING = {
  organizations: 0,
  items: 0,
  movements: 0,
  movement_lines: 0,
  journal_entries: 0,
};

/** How many rows each of the tables has that an import writes. */
async function counts({ address }: TestDatabase): Promise<Record<string, number>> {
  const orm = await openDatabase(address);
  const tables = Object.keys(NOTHING);
  const selected = tables.map((table) => `(select count(*) from ${table}) as ${table}`);
  const [row] = await orm.em
    .getConnection()
    .execute<Record<string, unknown>[]>(`select ${selected.join(', ')}`);
  await orm.close();
  return Object.fromEntries(tables.map((table) => [table, Number(row?.[table])]));
}

describe('the command line', () => {
  test.each([
    [['--help'], /Usage: quartermaster .*serve.*import/s],
    [['serve', '--help'], /Usage: quartermaster serve.*DATABASE_URL/s],
    [['demo', '--help'], /Usage: quartermaster demo/],
    [['import', '--help'], /Usage: quartermaster import.*online-retail/s],
    [['backup', '--help'], /Usage: quartermaster backup.*Exit codes.*Examples/s],
  ])('%j helps', async (args, text) => {
    const { code, stdout, stderr } = await runCommand(args);

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(text);
  });

  test.each([
    [['frobnicate'], 'frobnicate'],
    [['serve', '--frobnicate'], '--frobnicate'],
    [IMPORT, "missing required argument 'file'"],
    [['import', 'x.csv'], '--preset'],
    [['import', 'x.csv', '--preset', 'frobnicate'], 'online-retail'],
    [[...IMPORT, 'x.csv', '--on-error', 'explode'], 'stop, skip'],
  ])('%j is called wrongly', async (args, named) => {
    const { code, stdout, stderr } = await runCommand(args);

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(named);
    expect(stderr).toMatch(/Try --help\.\n$/);
  });

  test.concurrent('says nothing of a reader who went, and that not all was told', async () => {
    const [node, program] = [process.execPath, PROGRAM];
    const script = `"${node}" "${program}" key create --help | true; exit "\${PIPESTATUS[0]}"`;
    const ending = await startProcess('bash', ['-c', script]).ended();

    expect(ending).toMatchObject({ code: 1, stdout: '', stderr: '' });
  });

  test.concurrent('without a command shows what there is', async () => {
    const { code, stderr } = await quartermaster([]);

    expect(code).toBe(2);
    expect(stderr).toContain('Usage: quartermaster');
  });

  test.each([
    ['DATABASE_URL', 'mysql://me:hunter2@host/db', 'got mysql:'],
    ['DATABASE_URL', 'hunter2', 'got no scheme'],
    ['DATABASE_URL', 'postgres://me:hunter2@host', 'postgres://user:password@host:port/database'],
    ['DATABASE_URL', 'postgres://me:hunter2@host:port/db', 'postgres://user:password@host:port'],
    ['DATABASE_URL', 'sqlite:', 'sqlite:path/to/file.db'],
    ['DATABASE_URL', 'sqlite::memory:', 'sqlite:path/to/file.db'],
    ['PORT', 'hunter2', 'whole number from 0 to 65535'],
    ['PORT', '65536', 'whole number from 0 to 65535'],
    ['PORT', '-1', 'whole number from 0 to 65535'],
    ['PORT', '80.5', 'whole number from 0 to 65535'],
    ['PORT', ' ', 'whole number from 0 to 65535'],
    ['POOL_SIZE', '0', 'whole number from 1 to 500'],
    ['LOG_LEVEL', 'loud', 'one of fatal, .*, debug'],
    ['LOG_SQL', 'maybe', '0 or 1'],
    ['LOG_REQUESTS', 'maybe', '0 or 1'],
    ['LOG_SLOW_MS', '0.5', 'whole number from 0 to 999999999'],
    ['METRICS_PORT', 'hunter2', 'whole number from 0 to 65535'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'localhost:4318/hunter2', 'such as http://localhost:4318'],
    ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'http://', 'such as http://localhost:4318'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', 'expected http/json'],
    ['OTEL_TRACES_SAMPLER', 'hunter2', 'one of always_on, .*, parentbased_traceidratio'],
    ['OTEL_TRACES_SAMPLER_ARG', '1.5', 'number from 0 to 1'],
    ['RATE_LIMIT', '-1', 'whole number from 0 to 999999999'],
    ['RATE_LIMIT_BURST', '4999', 'whole number from 5000 to 999999999'],
    ['STOP_DELAY', '301', 'whole number from 0 to 300'],
    ['PREPARED_STATEMENTS', 'maybe', '0 or 1'],
    ['QUARTERMASTER_API_KEY', 'qm_hunter2', 'qm_ and 43 or more letters and digits'],
  ])('%s=%s is refused by its name', (name, value, expected) => {
    const read = () => readConfig({ [name]: value });

    expect(read).toThrow(ConfigError);
    expect(read).toThrow(new RegExp(`^${name}: (?!.*hunter2).*${expected}`));
  });

  test.concurrent('a wrong setting ends the command in one line, and every wrong one is in it', async () => {
    const line = await failing(
      ['serve'],
      {
        DATABASE_URL: 'mysql://me:hunter2@host/db',
        PORT: 'x',
        QUARTERMASTER_API_KEY: 'qm_hunter2',
      },
      quartermaster,
    );

    expect(line).toMatch(/^DATABASE_URL: .*; PORT: .*; QUARTERMASTER_API_KEY: /);
    expect(line).not.toContain('hunter2');
  });

  test.each([
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' }, 'http://c:4318/v1/traces'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c/otel/' }, 'http://c/otel/v1/traces'],
    [
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a',
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://b/x',
      },
      'https://b/x',
    ],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c', OTEL_SDK_DISABLED: 'TRUE' }, undefined],
    [{ OTEL_TRACES_SAMPLER: 'always_on' }, undefined],
  ])('with %j traces are told to %s', (settings, url) => {
    expect(readConfig(settings).tracing?.url).toBe(url);
  });

  test('a setting that is empty counts as not there', () => {
    expect(readConfig({ PORT: '', DATABASE_URL: '' })).toEqual(readConfig({}));
    expect(readConfig({})).toEqual({
      database: { dialect: 'sqlite', file: 'quartermaster.db' },
      identityProvider: null,
      host: '127.0.0.1',
      port: 4000,
      logLevel: 'info',
      logSql: false,
      logRequests: false,
      logSlowMs: null,
      metrics: null,
      tracing: null,
      preparedStatements: true,
      poolSize: 6,
      rateLimit: { capacity: 5_000_000, perSecond: 500_000 },
      stopDelayMs: 0,
      ownerKey: undefined,
      production: false,
      behindTls: false,
      allowPlainHttp: false,
      corsOrigins: [],
      graphiql: true,
    });
  });

  test.concurrent('a Node that is too old is told so in one line', async () => {
    const pretend = `Object.defineProperty(process, 'versions', { value: { node: '20.19.0' } });
      Object.defineProperty(process, 'version', { value: 'v20.19.0' });`;
    const args = ['--import', `data:text/javascript,${encodeURIComponent(pretend)}`, PROGRAM];

    const ending = await startProcess(process.execPath, [...args, 'serve']).ended();

    expect(ending).toMatchObject({ code: 1, stdout: '' });
    expect(ending.stderr).toMatch(/^quartermaster needs Node 24 or later, this is v20\..*\n$/);
  });

  const systemNode = '/usr/bin/node';
  if (!existsSync(systemNode)) console.warn(`Skipped: there is no Node at ${systemNode}`);
  (existsSync(systemNode) ? test : test.skip)('the Node of the machine, if old, too', async () => {
    const { stdout } = await startProcess(systemNode, ['-p', 'process.versions.node']).ended();
    const ending = await startProcess(systemNode, [PROGRAM, '--help']).ended();

    if (Number(stdout.split('.')[0]) >= 24) expect(ending.code).toBe(0);
    else expect(ending).toMatchObject({ code: 1, stdout: '', stderr: needsNode(stdout) });
  });
});

const needsNode = (version: string) =>
  expect.stringMatching(
    new RegExp(`^quartermaster needs Node 24 or later, this is v${version.trim()}: [^\n]+\n$`),
  );

describe('a database that cannot be opened', () => {
  const commands = [['serve'], [...IMPORT, SALES]];

  test.each(commands)('%s: PostgreSQL that is down', async (...args) => {
    const port = await freePort();

    const line = await failing(args, { DATABASE_URL: `postgres://me:hunter2@127.0.0.1:${port}/x` });

    expect(line).toContain('The database cannot be opened');
    expect(line).toContain(`127.0.0.1:${port}`);
    expect(line).not.toContain('hunter2');
  });

  test('a host that nobody knows', async () => {
    const line = await failing(['serve'], { DATABASE_URL: 'postgres://me:hunter2@no.invalid/x' });

    expect(line).toContain('The database cannot be opened');
    expect(line).toContain('no.invalid');
    expect(line).not.toContain('hunter2');
  });

  test.each(commands)(
    '%s: a PostgreSQL database that is not there is not made',
    async (...args) => {
      const url = missingPostgres();
      const name = new URL(url).pathname.slice(1);

      const line = await failing(args, { DATABASE_URL: url });

      expect(line).toContain(`The database cannot be opened: database "${name}" does not exist`);
      const client = new pg.Client(process.env['TEST_POSTGRES']);
      await client.connect();
      const { rows } = await client.query('select from pg_database where datname = $1', [name]);
      await client.end();
      expect(rows).toEqual([]);
    },
  );

  test.concurrent('a password that is wrong', async () => {
    const url = new URL(process.env['TEST_POSTGRES'] ?? '');
    url.password = 'hunter2';

    const line = await failing(['serve'], { DATABASE_URL: url.href }, quartermaster);

    expect(line).toMatch(/The database cannot be opened: password authentication failed/);
    expect(line).not.toContain('hunter2');
  });

  test('a SQLite file in a directory that is not there', async () => {
    const file = inTestDirectory('nowhere/stock.db');

    const line = await failing(['serve'], { DATABASE_URL: `sqlite:${file}` });

    expect(line).toContain('The database cannot be opened');
    expect(line).toContain('directory does not exist');
  });

  test('a SQLite file that is a directory', async () => {
    const directory = inTestDirectory(`directory-${crypto.randomUUID()}`);
    await mkdir(directory);

    const line = await failing(['serve'], { DATABASE_URL: `sqlite:${directory}` });

    expect(line).toContain('The database cannot be opened');
  });

  test.concurrent('a file that is no SQLite database stays as it is', async () => {
    const text = 'This is a text file. '.repeat(500);
    const file = await makeFile(text);

    const line = await failing(['serve'], { DATABASE_URL: `sqlite:${file}` }, quartermaster);

    expect(line).toBe('The database cannot be opened: file is not a database');
    expect(await readFile(file, 'utf8')).toBe(text);
  });
});

describe('a port that cannot be had', () => {
  test('because it is taken', async () => {
    const database = await createDatabase('sqlite');
    const other = createServer();
    const port = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port));
    });
    try {
      const line = await failing(['serve'], { DATABASE_URL: database.url, PORT: String(port) });

      expect(line).toBe(`Port ${port} of 127.0.0.1 is taken: set PORT to another one.`);
    } finally {
      other.close();
    }
  });

  test.each(['no.invalid', '203.0.113.1'])('because the host %s is not here', async (host) => {
    const { url } = await createDatabase('sqlite');

    const line = await failing(['serve'], { DATABASE_URL: url, HOST: host, PORT: '0' });

    expect(line).toContain(`Cannot listen at ${host}`);
    expect(line).toContain('HOST');
  });
});

describe.each(DATABASES)('serve on %s', (name) => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createDatabase(name);
  });

  afterEach(() => database.drop());

  const serve = (settings: Settings = {}, ...args: string[]) =>
    startQuartermaster(['serve', ...args], { DATABASE_URL: database.url, PORT: '0', ...settings });

  test('shows the key and the link at the first start, and only then; SIGTERM ends it', async () => {
    const first = serve();
    const address = await addressOf(first);
    const [, key = ''] = await first.line(/^ {4}(qm_[A-Za-z0-9]{43})$/);
    const [, link = ''] = await first.line(/^ {4}(http:\S+\?key=\S+)$/);

    expect(link).toBe(`${address}?key=${key}`);
    const page = await fetch(link, { headers: { accept: 'text/html' } });
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('GraphiQL');
    expect(await ask(address, key, '{ items { totalCount } }')).toMatchObject({
      status: 200,
      data: { items: { totalCount: 0 } },
    });
    expect(await first.stop('SIGTERM')).toMatchObject({ code: 0, signal: null });

    const second = serve();
    const again = await addressOf(second);
    expect(await ask(again, key, '{ __typename }')).toMatchObject({ status: 200 });
    const ending = await second.stop('SIGINT');
    expect(ending).toMatchObject({ code: 0, signal: null });
    expect(ending.stdout + ending.stderr).not.toContain('qm_');
    expect(ending.stdout).toBe(`Quartermaster listens at ${again}\n`);
  });

  test('takes the key of the settings without showing it; a client that stays does not keep it', async () => {
    const key = generateApiKey();
    const server = serve({ QUARTERMASTER_API_KEY: key });
    const address = await addressOf(server);

    expect(await ask(address, key, '{ __typename }')).toMatchObject({ status: 200 });
    const started = performance.now();
    const { code, stdout, stderr } = await server.stop();
    expect(code).toBe(0);
    expect(performance.now() - started).toBeLessThan(5000);
    expect(stdout + stderr).not.toContain(key);
  });
});

describe('migrations at the start', () => {
  test('on SQLite a file is made and migrated', async () => {
    const file = inTestDirectory(`new-${crypto.randomUUID()}.db`);
    const server = startQuartermaster(['serve'], { DATABASE_URL: `sqlite:${file}`, PORT: '0' });
    await addressOf(server);

    expect(await server.stop()).toMatchObject({ code: 0, stderr: '' });
    expect(existsSync(file)).toBe(true);
  });

  test.each(DATABASES)(
    'on %s a database that a later version migrated is refused',
    async (name) => {
      const database = await createDatabase(name);
      const orm = await openDatabase(database.address);
      await orm.em.getConnection().execute(
        `insert into mikro_orm_migrations (name, executed_at)
          values ('Migration29990101000000', current_timestamp)`,
      );
      await orm.close();

      const line = await failing(['serve'], { DATABASE_URL: database.url, PORT: '0' });

      expect(line).toMatch(/later version.*Migration29990101000000.*docs\/operations\.md/);
      await database.drop();
    },
  );

  test.each([[['serve']], [[...IMPORT, SALES]]])(
    'on PostgreSQL %j asks for them, and --migrate applies them',
    async (args) => {
      const database = await createDatabase('postgresql', { migrated: false });
      const settings = { DATABASE_URL: database.url, PORT: '0' };

      const line = await failing(args, settings);
      expect(line).toMatch(/pending.*npx mikro-orm migration:up.*--migrate/);
      const orm = await openDatabase(database.address);
      const tables = await orm.em
        .getConnection()
        .execute(`select tablename from pg_tables where schemaname = 'public'`);
      await orm.close();
      const migrating = startQuartermaster([...args, '--migrate'], settings);
      if (args[0] === 'serve') await addressOf(migrating).then(() => migrating.stop());
      const ending = await migrating.ended();
      await database.drop();

      expect(tables.filter(({ tablename }) => tablename !== 'mikro_orm_migrations')).toEqual([]);
      expect(ending.code).toBe(0);
    },
  );
});

describe.each(DATABASES)('import on %s', (name) => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createDatabase(name);
  });

  afterEach(() => database.drop());

  const settings = () => ({ DATABASE_URL: database.url });
  const importFile = (file: string, ...args: string[]): Promise<Written> =>
    runCommand([...IMPORT, ...args, file], settings());

  test('reports what it did, shows the key once, and does nothing the second time', async () => {
    const first = await quartermaster([...IMPORT, SALES], settings());
    const after = await counts(database);
    const second = await importFile(SALES);

    expect(first).toMatchObject({ code: 0 });
    expect(first.stdout).toMatch(/^Lines +10 in 6 movements$/m);
    expect(first.stdout).toMatch(/^Movements +7 posted, 0 there already, 0 refused$/m);
    expect(first.stdout).toMatch(/^The owner's key, shown this once: qm_[A-Za-z0-9]{43}$/m);
    expect(after).toMatchObject({ organizations: 1, items: 5, movements: 7, movement_lines: 14 });
    expect(second).toMatchObject({ code: 0 });
    expect(second.stdout).toMatch(/^Movements +0 posted, 7 there already, 0 refused$/m);
    expect(second.stdout).not.toContain('qm_');
    expect(await counts(database)).toEqual(after);
  });

  test('stops at a bad line and writes nothing, or skips it if told to', async () => {
    const text = await readFile(SALES, 'utf8');
    const file = await makeFile(`${text}536370,71053,WHITE,many,2010-12-01 10:00:00,1,1,UK\n`);

    const line = await failing([...IMPORT, '--on-error', 'stop', file], settings());
    expect(line).toContain(`${file}, line 13, column Quantity: NOT_A_QUANTITY "many".`);
    expect(line).toContain('--on-error skip');
    expect(await counts(database)).toEqual(NOTHING);

    const skipped = await importFile(file, '--on-error', 'skip');
    expect(skipped.code).toBe(0);
    expect(skipped.stdout).toMatch(/^Bad lines +1$/m);
    expect(skipped.stdout).toContain('  line 13, column Quantity: NOT_A_QUANTITY "many"');
    expect(await counts(database)).toMatchObject({ items: 5, movements: 7, movement_lines: 14 });
  });
});

describe('a file that cannot be imported', () => {
  test.each([
    ['is missing', async () => inTestDirectory('missing.csv'), 'there is no such file'],
    ['is no CSV of sales', () => makeFile('a,b\n1,2\n'), 'missing columns: InvoiceNo'],
    ['is a picture', () => makeFile(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1])), 'not UTF-8 text'],
  ])('because it %s is named, and nothing is written', async (_what, make, message) => {
    const file = await make();
    const database = await createDatabase('sqlite');

    const line = await failing([...IMPORT, file], { DATABASE_URL: database.url });

    expect(line).toContain(file);
    expect(line).toContain(message);
    expect(await counts(database)).toEqual(NOTHING);
  });
});
