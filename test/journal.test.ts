import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DATABASES } from './support/databases.ts';
import { createItem, createLocation, levels, move, stock } from './support/factories.ts';
import { startServer, type TestServer } from './support/server.ts';

const FOLLOW = `query ($after: SafeInt, $first: Int) {
  journal(after: $after, first: $first) { entries { seq } headSeq hasMore }
}`;

/** A page of the journal, as `FOLLOW` asks for it. */
interface Page {
  readonly entries: readonly { seq: number }[];
  readonly headSeq: number;
  readonly hasMore: boolean;
}

const upTo = (head: number) => Array.from({ length: head }, (_, index) => index + 1);

describe.each(DATABASES)('the journal on %s', (database) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer(database);
    await createLocation(server, 'SHELF');
  });

  afterAll(() => server.stop());

  async function readPage(after: number, first: number): Promise<Page> {
    return (await server.run(FOLLOW, { after, first })).journal;
  }

  const head = async () => (await readPage(0, 1)).headSeq;

  test('says who did what to what, with the difference', async () => {
    const after = await head();
    const item = await createItem(server, 'TOLD', { name: 'Before' });
    await server.run(
      `mutation ($id: ID!) {
        itemUpdate(input: { item: { id: $id }, name: "After" }) { __typename }
      }`,
      { id: item },
    );
    await stock(server, 'TOLD', 'SHELF', '5');

    const { journal } = await server.run(
      `query ($after: SafeInt!) {
        journal(after: $after) {
          headSeq
          hasMore
          entries {
            seq action changes
            actor { name }
            subject { __typename ... on Item { sku name } ... on Movement { seq kind } }
          }
        }
      }`,
      { after },
    );

    const told = { __typename: 'Item', sku: 'TOLD', name: 'After' };
    const actor = { name: 'Owner' };
    expect(journal).toEqual({
      headSeq: after + 3,
      hasMore: false,
      entries: [
        {
          ...{ seq: after + 1, action: 'item.create', actor, subject: told },
          changes: expect.objectContaining({ sku: 'TOLD', name: 'Before' }),
        },
        {
          ...{ seq: after + 2, action: 'item.update', actor, subject: told },
          changes: expect.objectContaining({ name: { from: 'Before', to: 'After' } }),
        },
        {
          ...{ seq: after + 3, action: 'stock.receipt', actor, changes: null },
          subject: { __typename: 'Movement', seq: after + 3, kind: 'RECEIPT' },
        },
      ],
    });
  });

  test('is followed from no place that cannot be counted', async () => {
    const written = await server.ask('{ journal(after: 9007199254740992) { headSeq } }');
    const given = await server.ask(
      'query ($after: SafeInt) { journal(after: $after) { headSeq } }',
      {
        after: 2 ** 53,
      },
    );

    for (const { errors } of [written, given]) {
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_REQUEST' } }]);
      expect(errors[0]?.message).toContain(
        'SafeInt cannot represent 9007199254740992: ' +
          'expected a whole number, as far as 9007199254740991 from zero.',
      );
    }
  });

  test('begins with the organization, which is no node', async () => {
    const { journal } = await server.run(
      '{ journal(first: 1) { entries { seq action at subject { id } changes } hasMore } }',
    );

    expect(journal).toEqual({
      hasMore: true,
      entries: [
        {
          seq: 1,
          action: 'organization.create',
          at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
          subject: null,
          changes: { name: 'Test' },
        },
      ],
    });
  });

  test('pages of any size have every entry once, to the end', async () => {
    for (let index = 0; index < 12; index += 1) await createItem(server, `PAGED-${index}`);
    const end = await head();

    for (const first of [1, 7, end, 100]) {
      const seqs: number[] = [];
      for (let more = true; more; ) {
        const page: Page = await readPage(seqs.at(-1) ?? 0, first);
        expect(page.headSeq).toBe(end);
        expect(page.entries).toHaveLength(Math.min(first, end - seqs.length));
        seqs.push(...page.entries.map(({ seq }) => seq));
        expect(page.hasMore).toBe(seqs.length < end);
        more = page.hasMore;
      }
      expect(seqs).toEqual(upTo(end));
    }
  });

  test('is empty at its end and beyond it; 20 entries are a page unless said', async () => {
    const end = await head();
    const beyond = { entries: [], headSeq: end, hasMore: false };

    expect(await readPage(end, 10)).toEqual(beyond);
    expect(await readPage(Number.MAX_SAFE_INTEGER, 10)).toEqual(beyond);
    const { journal } = await server.run('{ journal { entries { seq } } }');
    expect(journal.entries.map(({ seq }: { seq: number }) => seq)).toEqual(upTo(20));
  });

  test.each([
    ['none', 0],
    ['less than none', -1],
    ['too many', 101],
  ])('%s is a bad request', async (_what, first) => {
    const { errors } = await server.ask(FOLLOW, { first });

    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({
      message: `\`first\` must be from 1 to 100, got ${first}.`,
      path: ['journal'],
      extensions: { code: 'BAD_REQUEST' },
    });
  });

  test('as many statements for 2 entries as for 100: one, and one for each type behind', async () => {
    const after = await head();
    for (let index = 0; index < 50; index += 1) {
      await createItem(server, `COUNTED-${index}`);
      await stock(server, `COUNTED-${index}`, 'SHELF', '1');
    }
    const document = `query ($after: SafeInt!, $first: Int!) {
      journal(after: $after, first: $first) {
        headSeq hasMore
        entries { seq actor { name } subject { id __typename } }
      }
    }`;

    const few = await server.ask(document, { after, first: 2 });
    const many = await server.ask(document, { after, first: 100 });

    expect(few.data.journal.entries).toHaveLength(2);
    expect(many.data.journal.entries).toHaveLength(100);
    const types = many.data.journal.entries.map(
      ({ subject }: { subject: { __typename: string } }) => subject.__typename,
    );
    expect(types).toEqual(upTo(100).map((place) => (place % 2 ? 'Item' : 'Movement')));
    // The entries with their head, the actors, the items, the movements.
    expect(few.extensions.trace.count).toBe(4);
    expect(many.extensions.trace.count).toBe(4);
  });

  test('another organization has a journal of its own, and sees nothing of this one', async () => {
    const authorization = `Bearer ${await server.otherOrganization()}`;
    await createItem(server, 'FOREIGN');

    const { data } = await server.ask(
      '{ journal(first: 100) { headSeq hasMore entries { seq action subject { id } } } }',
      {},
      { authorization },
    );

    const worlds = { seq: expect.any(Number), action: 'location.create' };
    expect(data.journal).toMatchObject({
      headSeq: 5,
      hasMore: false,
      entries: [
        { seq: 1, action: 'organization.create', subject: null },
        ...Array.from({ length: 4 }, () => worlds),
      ],
    });
    const seen = data.journal.entries.map(({ seq }: { seq: number }) => seq);
    expect(seen).toEqual(upTo(5));
  });

  test('whoever follows it while others write misses nothing, and finds nothing late', async () => {
    await createItem(server, 'BUSY');
    await stock(server, 'BUSY', 'SHELF', '200');
    const started = await head();
    let writing = true;
    const writers = Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        index % 3 === 0
          ? createItem(server, `BUSY-${index}`)
          : move(server, 'stockIssue', {
              from: { code: 'SHELF' },
              lines: [{ item: { sku: 'BUSY' }, quantity: '1' }],
            }),
      ),
    ).finally(() => {
      writing = false;
    });

    const followed: number[] = [];
    let newest = started;
    for (let last = false; !last; ) {
      // Without a socket between them, client and server would never let the process do anything else.
      await turn();
      // Whatever was committed before the last question is in its answer.
      last = !writing;
      const page = await readPage(newest, 100);
      followed.push(...page.entries.map(({ seq }) => seq));
      expect(page.headSeq).toBe(followed.at(-1) ?? newest);
      newest = page.headSeq;
    }
    await writers;

    expect(followed).toEqual(upTo(60).map((place) => started + place));
    expect(await levels(server, 'BUSY')).toEqual({
      SUPPLIER: '-200',
      SHELF: '160',
      CUSTOMER: '40',
    });
  });
});
