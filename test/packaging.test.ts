import { existsSync, globSync } from 'node:fs';
import { appendFile, cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { stop as endEsbuild } from 'esbuild';
import {
  buildClientSchema,
  buildSchema,
  type GraphQLSchema,
  getIntrospectionQuery,
  lexicographicSortSchema,
  printSchema,
} from 'graphql';
import { parse } from 'yaml';
import { hashOfSources, runsBuild, STAMP } from '../bin/sources.js';
import { build, READ_LATER } from '../scripts/build.ts';
import { ConfigError, readConfig } from '../src/config.ts';
import { checkBinding } from '../src/http/binding.ts';
import { createDatabase, DATABASES, inTestDirectory } from './support/databases.ts';
import { addressOf, type Ending, startProcess } from './support/process.ts';
import { clientOf } from './support/server.ts';

const ROOT = join(import.meta.dirname, '..');
const KEY = `qm_${'Packed'.repeat(8)}`;

/** What lies in a checkout beside what is published: secrets, data, tests, sources. */
const NOT_PUBLISHED = ['.env', 'quartermaster.db', 'test/some.test.ts', 'src/main.ts'];
const PUBLISHED = [
  ...['bin', 'docs', 'CHANGELOG.md', 'LICENSE', 'README.md'],
  ...['mikro-orm.config.js', 'mikro-orm.config.ts', 'package.json', 'schema.graphql'],
];

/** A checkout with a build of its own, and the package that was made from it, as it is installed. */
const checkout = inTestDirectory('checkout');
const installed = inTestDirectory('installed');
/** Whoever installed it: a folder that npm made, which is CommonJS, with what docs/operations.md adds. */
const folder = inTestDirectory('folder');
const OF_FOLDER = {
  type: 'commonjs',
  dependencies: { '@mikro-orm/cli': '7.2.1' },
  'mikro-orm': { configPaths: ['../installed/mikro-orm.config.js'] },
};
const QUARTERMASTER = join(installed, 'bin/quartermaster.js');
const MIKRO_ORM = join(installed, 'node_modules/.bin/mikro-orm');
let packed: string[];

beforeAll(async () => {
  for (const name of PUBLISHED) {
    await cp(join(ROOT, name), join(checkout, name), { recursive: true });
  }
  for (const name of NOT_PUBLISHED) {
    await mkdir(dirname(join(checkout, name)), { recursive: true });
    await writeFile(join(checkout, name), '');
  }
  await build(join(checkout, 'dist'));
  packed = await filesOfPackage();
  for (const name of packed) await cp(join(checkout, name), join(installed, name));
  await symlink(join(ROOT, 'node_modules'), join(installed, 'node_modules'));
  await mkdir(folder);
  await writeFile(join(folder, 'package.json'), JSON.stringify(OF_FOLDER));
});

afterAll(() => endEsbuild());

/** What `npm pack` would put into the package. */
async function filesOfPackage(): Promise<string[]> {
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts', '--offline'];
  const { stdout } = await startProcess('npm', args, {}, checkout).ended();
  const [{ files }] = JSON.parse(stdout) as [{ files: { path: string }[] }];
  return files.map(({ path }) => path).sort();
}

describe('the package', () => {
  test('holds what was built and what is read, and nothing else of a checkout', () => {
    const read = globSync(READ_LATER, { cwd: join(ROOT, 'src') }).map((path) => `dist/${path}`);
    expect(packed.filter((path) => !path.startsWith('docs/') && !read.includes(path))).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'bin/quartermaster.js',
      'bin/sources.js',
      'dist/built-from',
      'dist/migrations/postgresql/.snapshot.json',
      'dist/migrations/sqlite/.snapshot.json',
      'dist/mikro-orm.config.js',
      'dist/quartermaster.cjs',
      'dist/reader.worker.cjs',
      'mikro-orm.config.js',
      'package.json',
      'schema.graphql',
    ]);
    expect(packed).toContain('docs/operations.md');
    expect(read.length).toBeGreaterThan(0);
    expect(packed).toEqual(expect.arrayContaining(read));
  });

  test('runs its commands, and those of the ORM', async () => {
    const { code, stdout } = await run([QUARTERMASTER, '--help']);

    expect(code).toBe(0);
    const check = await run([MIKRO_ORM, 'migration:check']);
    expect(check.stdout).toContain('No changes required, schema is up-to-date');
    for (const command of ['serve', 'demo', 'import', 'verify', 'key', 'organization']) {
      expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
    }
  });
});

describe.each(DATABASES)('the package on %s', (name) => {
  test('migrates, answers, reads in a thread, shows GraphiQL, and the ORM finds nothing pending', async () => {
    const database = await createDatabase(name, { migrated: false });
    const settings = { DATABASE_URL: database.url, PORT: '0', QUARTERMASTER_API_KEY: KEY };
    const server = startProcess(process.execPath, [QUARTERMASTER, 'serve', '--migrate'], settings);
    const address = await addressOf(server);
    const client = clientOf((request) => fetch(address, request), KEY);

    const made = await client.run(
      'mutation { itemCreate(input: { sku: "A", name: "Bolt" }) { ... on ItemCreateSuccess { item { sku } } } }',
    );
    const read = await client.run('{ items { nodes { name onHand } } }');
    const summary = await client.run('{ stockSummary(groupBy: [ITEM]) { __typename } }');
    const wrong = await client.ask('{ items(where: { sku: { eq: 1 } }) { nodes { id } } }');
    const asBuilt = await client.run(
      getIntrospectionQuery({ inputValueDeprecation: true, oneOf: true }),
    );
    const page = await fetch(`${address}?key=${KEY}`, { headers: { accept: 'text/html' } });

    expect(made).toEqual({ itemCreate: { item: { sku: 'A' } } });
    expect(read).toEqual({ items: { nodes: [{ name: 'Bolt', onHand: '0' }] } });
    expect(summary).toEqual({ stockSummary: [] });
    expect(wrong.errors).toMatchObject([{ extensions: { code: 'BAD_REQUEST' } }]);
    const printed = await readFile(join(ROOT, 'schema.graphql'), 'utf8');
    expect(sorted(buildClientSchema(asBuilt as never))).toBe(sorted(buildSchema(printed)));
    const html = await page.text();
    expect(html).toContain('<title>Quartermaster</title>');
    expect(html).toContain('"group":"Movements"');
    expect(html).toContain('workbench/trace-view.js');
    expect((await server.stop()).code).toBe(0);
    const pending = await run([MIKRO_ORM, 'migration:pending'], settings);
    expect(pending.stdout.trim()).toMatch(/No pending migrations$/);
    await database.drop();
  });
});

const sorted = (schema: GraphQLSchema) => printSchema(lexicographicSortSchema(schema));

/** Runs a program of the package where it is used. */
function run(args: string[], settings: Record<string, string> = {}): Promise<Ending> {
  return startProcess(process.execPath, args, settings, folder).ended();
}

describe('a checkout', () => {
  test('runs its build while it is that of its sources, and else the sources', async () => {
    const tree = inTestDirectory('changing');
    const files = ['migrations', 'scripts', 'src', 'package.json', 'package-lock.json'];
    for (const name of [...files, 'mikro-orm.config.ts']) {
      await cp(join(ROOT, name), join(tree, name), { recursive: true });
    }
    const build = async () => {
      await mkdir(join(tree, 'dist'), { recursive: true });
      await writeFile(join(tree, 'dist', STAMP), hashOfSources(tree));
    };
    expect(runsBuild(tree)).toBe(false);
    await build();
    expect(runsBuild(tree)).toBe(true);

    await appendFile(join(tree, 'src/stock/sweeper.ts'), '\n');
    expect(runsBuild(tree)).toBe(false);
    await build();
    await writeFile(join(tree, 'migrations/sqlite/Migration29990101000000.ts'), '');
    expect(runsBuild(tree)).toBe(false);
  });
});

describe('the image', () => {
  const dockerfile = () => readFile(join(ROOT, 'Dockerfile'), 'utf8');
  const compose = async () => parse(await readFile(join(ROOT, 'compose.yaml'), 'utf8'), MERGING);

  test('is made of files that there are and that Docker is given', async () => {
    const copied = [...(await dockerfile()).matchAll(/^COPY (?!--from)(.+) \S+$/gm)]
      .flatMap(([, names = '']) => names.split(' '))
      .sort();
    const given = (await readFile(join(ROOT, '.dockerignore'), 'utf8'))
      .split('\n')
      .flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));

    expect([...new Set(copied)]).toEqual(given);
    expect(copied.filter((name) => !existsSync(join(ROOT, name)))).toEqual([]);
  });

  test('is of the Node that the package brings', async () => {
    const { dependencies } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
    const images = [...(await dockerfile()).matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);

    expect(images).toEqual(Array(2).fill(`node:${dependencies.node}-slim`));
  });

  test('does not start where keys would travel in the clear, unless somebody says so', async () => {
    const settings = Object.fromEntries(
      [...(await dockerfile()).matchAll(/^ENV (.+)$/gm)].flatMap(([, line = '']) =>
        line.split(' ').map((each) => each.split('=')),
      ),
    );

    expect(() => checkBinding(readConfig(settings))).toThrow(ConfigError);
    expect(checkBinding(readConfig({ ...settings, BEHIND_TLS: '1' }))).toBeUndefined();
    const { services } = await compose();
    const { DATABASE_URL: _, QUARTERMASTER_API_KEY: __, ...own } = services.server.environment;
    expect(checkBinding(readConfig({ ...settings, ...own }))).toBeUndefined();
  });

  test('is told by compose.yaml what the settings know, and secrets from the environment', async () => {
    const { services } = await compose();
    const text = await readFile(join(ROOT, 'src/config.ts'), 'utf8');
    const known = [...text.matchAll(/^ {2}([A-Z_]+): /gm)].map(([, name]) => name);
    const example = await readFile(join(ROOT, '.env.example'), 'utf8');
    const secrets = [...example.matchAll(/^([A-Z_]+)=$/gm)].map(([, name]) => name);
    const asked = [...JSON.stringify(services).matchAll(/\$\{(\w+):\?/g)].map(([, name]) => name);

    for (const service of [services.server, services.migrate]) {
      expect(known).toEqual(expect.arrayContaining(Object.keys(service.environment)));
    }
    expect([...new Set(asked)].sort()).toEqual(secrets.sort());
    expect(services.server.depends_on).toEqual({
      migrate: { condition: 'service_completed_successfully' },
    });
    expect(services.migrate.depends_on).toEqual({ database: { condition: 'service_healthy' } });
  });
});

/** YAML 1.2 has no merge keys, Compose has. */
const MERGING = { merge: true };
