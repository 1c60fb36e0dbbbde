import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DATABASES } from '../support/databases.ts';
import { createItem, createLocation, move, stock } from '../support/factories.ts';
import { areWaiting, holdWriters } from '../support/holding.ts';
import { audit, CLEAN, inFlight, randomNumbers, tally } from '../support/load.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

/** How many requests are under way at once. */
const AT_ONCE = 40;

/** How many items, each with a place of its own, are raced for. */
const PAIRS = 15;

const REAL_LEVELS = `stockLevels(where: { location: { is: { kind: { eq: STORAGE } } } }) {
  nodes { onHand reserved }
}`;

const STATE = `query ($name: String!) {
  item(by: { sku: $name }) {
    id archivedAt ${REAL_LEVELS} reservations { nodes { state } }
    movementLines { nodes { movement { seq } } }
  }
  location(by: { code: $name }) { id archivedAt ${REAL_LEVELS} }
}`;

const ARCHIVINGS = `query ($id: ID!) {
  journal(first: 100, where: { subject: $id }) { entries { seq action } }
}`;

/** What each call may answer, whatever came before it. */
const LEGAL = /^(\w+Success|InvalidState|InsufficientStock)$/;

interface Entry {
  readonly seq: number;
  readonly action: string;
}

describe.each(DATABASES)('archiving while stock moves on %s', (database) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer(database);
    await createLocation(server, 'HOME');
  });

  afterAll(() => server.stop());

  const line = (sku: string, quantity = '1') => ({ item: { sku }, quantity });

  /** Items and places of the same names, each with this much of it there. */
  async function pairs(prefix: string, onHand: number): Promise<string[]> {
    const names = Array.from({ length: PAIRS }, (_, index) => `${prefix}-${index}`);
    for (const name of names) {
      await createItem(server, name);
      await createLocation(server, name);
      if (onHand > 0) await stock(server, name, name, String(onHand));
    }
    return names;
  }

  /** Archives or restores the item or the place of a name. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever they asked for
  async function put(name: string, what: 'item' | 'location', verb = 'Archive'): Promise<any> {
    const field = `${what}${verb}`;
    const by = what === 'item' ? { sku: name } : { code: name };
    const document = `mutation ($by: ${what === 'item' ? 'ItemBy' : 'LocationBy'}!) {
      ${field}(input: { ${what}: $by }) { __typename ... on Error { message } }
    }`;
    return (await server.run(document, { by }))[field];
  }

  /** Sends all calls in an order of chance, many at once; none is answered with a fault. */
  async function race(calls: readonly (() => Promise<{ __typename: string }>)[]) {
    const random = randomNumbers(calls.length);
    const shuffled = calls
      .map((call) => ({ call, place: random() }))
      .sort((a, b) => a.place - b.place);
    const answers = await inFlight(AT_ONCE, shuffled, ({ call }) => call());
    for (const { __typename } of answers) expect(__typename).toMatch(LEGAL);
    return tally(answers.map(({ __typename }) => __typename));
  }

  /** Receives one more of an item, and tells how many statements that took. */
  async function received(sku: string): Promise<{ typename: string; statements: number }> {
    const input = {
      ...{ idempotencyKey: crypto.randomUUID(), to: { code: 'HOME' } },
      lines: [line(sku)],
    };
    const document = `mutation ($input: StockReceiveInput!) {
      stockReceive(input: $input) { __typename }
    }`;
    const { data, extensions } = await server.ask(document, { input });
    return { typename: data.stockReceive.__typename, statements: extensions.trace.count };
  }

  /** The journal's place of the newest archiving of an item or a place. */
  async function archivedAt(id: string): Promise<number> {
    const { journal } = await server.run(ARCHIVINGS, { id });
    const entries: Entry[] = journal.entries;
    return entries.findLast(({ action }) => action.endsWith('.archive'))?.seq ?? 0;
  }

  /**
   * What is archived has neither stock nor holds, and nothing moved to it after its archiving.
   * @returns how many items and places are archived.
   */
  async function expectLegal(names: readonly string[]): Promise<number> {
    const states = await Promise.all(names.map((name) => server.run(STATE, { name })));
    const archived = states
      .flatMap(({ item, location }) => [item, { ...location, movementLines: item.movementLines }])
      .filter((side) => side.archivedAt !== null);
    for (const { id, stockLevels, movementLines, reservations } of archived) {
      const level = { onHand: '0', reserved: '0' };
      expect(stockLevels.nodes).toEqual(stockLevels.nodes.map(() => level));
      expect(JSON.stringify(reservations ?? '')).not.toContain('ACTIVE');
      const last = await archivedAt(id);
      for (const { movement } of movementLines.nodes) expect(movement.seq).toBeLessThan(last);
    }
    expect(await audit(server)).toEqual(CLEAN);
    return archived.length;
  }

  test('nothing comes to an archived item or place by a receipt, an adjustment or a count', async () => {
    const names = await pairs('EMPTY', 0);
    const tallied = await race(
      names.flatMap((name) => [
        () => move(server, 'stockReceive', { to: { code: name }, lines: [line(name)] }),
        () =>
          move(server, 'stockAdjust', {
            ...{ location: { code: name }, reason: 'FOUND' },
            lines: [{ item: { sku: name }, delta: '2' }],
          }),
        () =>
          move(server, 'stockCount', {
            location: { code: name },
            lines: [{ item: { sku: name }, counted: '5' }],
          }),
        () => put(name, 'item'),
        () => put(name, 'location'),
      ]),
    );

    const archived = await expectLegal(names);
    const { ItemArchiveSuccess = 0, LocationArchiveSuccess = 0 } = tallied;
    expect(archived).toBe(ItemArchiveSuccess + LocationArchiveSuccess);
  });

  test('a movement is not undone into what is archived', async () => {
    const names = await pairs('BACK', 1);
    const issued = new Map<string, string>();
    for (const name of names) {
      const answer = await move(server, 'stockIssue', {
        from: { code: name },
        lines: [line(name)],
      });
      issued.set(name, answer.movement.id);
    }
    await race(
      names.flatMap((name) => [
        () => move(server, 'movementReverse', { movement: issued.get(name) }),
        () => put(name, 'item'),
        () => put(name, 'location'),
      ]),
    );
    await expectLegal(names);
  });

  test('archived and restored over and over, the ledger stays sound', async () => {
    const names = await pairs('FLIP', 0);
    await race(
      names.flatMap((name) => [
        ...(['item', 'location'] as const).flatMap((what) => [
          () => put(name, what),
          () => put(name, what, 'Restore'),
          () => put(name, what),
        ]),
        () => move(server, 'stockReceive', { to: { code: name }, lines: [line(name)] }),
        () => move(server, 'stockIssue', { from: { code: name }, lines: [line(name)] }),
        () =>
          move(server, 'stockReserve', {
            reference: name,
            lines: [{ ...line(name), location: { code: name } }],
          }),
      ]),
    );
    await expectLegal(names);
  });

  test('a place in use never lies in an archived one', async () => {
    const parents = Array.from({ length: PAIRS }, (_, index) => `UPPER-${index}`);
    for (const code of parents) await createLocation(server, code);
    const children = parents.map((code) => code.replace('UPPER', 'LOWER'));
    for (const code of children) await createLocation(server, code);
    const create = async (code: string, parent: string) =>
      (
        await server.run(
          `mutation ($input: LocationCreateInput!) {
            locationCreate(input: $input) { __typename }
          }`,
          { input: { code, name: code, kind: 'STORAGE', parent: { code: parent } } },
        )
      ).locationCreate;
    const relocate = async (code: string, parent: string) =>
      (
        await server.run(
          `mutation ($input: LocationUpdateInput!) {
            locationUpdate(input: $input) { __typename }
          }`,
          { input: { location: { code }, parent: { code: parent } } },
        )
      ).locationUpdate;

    await race(
      parents.flatMap((parent, index) => [
        () => create(`INNER-${index}`, parent),
        () => relocate(children[index] as string, parent),
        () => put(children[index] as string, 'location'),
        () => put(children[index] as string, 'location', 'Restore'),
        () => put(parent, 'location'),
        () => put(parent, 'location'),
      ]),
    );

    const { locations } = await server.run(`{
      locations(first: 100, where: { archived: false, parent: { is: { archived: true } } }) {
        nodes { code parent { code } }
      }
    }`);
    expect(locations.nodes).toEqual([]);
  });

  test('a receipt is done once, though something else was archived while it was under way', async () => {
    await createItem(server, 'BUSY');
    await createItem(server, 'QUIET');
    await stock(server, 'BUSY', 'HOME', '1');
    const { statements: alone } = await received('BUSY');
    const release = await holdWriters(server);

    const archiving = put('QUIET', 'item');
    if (database === 'postgresql') await until('it waits', () => areWaiting(server, 1));
    const receiving = received('BUSY');
    if (database === 'postgresql') await until('both wait', () => areWaiting(server, 2));
    await release();

    expect((await archiving).__typename).toBe('ItemArchiveSuccess');
    const { typename, statements } = await receiving;
    expect(typename).toBe('StockReceiveSuccess');
    // One statement looks whether it is what the receipt touches; on SQLite they wait for each other.
    expect(statements - alone).toBe(database === 'postgresql' ? 1 : 0);
    expect(await audit(server)).toEqual(CLEAN);
  });
});
