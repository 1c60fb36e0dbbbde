import { globSync } from 'node:fs';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type BuildOptions, build as bundle, type Plugin } from 'esbuild';
import { hashOfSources, STAMP } from '../bin/sources.js';

const ROOT = join(import.meta.dirname, '..');
const DATABASES = ['sqlite', 'postgresql'];

/** What the server reads while it runs, below `src`. */
export const READ_LATER = ['graphql/workbench/*.{js,css,html}', '*/examples/*.{graphql,json}'];

/**
 * Not minified, so that a stack trace can be read. Names are not kept by esbuild's `keepNames`, which
 * sets one on each function whenever it is made: a nested read took half as much time again.
 */
const COMMON: BuildOptions = {
  absWorkingDir: ROOT,
  bundle: true,
  platform: 'node',
  target: 'node24',
  logLevel: 'warning',
  plugins: [listedMigrations()],
};

/**
 * The server and its dependencies in one file, instead of some 1,100. CommonJS starts faster: a module
 * that imports from Node makes Node look at all that it exports, and load its HTTP client for that.
 */
const SERVER: BuildOptions = {
  ...COMMON,
  entryPoints: {
    quartermaster: 'src/main.ts',
    'reader.worker': 'src/database/reader.worker.ts',
  },
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  // The addon is machine code, `pg` does without the other one, and GraphiQL is read when it is asked for.
  external: ['better-sqlite3', 'pg-native', '@graphql-yoga/render-graphiql'],
  banner: { js: "const importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
  define: { 'import.meta.dirname': '__dirname', 'import.meta.url': 'importMetaUrl' },
  // What is left of `import.meta` is the ORM asking for packages of its own that we do not have.
  logOverride: { 'empty-import-meta': 'silent' },
};

/** What the `mikro-orm` command asks for, which brings the ORM itself. */
const ORM_COMMAND: BuildOptions = {
  ...COMMON,
  entryPoints: ['mikro-orm.config.ts'],
  format: 'esm',
  packages: 'external',
};

/** Builds all that runs without the sources; its last file says what it was built from. */
export async function build(directory: string): Promise<void> {
  const sources = hashOfSources(ROOT);
  // Nothing of an older one stays, and what is half done is not taken for a build: the stamp comes last.
  await rm(directory, { recursive: true, force: true });
  await Promise.all([SERVER, ORM_COMMAND].map((each) => bundle({ ...each, outdir: directory })));
  const snapshots = DATABASES.map((database) => `migrations/${database}/.snapshot.json`);
  await copyFiles(ROOT, directory, snapshots);
  await copyFiles(join(ROOT, 'src'), directory, globSync(READ_LATER, { cwd: join(ROOT, 'src') }));
  await writeFile(join(directory, STAMP), sources);
}

async function copyFiles(from: string, to: string, files: readonly string[]): Promise<void> {
  for (const file of files) {
    await mkdir(join(to, dirname(file)), { recursive: true });
    await cp(join(from, file), join(to, file));
  }
}

/** Puts the list of all migrations in the place of the file that says there is none. */
function listedMigrations(): Plugin {
  return {
    name: 'listed-migrations',
    setup: ({ onLoad }) => {
      onLoad({ filter: /\/src\/database\/bundled-migrations\.ts$/ }, () => ({
        contents: listOfMigrations(),
        resolveDir: ROOT,
      }));
    },
  };
}

function listOfMigrations(): string {
  const files = globSync(`migrations/{${DATABASES}}/*.ts`, { cwd: ROOT }).sort();
  const imports = files.map((file, index) => `import * as m${index} from './${file}';`);
  const lists = DATABASES.map((database) => {
    const entries = files.flatMap((file, index) => {
      if (basename(dirname(file)) !== database) return [];
      const name = basename(file, '.ts');
      return [`{ name: '${name}', class: m${index}.${name} }`];
    });
    return `${database}: [${entries}]`;
  });
  return `${imports.join('\n')}\nexport const bundledMigrations = { ${lists} };`;
}

if (import.meta.main) await build(join(ROOT, 'dist'));
