import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { DATABASES } from './support/databases.ts';
import { createItem, createLocation, levels, stock } from './support/factories.ts';
import { startServer, type TestServer } from './support/server.ts';

describe.each(DATABASES)('one transaction for a mutation on %s', (database) => {
  let server: TestServer;
  let sku: string;

  beforeAll(async () => {
    server = await startServer(database);
    await createLocation(server, 'SHELF');
    await createLocation(server, 'BENCH');
  });

  afterAll(() => server.stop());

  beforeEach(async () => {
    sku = `ITEM-${crypto.randomUUID()}`;
    await createItem(server, sku);
    await stock(server, sku, 'SHELF', '10');
  });

  /** Issues of so much each, named `a`, `b`, `c` …, in one operation. */
  const issues = (directives: string, quantities: string[], more = '') => {
    const fields = quantities.map((quantity, index) => {
      const name = String.fromCharCode('a'.charCodeAt(0) + index);
      return `${name}: stockIssue(input: {
        idempotencyKey: "${crypto.randomUUID()}", from: { code: "SHELF" }
        lines: [{ item: { sku: "${sku}" }, quantity: "${quantity}" }]
      }) {
        __typename
        ... on StockSuccess { levels { onHand } movement { seq lines { nodes { fromAfter item { onHand } } } } }
        ... on InsufficientStock { shortages { available item { sku } } }
      }`;
    });
    return `mutation Work ${directives} { ${fields.join('\n')} ${more} }`;
  };

  const onShelf = async () => (await levels(server, sku))['SHELF'];

  const head = async () =>
    (
      await server.run(
        '{ movements(first: 1, orderBy: { field: SEQ, direction: DESC }) { nodes { seq } } }',
      )
    ).movements.nodes[0].seq;

  test('without a directive, each field stands for itself', async () => {
    const { data } = await server.ask(issues('', ['4', '7', '5']));

    expect(data.a.__typename).toBe('StockIssueSuccess');
    expect(data.b).toMatchObject({
      __typename: 'InsufficientStock',
      shortages: [{ available: '6' }],
    });
    expect(data.c.__typename).toBe('StockIssueSuccess');
    expect(await onShelf()).toBe('1');
  });

  test('@atomic does all of it, and each field sees what those before it did', async () => {
    const before = await head();
    const { data, errors } = await server.ask(issues('@atomic', ['4', '3']));

    expect(errors).toEqual([]);
    expect(data.a.movement).toEqual({
      seq: before + 1,
      lines: { nodes: [{ fromAfter: '6', item: { onHand: '6' } }] },
    });
    expect(data.b.movement).toEqual({
      seq: before + 2,
      lines: { nodes: [{ fromAfter: '3', item: { onHand: '3' } }] },
    });
    expect(await onShelf()).toBe('3');
  });

  test('@atomic does nothing when a field is refused, and runs none after it', async () => {
    const before = await head();
    const { data, errors, status } = await server.ask(issues('@atomic', ['4', '7', '1']));

    expect(status).toBe(200);
    expect(data).toEqual({
      a: null,
      b: {
        __typename: 'InsufficientStock',
        shortages: [{ available: '6', item: { sku } }],
      },
      c: null,
    });
    expect(errors).toEqual(
      ['a', 'c'].map((key) => ({
        message: 'Nothing of it was done, because `b` was not.',
        path: [key],
        extensions: { code: 'ROLLED_BACK', failedPath: ['b'] },
      })),
    );
    expect(await onShelf()).toBe('10');
    expect(await head()).toBe(before);
  });

  test('@atomic does nothing when a unique key is taken', async () => {
    const { data, errors } = await server.ask(
      issues(
        '@atomic',
        ['4'],
        `z: itemCreate(input: { sku: "${sku}", name: "Twin" }) {
        __typename ... on Error { code path }
      }`,
      ),
    );

    expect(data).toEqual({
      a: null,
      z: { __typename: 'AlreadyExists', code: 'ALREADY_EXISTS', path: ['input', 'sku'] },
    });
    expect(errors).toMatchObject([{ path: ['a'], extensions: { failedPath: ['z'] } }]);
    expect(await onShelf()).toBe('10');
  });

  test('@atomic is tried again whole after a conflict: opposite orders at once all succeed', async () => {
    const other = `${sku}-2`;
    await createItem(server, other);
    await stock(server, other, 'SHELF', '100');
    const transfer = (name: string, item: string) => `${name}: stockTransfer(input: {
      idempotencyKey: "${crypto.randomUUID()}", from: { code: "SHELF" }, to: { code: "BENCH" }
      lines: [{ item: { sku: "${item}" }, quantity: "1" }]
    }) { __typename }`;
    const both = (first: string, second: string) =>
      server.ask(`mutation @atomic { ${transfer('a', first)} ${transfer('b', second)} }`);

    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => (index % 2 ? both(sku, other) : both(other, sku))),
    );

    expect(answers.flatMap(({ errors }) => errors)).toEqual([]);
    expect(await levels(server, sku)).toMatchObject({ SHELF: '0', BENCH: '10' });
    expect(await levels(server, other)).toMatchObject({ SHELF: '90', BENCH: '10' });
  });

  test('@atomic gives way to movements that stand alone, and all succeed', async () => {
    await stock(server, sku, 'SHELF', '90');
    const atomic = () => server.ask(issues('@atomic', ['1', '1']));
    const alone = () => server.ask(issues('', ['1']));

    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) => (index % 3 ? alone() : atomic())),
    );

    expect(answers.flatMap(({ errors }) => errors)).toEqual([]);
    expect(await onShelf()).toBe('60');
  });

  test('@dryRun answers as if it were done, and undoes it', async () => {
    const before = await head();
    const answer = await server.ask(issues('@dryRun', ['4', '7', '5']));

    expect(answer.extensions).toMatchObject({ dryRun: true });
    expect(answer.data).toMatchObject({
      a: { levels: [{ onHand: '6' }], movement: { lines: { nodes: [{ item: { onHand: '6' } }] } } },
      b: { __typename: 'InsufficientStock', shortages: [{ available: '6' }] },
      c: { levels: [{ onHand: '1' }] },
    });
    expect(await onShelf()).toBe('10');
    expect(await head()).toBe(before);
  });

  test('@dryRun(if: false) is done', async () => {
    const document = issues('($dry: Boolean!) @dryRun(if: $dry)', ['4']).replace('Work (', 'Work(');
    const dry = await server.ask(document, { dry: true });
    const real = await server.ask(document, { dry: false });

    expect(dry.extensions).toMatchObject({ dryRun: true });
    expect(real.extensions).not.toHaveProperty('dryRun');
    expect(await onShelf()).toBe('6');
  });

  test('@atomic @dryRun refuses as @atomic does, and undoes what would be done', async () => {
    const refused = await server.ask(issues('@atomic @dryRun', ['4', '7']));
    const fine = await server.ask(issues('@atomic @dryRun', ['4', '6']));

    expect(refused.data).toMatchObject({ a: null, b: { __typename: 'InsufficientStock' } });
    expect(fine.data).toMatchObject({
      a: { levels: [{ onHand: '6' }] },
      b: { levels: [{ onHand: '0' }] },
    });
    expect(fine.extensions).toMatchObject({ dryRun: true });
    expect(await onShelf()).toBe('10');
  });

  test('queries do not take the directives', async () => {
    const { errors } = await server.ask('query @atomic { items { nodes { sku } } }');

    expect(errors[0]).toMatchObject({ extensions: { code: 'BAD_REQUEST' } });
  });
});
