import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { OPERATIONS_FILE, operationsText } from '../scripts/generate-example.ts';
import { generateApiKey } from '../src/access/api-key.service.ts';
import { inTestDirectory } from './support/databases.ts';
import { addressOf, startProcess } from './support/process.ts';
import { startServing } from './support/serving.ts';

const ROOT = join(import.meta.dirname, '..');
const KEY = generateApiKey();

/** Where a new server listens, on a file that is not there yet. */
async function serveAnew(): Promise<string> {
  const file = inTestDirectory(`${crypto.randomUUID()}.db`);
  const { process } = await startServing(`sqlite:${file}`, KEY);
  return addressOf(process);
}

/** Lines of a shell that ask a server, and what the text says that it answers. */
interface Asked {
  readonly lines: string;
  readonly answer: unknown;
}

const BLOCK = /^```(\w*)\n(.*?)^```$/gms;
const WRITTEN_ADDRESS = 'http://127.0.0.1:4000/graphql';

/** What a text asks with curl, in its order; each answer is the JSON in the block behind. */
function askedIn(text: string): Asked[] {
  const blocks = [...text.matchAll(BLOCK)].map(([, language, lines = '']) => ({ language, lines }));
  return blocks.flatMap(({ language, lines }, index) => {
    if (language !== 'sh' || !lines.startsWith('curl ')) return [];
    const next = blocks[index + 1];
    if (next?.language !== 'json') throw new Error(`No answer is written behind:\n${lines}`);
    return [{ lines, answer: JSON.parse(next.lines) }];
  });
}

test('the curl lines of the README answer what it says, in their order', async () => {
  const asked = askedIn(await readFile(join(ROOT, 'README.md'), 'utf8'));
  const address = await serveAnew();
  expect(asked.length).toBeGreaterThan(3);

  for (const { lines, answer } of asked) {
    expect(lines).toContain(WRITTEN_ADDRESS);
    const script = lines.replace(WRITTEN_ADDRESS, address);
    const { code, stdout } = await startProcess('sh', ['-c', script], { KEY }).ended();

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual(answer);
  }
});

test('the types of the typed client are those of the schema', async () => {
  const kept = await readFile(OPERATIONS_FILE, 'utf8');

  if (kept !== (await operationsText())) {
    throw new Error(
      'examples/typescript/operations.ts is not what the schema says. Run `npm run example:generate`, look at the difference, and commit it.',
    );
  }
});

describe('the typed client', () => {
  let address: string;

  beforeAll(async () => {
    address = await serveAnew();
  });

  const shop = (key: string) =>
    startProcess(process.execPath, [join(ROOT, 'examples/typescript/shop.ts')], {
      ...{ QUARTERMASTER_URL: address, KEY: key },
    }).ended();

  test('receives, sells, is refused, pages, and follows the journal', async () => {
    const { code, stdout, stderr } = await shop(KEY);

    expect(stderr).toBe('');
    expect(stdout.trimEnd().split('\n')).toEqual([
      'LocationCreateSuccess',
      'MUG-BLUE ItemCreateSuccess',
      'MUG-RED ItemCreateSuccess',
      'TEA-100 ItemCreateSuccess',
      'received, on hand: 40 and 12.5',
      'received before, on hand: 40 and 12.5',
      'sold, available: 25',
      'sold before, available: 25',
      'this key sold something else: The idempotency key was used before, for something else.',
      'MUG-BLUE: 26 asked, 25 available',
      'MUG-BLUE: 25',
      'MUG-RED: 0',
      'TEA-100: 12.5',
      '1 organization.create',
      '2 location.create',
      '3 location.create',
      '4 location.create',
      '5 location.create',
      '6 location.create',
      '7 item.create',
      '8 item.create',
      '9 item.create',
      '10 stock.receipt',
      '11 stock.issue',
      'sold, available: 24',
      '12 stock.issue',
    ]);
    expect(code).toBe(0);
  });

  test('goes on with what another run made', async () => {
    const { code, stdout } = await shop(KEY);

    expect(stdout.split('\n').slice(0, 5)).toEqual([
      'AlreadyExists',
      'MUG-BLUE AlreadyExists',
      'MUG-RED AlreadyExists',
      'TEA-100 AlreadyExists',
      'received, on hand: 64 and 25',
    ]);
    expect(code).toBe(0);
  });

  test('fails when its key is none', async () => {
    const { code, stdout, stderr } = await shop(generateApiKey());

    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain('UNAUTHENTICATED');
  });
});
