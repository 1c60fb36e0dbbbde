import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { keyOf } from '../src/graphql/global-id.ts';
import { orderOf } from '../src/stock/posting.service.ts';
import type { Posting } from '../src/stock/posting.ts';
import { queueOf } from '../src/stock/posting-queue.ts';
import { DATABASES } from './support/databases.ts';
import {
  createItem,
  createLocation,
  levels,
  move,
  type StockMutation,
  stock,
} from './support/factories.ts';
import { holdRows, holdWriters } from './support/holding.ts';
import { audit, CLEAN, tally } from './support/load.ts';
import { type Client, startServer, type TestServer } from './support/server.ts';
import { until } from './support/until.ts';

describe.each(DATABASES)('postings that come at once on %s', (database) => {
  let server: TestServer;
  let sku: string;
  /** Every statement of the server, in the order in which they ended. */
  const statements: string[] = [];

  beforeAll(async () => {
    const log = pino({ level: 'info' }, { write: (line) => statements.push(JSON.parse(line).sql) });
    server = await startServer(database, { log, settings: { logSql: true } });
    for (const code of ['SHELF', 'BENCH']) await createLocation(server, code);
  });

  afterAll(async () => {
    expect(await audit(server)).toEqual(CLEAN);
    await server.stop();
  });

  beforeEach(async () => {
    sku = `ITEM-${crypto.randomUUID()}`;
    await createItem(server, sku);
    await stock(server, sku, 'SHELF', '100');
    statements.length = 0;
  });

  const queue = (organization = server.owner.organizationId) =>
    queueOf(server.orm.em, organization);

  /** How many transactions recorded a movement. */
  const commits = () => statements.filter((sql) => sql.startsWith('insert into movements ')).length;

  /** Sends them one by one while nobody can commit, so that all but the first wait for their turn. */
  async function together<T>(sends: readonly (() => Promise<T>)[]): Promise<T[]> {
    const release = await holdWriters(server);
    const answers: Promise<T>[] = [];
    for (const [index, send] of sends.entries()) {
      answers.push(send());
      // Their order is known, and all are there before the queue loses patience with the first.
      while (!queue().isBusy || queue().waiting !== index) await turn();
    }
    await release();
    return Promise.all(answers);
  }

  const issue = (quantity: string, facts: object = {}) => ({
    from: { code: 'SHELF' },
    lines: [{ item: { sku }, quantity }],
    ...facts,
  });

  const sends = (name: StockMutation, inputs: readonly object[], client: Client = server) =>
    inputs.map((input) => () => move(client, name, input));

  test('share a transaction, all but the first', async () => {
    const inputs = Array.from({ length: 50 }, () => issue('1', { to: { code: 'BENCH' } }));

    const answers = await together(sends('stockTransfer', inputs));

    expect(tally(answers.map(({ __typename }) => __typename))).toEqual({
      StockTransferSuccess: 50,
    });
    const [first] = answers;
    expect(answers.map(({ movement }) => movement.seq)).toEqual(
      answers.map((_, index) => first.movement.seq + index),
    );
    expect(commits()).toBe(2);
    expect(await levels(server, sku)).toEqual({ SUPPLIER: '-100', SHELF: '50', BENCH: '50' });
  });

  test('each trace shows all statements of the transaction that it shared', async () => {
    const input = () => ({ input: { idempotencyKey: crypto.randomUUID(), ...issue('1') } });
    const document =
      'mutation ($input: StockIssueInput!) { stockIssue(input: $input) { __typename } }';

    const answers = await together([1, 2, 3].map(() => () => server.ask(document, input())));

    const [alone, second, third] = answers.map(({ extensions }) => extensions.trace);
    expect(alone?.count).toBe(9);
    // On PostgreSQL one more says how long it may wait for the rows of others.
    expect(second?.count).toBe(database === 'sqlite' ? 9 : 10);
    expect(third?.statements).toEqual(second?.statements);
    expect(commits()).toBe(2);
  });

  test('are at most 64 and 2,000 lines in one transaction', async () => {
    const single = Array.from({ length: 70 }, () => issue('1'));
    await together(sends('stockIssue', single));
    expect(commits()).toBe(3);

    statements.length = 0;
    await stock(server, sku, 'SHELF', '10000');
    const line = { item: { sku }, quantity: '1' };
    const long = Array.from({ length: 4 }, () => issue('1', { lines: Array(1000).fill(line) }));
    statements.length = 0;
    await together(sends('stockIssue', long));
    expect(commits()).toBe(3);
    expect(await levels(server, sku)).toMatchObject({ SHELF: '6030' });
  });

  test('of which some lack stock: these are refused, each with its own shortages', async () => {
    const inputs = Array.from({ length: 20 }, (_, index) =>
      issue([3, 7, 19].includes(index) ? String(1000 + index) : '1', {
        idempotencyKey: `${sku} ${index}`,
      }),
    );

    const answers = await together(sends('stockIssue', inputs));

    const refused = answers.flatMap((answer, index) =>
      answer.__typename === 'InsufficientStock' ? [{ index, shortages: answer.shortages }] : [],
    );
    const short = (index: number) => ({
      index,
      shortages: [
        {
          lines: [0],
          item: { sku },
          location: { code: 'SHELF' },
          requested: String(1000 + index),
          available: '83',
        },
      ],
    });
    expect(refused).toEqual([short(3), short(7), short(19)]);
    expect(commits()).toBe(2);
    expect(await levels(server, sku)).toEqual({ SUPPLIER: '-100', SHELF: '83', CUSTOMER: '17' });
    // A refusal stores nothing: its key is free.
    await stock(server, sku, 'SHELF', '1000');
    expect(await move(server, 'stockIssue', inputs[3] as object)).toMatchObject({
      replayed: false,
    });
  });

  test('the last ones find what those before them left', async () => {
    const answers = await together(sends('stockIssue', Array(8).fill(issue('15'))));

    expect(answers.map(({ __typename }) => __typename)).toEqual([
      ...Array(6).fill('StockIssueSuccess'),
      ...Array(2).fill('InsufficientStock'),
    ]);
    expect(answers.at(-1).shortages[0]).toMatchObject({ requested: '15', available: '10' });
    expect(commits()).toBe(2);
  });

  test('refused for other reasons, they are refused alone', async () => {
    await move(server, 'stockIssue', issue('1', { idempotencyKey: `${sku} used` }));
    statements.length = 0;
    const nothing = [{ item: { sku: 'NOTHING' }, quantity: '1' }];
    const inputs = [
      issue('1'),
      issue('2', { idempotencyKey: `${sku} used` }),
      issue('2'),
      issue('1', { lines: nothing }),
      issue('0.5'),
      issue('3'),
    ];

    const answers = await together(sends('stockIssue', inputs));

    expect(answers.map(({ __typename }) => __typename)).toEqual([
      'StockIssueSuccess',
      'IdempotencyMismatch',
      'StockIssueSuccess',
      'NotFound',
      'InvalidInput',
      'StockIssueSuccess',
    ]);
    expect(commits()).toBe(2);
    expect(await levels(server, sku)).toMatchObject({ SHELF: '93' });
  });

  test('with one key are one movement', async () => {
    const key = { idempotencyKey: `${sku} twice` };

    const answers = await together(
      sends('stockIssue', [
        issue('1'),
        issue('2', key),
        issue('3'),
        issue('2', key),
        issue('5', key),
      ]),
    );

    const [, once, , again, other] = answers;
    expect(once.replayed).toBe(false);
    expect(again).toMatchObject({ replayed: true, movement: once.movement });
    expect(other.__typename).toBe('IdempotencyMismatch');
    expect(await levels(server, sku)).toMatchObject({ SHELF: '94' });
  });

  test('of several users keep their own actors', async () => {
    const other = await server.member('CLERK');
    const clerk = keyOf('User', other.user);
    const clients = [server, server, other, server, other];

    const answers = await together(
      clients.flatMap((client) => sends('stockIssue', [issue('1')], client)),
    );

    expect(commits()).toBe(2);
    const seqs = answers.map(({ movement }) => movement.seq).join(', ');
    const rows = (table: string) =>
      server.orm.em
        .fork()
        .getConnection()
        .execute<{ actor_id: number | string }[]>(
          `select actor_id from ${table} where organization_id = ${server.owner.organizationId}
            and seq in (${seqs}) order by seq`,
        );
    const owner = server.owner.userId;
    for (const table of ['movements', 'journal_entries']) {
      const actors = (await rows(table)).map(({ actor_id }) => Number(actor_id));
      expect(actors).toEqual([owner, owner, clerk, owner, clerk]);
    }
  });

  test('of two organizations share nothing', async () => {
    const key = await server.otherOrganization();
    const other = server.as(key);
    await createItem(other, sku);
    await createLocation(other, 'SHELF');
    await stock(other, sku, 'SHELF', '100');
    statements.length = 0;

    const [own, others] = [
      sends('stockIssue', Array(3).fill(issue('1'))),
      sends('stockIssue', Array(3).fill(issue('2')), other),
    ];
    const theirs: Promise<unknown>[] = [];
    await together([
      ...own,
      () => {
        theirs.push(...others.map((send) => send()));
        return move(server, 'stockIssue', issue('1'));
      },
    ]);
    await Promise.all(theirs);

    // Whether the others shared depends on when they came; with ours they never did.
    expect(await levels(server, sku)).toMatchObject({ SHELF: '96', CUSTOMER: '4' });
    expect(await levels(other, sku)).toMatchObject({ SHELF: '94', CUSTOMER: '6' });
    expect(await audit(other)).toEqual(CLEAN);
  });

  test('one that fails does not make the others fail', async () => {
    const posting = (): Posting => ({
      kind: 'ISSUE',
      idempotencyKey: crypto.randomUUID(),
      lines: [{ item: { sku }, from: { code: 'SHELF' }, to: { world: 'CUSTOMER' }, quantity: '1' }],
    });
    const nobody = { ...server.owner, userId: 999_999 };
    const post = (viewer: typeof nobody) => () =>
      queue()
        .post(server.orm.em.fork(), orderOf(viewer, posting()))
        .then(
          ({ replayed }) => ({ replayed }),
          (error: Error) => error.name,
        );

    const answers = await together([server.owner, server.owner, nobody, server.owner].map(post));

    expect(answers).toEqual([
      { replayed: false },
      { replayed: false },
      'ForeignKeyConstraintViolationException',
      { replayed: false },
    ]);
    expect(await levels(server, sku)).toMatchObject({ SHELF: '97' });
  });

  test('a serial number is in no two places, not even between two of them', async () => {
    const serial = `SERIAL-${sku}`;
    await createItem(server, serial, { tracking: 'SERIAL' });
    const lines = [{ item: { sku: serial }, quantity: '1', lot: { code: 'N1' } }];
    await move(server, 'stockReceive', { to: { code: 'SHELF' }, lines });
    const out = [{ item: { sku: serial }, quantity: '1', lot: 'N1' }];

    const answers = await together([
      ...sends('stockIssue', [issue('1')]),
      ...sends('stockReceive', [{ to: { code: 'BENCH' }, lines }]),
      ...sends('stockIssue', [{ from: { code: 'BENCH' }, lines: out }]),
    ]);

    expect(answers.map(({ __typename }) => __typename)).toEqual([
      'StockIssueSuccess',
      'InvalidState',
      'InsufficientStock',
    ]);
    expect(await levels(server, serial)).toEqual({ SUPPLIER: '-1', SHELF: '1' });
  });

  // SQLite locks no rows.
  if (database === 'sqlite') return;
  test('one that waits for a level does not make the others wait', async () => {
    const held = `HELD-${sku}`;
    await createItem(server, held);
    await stock(server, held, 'SHELF', '1');
    const release = await holdRows(
      server,
      `select v.id from stock_levels v join items i on i.id = v.item_id
        where i.sku = '${held}' for update of v`,
    );
    const stuck = issue('1', { lines: [{ item: { sku: held }, quantity: '1' }] });

    const answers = together(sends('stockIssue', [issue('1'), stuck, issue('1'), issue('1')]));
    await until('all others are done', async () => (await levels(server, sku))['SHELF'] === '97');
    expect(await levels(server, held)).toMatchObject({ SHELF: '1' });
    await release();

    expect((await answers).map(({ __typename }) => __typename)).toEqual(
      Array(4).fill('StockIssueSuccess'),
    );
    expect(await levels(server, held)).toMatchObject({ SHELF: '0' });
  });
});
