import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const ROOT = join(import.meta.dirname, '..');

/** The features, each of which may import those before it. */
const FEATURES = ['journal', 'access', 'locations', 'catalog', 'stock', 'exchange', 'imports'];

/** One `import` of a source file; `from` is a path below the root, or the name of a package. */
interface Import {
  readonly file: string;
  readonly from: string;
  /** The whole statement is erased with the types: nothing is loaded. */
  readonly typeOnly: boolean;
}

const sources = globSync('src/**/*.ts', { cwd: ROOT })
  .sort()
  .map((file) => ({ file, text: readFileSync(join(ROOT, file), 'utf8') }));

/** The formatter puts every import at the start of a line and ends it with a semicolon. */
const STATIC = /^(?:import|export) (type )?(?:[^;'"]* from )?'([^']+)'/gm;
const DYNAMIC = /\bimport\((?:\s*)'([^']+)'/g;

function importsOf(file: string, text: string): Import[] {
  const resolve = (name: string) =>
    name.startsWith('.') ? relative(ROOT, join(ROOT, dirname(file), name)) : name;
  return [
    ...[...text.matchAll(STATIC)].map(([, type, name = '']) => ({
      file,
      from: resolve(name),
      typeOnly: type !== undefined,
    })),
    ...[...text.matchAll(DYNAMIC)].map(([, name = '']) => ({
      file,
      from: resolve(name),
      typeOnly: false,
    })),
  ];
}

const imports = sources.flatMap(({ file, text }) => importsOf(file, text));

/** The folder of a source file below `src`, empty for one that lies right in it. */
const folderOf = (file: string): string => /^src\/([^/]+)\//.exec(file)?.[1] ?? '';
const isFeature = (folder: string): boolean => FEATURES.includes(folder);
const featureImports = imports.filter(({ file }) => isFeature(folderOf(file)));
const inFeatures = sources.filter(({ file }) => isFeature(folderOf(file)));

const show = ({ file, from }: Import): string => `${file} imports ${from}`;
const files = (found: readonly { readonly file: string }[]): string[] =>
  found.map(({ file }) => file);

test('the rules read the sources: every file, and imports of every kind', () => {
  expect(sources.length).toBeGreaterThan(50);
  expect(
    importsOf('src/a/b.ts', "import '../c.ts';\nimport type {\n  D,\n} from './d.ts';\n"),
  ).toEqual([
    { file: 'src/a/b.ts', from: 'src/c.ts', typeOnly: false },
    { file: 'src/a/b.ts', from: 'src/a/d.ts', typeOnly: true },
  ]);
  expect(
    importsOf('src/a.ts', "import e, { type F } from 'g';\nawait import('./h.ts');\n"),
  ).toEqual([
    { file: 'src/a.ts', from: 'g', typeOnly: false },
    { file: 'src/a.ts', from: 'src/h.ts', typeOnly: false },
  ]);
});

describe('features', () => {
  test('every folder of src has its place', () => {
    const known = ['', 'cli', 'database', 'graphql', 'http', 'watch', ...FEATURES];

    const unknown = sources.filter(({ file }) => !known.includes(folderOf(file)));

    expect(files(unknown)).toEqual([]);
  });

  test('a feature imports only earlier features', () => {
    const later = featureImports.filter(({ file, from }) => {
      const target = folderOf(from);
      return FEATURES.indexOf(target) > FEATURES.indexOf(folderOf(file));
    });

    expect(later.map(show)).toEqual([]);
  });

  test('a feature imports neither the commands nor the server', () => {
    const outer = featureImports.filter(
      ({ from }) =>
        folderOf(from) === 'cli' || ['src/app.ts', 'mikro-orm.config.ts'].includes(from),
    );

    expect(outer.map(show)).toEqual([]);
  });

  test('entities, services and what they rest on never import GraphQL', () => {
    const core = new Set(
      files(inFeatures).filter((file) => /\.(entity|service|errors)\.ts$/.test(file)),
    );
    // A set goes on to what is added while it is read.
    for (const file of core) {
      const next = imports.filter((each) => each.file === file && isFeature(folderOf(each.from)));
      for (const { from } of next) core.add(from);
    }

    const graphql = featureImports.filter(
      ({ file, from }) =>
        core.has(file) &&
        (/^(graphql|graphql-yoga|@pothos\/.*|@graphql-.*)$/.test(from) ||
          from.startsWith('src/graphql/') ||
          from.endsWith('.graphql.ts')),
    );

    expect(graphql.map(show)).toEqual([]);
  });

  test('a file is named <noun>.<role>.ts, in kebab-case', () => {
    const name = /^[a-z0-9]+(-[a-z0-9]+)*(\.(entity|service|graphql|errors))?\.ts$/;

    const odd = inFeatures.filter(({ file }) => !name.test(basename(file)));

    expect(files(odd)).toEqual([]);
  });

  test.each([
    ['entity', 'declares an entity', /\bdefineEntity\(/],
    [
      'graphql',
      'adds to the schema',
      /from '[./]*\/graphql\/builder\.ts'|\bentity(Object|Field)\(/,
    ],
    ['errors', 'declares an error', /\bextends (Domain)?Error\b/],
  ])('a file with the role %s %s, and no other does', (role, _does, sign) => {
    const ofRole = inFeatures.filter(({ file }) => file.endsWith(`.${role}.ts`));
    const does = inFeatures.filter(({ text }) => sign.test(text));

    expect(files(does)).toEqual(files(ofRole));
  });
});

describe('the ground that features stand on', () => {
  /** The schema is the list of the features' GraphQL modules. */
  const LIST = 'src/graphql/schema.ts';
  /**
   * A type that everything passes along and nothing here looks into: erased before the program runs,
   * so that no feature is loaded for it.
   */
  const VIEWER = 'src/access/viewer.ts';

  test('the database, the GraphQL layer, the HTTP layer and whoever watches know no feature', () => {
    const known = imports.filter(
      ({ file, from, typeOnly }) =>
        ['database', 'graphql', 'http', 'watch'].includes(folderOf(file)) &&
        file !== LIST &&
        isFeature(folderOf(from)) &&
        !(from === VIEWER && typeOnly),
    );

    expect(known.map(show)).toEqual([]);
  });

  test('the database does not know the GraphQL layer', () => {
    const known = imports.filter(
      ({ file, from }) => folderOf(file) === 'database' && folderOf(from) === 'graphql',
    );

    expect(known.map(show)).toEqual([]);
  });

  test('the GraphQL layer does not know the HTTP layer', () => {
    const known = imports.filter(
      ({ file, from }) => folderOf(file) === 'graphql' && folderOf(from) === 'http',
    );

    expect(known.map(show)).toEqual([]);
  });

  test('what all share knows nobody', () => {
    const shared = ['config', 'tracing-settings', 'errors', 'input', 'log', 'loopback'].map(
      (name) => `src/${name}.ts`,
    );
    const context = 'src/context.ts';

    const known = imports.filter(
      ({ file, from, typeOnly }) =>
        (shared.includes(file) && from.startsWith('src/') && !shared.includes(from)) ||
        (file === context && isFeature(folderOf(from)) && !(from === VIEWER && typeOnly)),
    );

    expect(known.map(show)).toEqual([]);
  });
});

describe('everywhere', () => {
  test('only src/config.ts names process.env', () => {
    const named = /\bprocess\??\.env\b|\bprocess\[|from 'node:process'/;

    const readers = sources.filter(({ text }) => named.test(text));

    expect(files(readers)).toEqual(['src/config.ts']);
  });

  test('nothing but bin imports src/main.ts', () => {
    const others = globSync(['*.{js,ts}', '{bin,scripts,src,test}/**/*.{js,ts}'], { cwd: ROOT });

    const found = others
      .flatMap((file) => importsOf(file, readFileSync(join(ROOT, file), 'utf8')))
      .filter(({ from }) => from === 'src/main.ts');

    expect(files(found)).toEqual(['bin/quartermaster.js']);
  });

  test('nothing is exported twice: no index.ts, and no export from elsewhere', () => {
    const indexes = sources.filter(({ file }) => basename(file) === 'index.ts');
    const passedOn = sources.filter(({ text }) => /^export [^;'"]*\bfrom '/m.test(text));

    expect(files([...indexes, ...passedOn])).toEqual([]);
  });

  test('no default exports', () => {
    const found = sources.filter(({ text }) => /^export default\b|\bas default\b/m.test(text));

    expect(files(found)).toEqual([]);
  });
});
