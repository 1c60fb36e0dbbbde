import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { run as commandsOfRun } from './model/commands.ts';
import { ModelRun } from './model/run.ts';
import { openBeside, startServer, type TestServer } from './support/server.ts';

const SEEDS = [1, 2, 3];

let sqlite: TestServer;
let postgresql: TestServer;

beforeAll(async () => {
  sqlite = await startServer('sqlite');
  postgresql = await startServer('postgresql');
});

afterAll(async () => {
  await sqlite.stop();
  await postgresql.stop();
});

test.each(SEEDS)(
  'both databases give the same answers to script %i, but for ids and times',
  async (seed) => {
    const [one, other] = [await answersOf(sqlite, seed), await answersOf(postgresql, seed)];

    expect(one.length).toBeGreaterThan(100);
    expect(other).toEqual(one);
  },
);

async function answersOf(server: TestServer, seed: number): Promise<unknown[]> {
  const [commands = []] = fc.sample(commandsOfRun, { seed, numRuns: 1 });
  const other = await openBeside(server);
  const run = await ModelRun.begin(server, other);
  for (const command of commands) await run.step(command);
  await other.stop();
  return renamed(run.transcript);
}

const TIME = /\d{4}-\d\d-\d\dT[\d:.]+Z/g;

/** The answers with ids named in the order in which they appear, cursors too, and without times. */
function renamed(answers: unknown[]): unknown[] {
  const names = new Map<string, string>();
  const nameOf = (id: string): string => {
    const name = names.get(id) ?? `id ${names.size + 1}`;
    names.set(id, name);
    return name;
  };
  const rename = (key: string, value: unknown): unknown => {
    if (typeof value !== 'string') return value;
    return key === 'id' || /Cursor$/.test(key) ? nameOf(value) : value.replace(TIME, 'a time');
  };
  return JSON.parse(JSON.stringify(answers, rename)) as unknown[];
}
