import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Cancellation, TimedOut } from '../src/database/cancellation.ts';
import type { EntityManager } from '../src/database/entity-manager.ts';
import { askInSnapshot, inSnapshot, runAside } from '../src/database/snapshot.ts';
import { run, Statement } from '../src/database/statement.ts';
import { DATABASES } from './support/databases.ts';
import { createItem, createLocation, stock } from './support/factories.ts';
import { startServer, type TestServer } from './support/server.ts';

const MOVEMENTS = new Statement<{ count: number }>(
  () => 'select count(*) as "count" from movements where organization_id = $1',
);
/** Counts to ten million, which takes each database a second or so. */
const SLOW = new Statement<{ count: number }>(
  () => `with recursive counted(n) as (
    select 1 union all select n + 1 from counted where n < 10000000)
    select count(*) as "count" from counted where $1 = $1`,
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

describe.each(DATABASES)('a statement that takes long, run aside on %s', (database) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer(database);
  });

  afterAll(() => server.stop());

  const aside = (em: EntityManager, statement: Statement<object>) =>
    runAside(em, server.owner.organizationId, statement, []);

  test('keeps nobody waiting', async () => {
    const endings: string[] = [];
    const slow = aside(server.orm.em.fork(), SLOW).then((rows) => {
      endings.push('slow');
      return rows;
    });
    for (let index = 0; index < 10; index += 1) {
      await server.run('{ items { nodes { sku } } }');
      endings.push('query');
    }

    expect(await slow).toEqual([{ count: 10_000_000 }]);
    expect(endings).toEqual([...Array.from({ length: 10 }, () => 'query'), 'slow']);
  });

  test('is as many as come at once, and as they wait for each other', async () => {
    const all = Array.from({ length: 20 }, () => aside(server.orm.em.fork(), MOVEMENTS));

    expect(await Promise.all(all)).toEqual(all.map(() => [{ count: 0 }]));
  });

  test('of a snapshot is of its moment', async () => {
    const inside = Array.from({ length: 8 }, () =>
      inSnapshot(server.orm.em.fork(), async (em) => {
        await run(em, server.owner.organizationId, MOVEMENTS);
        return aside(em, MOVEMENTS);
      }),
    );

    expect(await Promise.all(inside)).toEqual(inside.map(() => [{ count: 0 }]));
  });

  test('is refused as any other, and ended when nobody waits any more', async () => {
    const cancellation = new Cancellation();
    const em = server.orm.em.fork({ loggerContext: { cancellation } });
    setTimeout(() => cancellation.cancel(new TimedOut('too long')), 100);

    await expect(aside(em, SLOW)).rejects.toThrow('too long');
    await expect(aside(server.orm.em.fork(), WRONG)).rejects.toThrow(/nowhere/);
    expect(await aside(server.orm.em.fork(), MOVEMENTS)).toEqual([{ count: 0 }]);
  });
});

test.each([
  'stockSummary(groupBy: [LOCATION]) { levels }',
  'movementSummary(groupBy: [KIND]) { lines }',
])('on SQLite the threads add up %s, and others are answered meanwhile', async (summary) => {
  const server = await startServer('sqlite');
  const letGo = Promise.withResolvers<void>();
  const holding = Array.from({ length: 20 }, () =>
    inSnapshot(server.orm.em.fork(), () => letGo.promise),
  );
  const endings: string[] = [];

  const summed = server
    .run(`{ rows: ${summary} }`)
    .then(({ rows }) => endings.push(`${rows.length} rows`));
  await server.run('{ items { nodes { sku } } }').then(() => endings.push('query'));
  letGo.resolve();
  await Promise.all([summed, ...holding]);

  expect(endings).toEqual(['query', '0 rows']);
  await server.stop();
});

describe.each(DATABASES)('a query with @snapshot on %s', (database) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer(database);
    await createLocation(server, 'SHELF');
    await createItem(server, 'NUT');
  });

  afterAll(() => server.stop());

  test('is of one moment, and says which, while others write', async () => {
    const heads = Array.from(
      { length: 15 },
      (_, index) => `h${index}: journal(first: 1) { headSeq }`,
    );
    const writing = Promise.all(
      Array.from({ length: 20 }, () => stock(server, 'NUT', 'SHELF', '1')),
    );

    const { data, extensions } = await server.ask(`query @snapshot { ${heads.join(' ')} }`);
    await writing;

    const { seq } = (extensions as unknown as { snapshot: { seq: number } }).snapshot;
    expect(Object.values(data)).toEqual(heads.map(() => ({ headSeq: seq })));
    const { errors } = await server.ask('mutation @snapshot { __typename }');
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_REQUEST' } }]);
  });

  test('does not see what is committed between two of its statements', async () => {
    const { organizationId } = server.owner;
    const count = (em: EntityManager) => run(em, organizationId, MOVEMENTS);

    const [before, after] = await inSnapshot(server.orm.em.fork(), async (em) => {
      const first = await count(em);
      await stock(server, 'NUT', 'SHELF', '1');
      return [first, await count(em)];
    });

    expect(after).toEqual(before);
    expect(await count(server.orm.em.fork())).toEqual([{ count: Number(before?.[0]?.count) + 1 }]);
  });
});
