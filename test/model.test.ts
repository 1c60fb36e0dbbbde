import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { run as commandsOfRun, RUN_LENGTH } from './model/commands.ts';
import { ModelRun } from './model/run.ts';
import { DATABASES } from './support/databases.ts';
import { openBeside, startServer, type TestServer } from './support/server.ts';

/** How many runs there are, and the seed of the first: `MODEL_SEED=… npm test -- test/model.test.ts` repeats them. */
const RUNS = Number(process.env['MODEL_RUNS'] ?? 20);
const FIRST_SEED = Number(process.env['MODEL_SEED'] ?? Date.now() % 1_000_000);
const SEEDS = Array.from({ length: RUNS }, (_, index) => FIRST_SEED + index);

describe.each(DATABASES)('server and model on %s', (database) => {
  let server: TestServer;
  let other: TestServer;

  beforeAll(async () => {
    server = await startServer(database);
    other = await openBeside(server);
  });

  afterAll(async () => {
    await other.stop();
    await server.stop();
  });

  test.each(SEEDS)(`agree after each of ${RUN_LENGTH} random commands, seed %i`, async (seed) => {
    const [commands = []] = fc.sample(commandsOfRun, { seed, numRuns: 1 });
    const run = await ModelRun.begin(server, other);
    for (const [index, command] of commands.entries()) {
      try {
        await run.step(command);
      } catch (error) {
        const what = `Command ${index + 1}, seed ${seed}: ${JSON.stringify(command)}`;
        throw new Error(`${what}\n${(error as Error).message}`, { cause: error });
      }
    }
    await run.audit();
    expect(commands).toHaveLength(RUN_LENGTH);
  });
});
