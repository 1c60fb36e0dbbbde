import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A fault as people make them: what stands in a file, and what a careless change makes of it. */
interface Mutant {
  readonly fault: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const MUTANTS: readonly Mutant[] = [
  {
    fault: 'lock dropped: levels are read without being locked',
    file: 'src/database/dialect.ts',
    from: '`for no key update of',
    to: '`-- for no key update of',
  },
  {
    fault: 'sign turned: stock is added to where it is taken from',
    file: 'src/stock/posting.service.ts',
    from: 'from.onHand -= line.quantity',
    to: 'from.onHand += line.quantity',
  },
  {
    fault: 'key ignored: what was sent before happens again',
    file: 'src/stock/posting.service.ts',
    from: '...checkInput(Texts, posting), actor',
    to: '...checkInput(Texts, posting), idempotencyKey: crypto.randomUUID(), actor',
  },
  {
    fault: 'page off by one: a list ends a page too early',
    file: 'src/graphql/connections.ts',
    from: 'plan.size + 1, after, before',
    to: 'plan.size, after, before',
  },
  {
    fault: 'stale read: what was read before a mutation is answered after it',
    file: 'src/graphql/mutations.ts',
    from: 'loaders.clear();',
    to: '',
  },
  {
    fault: 'hash ignored: a key answers for another input',
    file: 'src/stock/idempotency.ts',
    from: 'hashes.get(key) !== hash',
    to: 'hash.length === 0',
  },
  {
    fault: 'hold kept: what was fulfilled stays reserved',
    file: 'src/stock/holds.ts',
    from: 'reserved -= units',
    to: 'reserved -= 0 * units',
  },
  {
    fault: 'holds for ever: what is due is not resolved by those who need it',
    file: 'src/stock/locking.ts',
    from: 'and r.expires_at <= ',
    to: 'and r.id < 0 and r.expires_at <= ',
  },
  {
    fault: 'order turned: the last lot to expire goes first',
    file: 'src/stock/allocation.ts',
    from: 'return a < b ? -1 : 1;',
    to: 'return a < b ? 1 : -1;',
  },
];

/** How many runs of the model test are tried on each mutant. */
const RUNS = '6';

const ROOT = join(import.meta.dirname, '..');
const COPIED = ['bin', 'migrations', 'src', 'test', 'jest.config.js', 'mikro-orm.config.js'];
const ALSO_COPIED = ['mikro-orm.config.ts', 'package.json', 'schema.graphql', 'tsconfig.json'];

/** Plants each fault in a copy of the project, and sees whether the model test finds it there. */
function main(): void {
  const directory = mkdtempSync(join(tmpdir(), 'quartermaster-mutants-'));
  try {
    for (const name of [...COPIED, ...ALSO_COPIED]) {
      cpSync(join(ROOT, name), join(directory, name), { recursive: true });
    }
    symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
    const control = runModelTest(directory);
    if (control.found || !control.passed) {
      throw new Error(`The model test fails without a fault:\n${control.output}`);
    }
    console.log('no fault: the model test passes');
    const survivors = MUTANTS.filter((mutant) => !isFound(directory, mutant));
    console.log(`${MUTANTS.length - survivors.length} found, ${survivors.length} not found`);
    process.exitCode = survivors.length === 0 ? 0 : 1;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function isFound(directory: string, { fault, file, from, to }: Mutant): boolean {
  const path = join(directory, file);
  const original = readFileSync(path, 'utf8');
  if (original.split(from).length !== 2) {
    throw new Error(`${file} does not have once what is to be changed: ${from}`);
  }
  writeFileSync(
    path,
    original.replace(from, () => to),
  );
  const { found, passed, output } = runModelTest(directory);
  writeFileSync(path, original);
  if (!found && !passed) throw new Error(`The model test could not be run:\n${output}`);
  const [where] = /Command \d+, seed \d+: \{"do":"\w+"/.exec(output) ?? [];
  console.log(`${found ? 'found' : 'NOT FOUND'}  ${fault}${where ? `  (${where}…)` : ''}`);
  return found;
}

function runModelTest(directory: string): { found: boolean; passed: boolean; output: string } {
  const jest = ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '--bail'];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...jest, 'test/model.test.ts'], {
    cwd: directory,
    env: { ...process.env, MODEL_RUNS: RUNS },
    encoding: 'utf8',
  });
  const output = stdout + stderr;
  return { found: /Command \d+, seed \d+/.test(output), passed: status === 0, output };
}

main();
