import { setImmediate } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { askInSnapshot } from '../src/database/snapshot.ts';
import { Statement } from '../src/database/statement.ts';
import { DATABASES } from './support/databases.ts';
import { createItem, createLocation, stock } from './support/factories.ts';
import { startServer } from './support/server.ts';

const MOVEMENTS = new Statement<{ count: number }>(
  () => 'select count(*) as "count" from movements where organization_id = $1',
);
const WRONG = new Statement<never>(() => 'select missing from nowhere where organization_id = $1');

test.each(DATABASES)(
  'all questions are of one moment, while others write: %s',
  async (database) => {
    const server = await startServer(database);
    try {
      await createLocation(server, 'SHELF');
      await createItem(server, 'NUT');
      const writes = { done: 0, atFirstAnswer: -1 };
      const question = { statement: MOVEMENTS, values: [server.owner.organizationId] };
      const questions = Array.from({ length: 2000 }, () => question);
      let asking = true;
      const writing = (async () => {
        for (; asking; writes.done += 1) {
          await stock(server, 'NUT', 'SHELF', '1');
          // Without a socket, writes to SQLite alone would never let the event loop turn.
          await setImmediate();
        }
      })();

      const answers = await askInSnapshot(server.orm.em.fork(), questions, () => {
        if (writes.atFirstAnswer < 0) writes.atFirstAnswer = writes.done;
      });
      const atLastAnswer = writes.done;
      asking = false;
      await writing;

      const [first] = answers.flat();
      expect(answers).toEqual(questions.map(() => [first]));
      expect(atLastAnswer).toBeGreaterThan(writes.atFirstAnswer);
    } finally {
      await server.stop();
    }
  },
);

test.each(DATABASES)(
  'a question that cannot be answered fails, and the next ones do not: %s',
  async (database) => {
    const server = await startServer(database);
    try {
      const ask = (statement: Statement<object>) =>
        askInSnapshot(server.orm.em.fork(), [{ statement, values: [server.owner.organizationId] }]);

      await expect(ask(WRONG)).rejects.toThrow(/nowhere/);
      expect(await ask(MOVEMENTS)).toEqual([[{ count: 0 }]]);
    } finally {
      await server.stop();
    }
  },
);
