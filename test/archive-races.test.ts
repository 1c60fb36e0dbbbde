import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DATABASES } from './support/databases.ts';
import { createItem, createLocation, levels, move, stock } from './support/factories.ts';
import { audit, CLEAN, tally } from './support/load.ts';
import { openBeside, startServer, type TestServer } from './support/server.ts';

/** How often each race is run. */
const RACES = Array.from({ length: 30 }, (_, index) => index);

const ITEM_ARCHIVE = `mutation ($sku: String) {
  itemArchive(input: { item: { sku: $sku } }) { __typename ... on Error { code path } }
}`;
const LOCATION_ARCHIVE = `mutation ($code: String) {
  locationArchive(input: { location: { code: $code } }) { __typename ... on Error { code path } }
}`;
const CREATE_BELOW = `mutation ($code: String!, $parent: String!) {
  locationCreate(input: { code: $code, name: $code, parent: { code: $parent } }) {
    __typename ... on Error { code path }
  }
}`;

// Two processes would share a database as these two servers do, each with a queue of its own.
describe.each(DATABASES)('archiving by one server what another one uses, on %s', (database) => {
  let server: TestServer;
  let beside: TestServer;

  beforeAll(async () => {
    server = await startServer(database);
    beside = await openBeside(server);
    await createLocation(server, 'SHELF');
  });

  afterAll(async () => {
    await beside.stop();
    await server.stop();
  });

  const archiveItem = async (sku: string) =>
    (await beside.run(ITEM_ARCHIVE, { sku })).itemArchive.__typename;
  const archiveLocation = async (code: string) =>
    (await beside.run(LOCATION_ARCHIVE, { code })).locationArchive.__typename;
  const isArchived = async (field: string) =>
    (await server.run(`{ at: ${field} { archivedAt } }`)).at.archivedAt !== null;

  test('an item that is received stays in use, or one that was archived is not received', async () => {
    const endings = await Promise.all(
      RACES.map(async (index) => {
        const sku = `RECEIVED-${index}`;
        await createItem(server, sku);
        const [receipt, archiving] = await Promise.all([
          move(server, 'stockReceive', {
            to: { code: 'SHELF' },
            lines: [{ item: { sku }, quantity: '1' }],
          }),
          archiveItem(sku),
        ]);
        const archived = await isArchived(`item(by: { sku: "${sku}" })`);
        const { SHELF = '0' } = await levels(server, sku);
        return `${receipt.__typename} ${archiving} archived: ${archived} here: ${SHELF}`;
      }),
    );

    const { RECEIPT, ARCHIVE, ...others } = named(endings, {
      RECEIPT: 'StockReceiveSuccess InvalidState archived: false here: 1',
      ARCHIVE: 'InvalidState ItemArchiveSuccess archived: true here: 0',
    });
    expect(others).toEqual({});
    expect((RECEIPT ?? 0) + (ARCHIVE ?? 0)).toBe(RACES.length);
    expect(await audit(server)).toEqual(CLEAN);
  });

  test('a hold and an archived item never meet, whoever takes the last of it away', async () => {
    const endings = await Promise.all(
      RACES.map(async (index) => {
        const sku = `HELD-${index}`;
        await createItem(server, sku);
        await stock(server, sku, 'SHELF', '1');
        const lines = [{ item: { sku }, quantity: '1' }];
        await Promise.all([
          move(server, 'stockIssue', { from: { code: 'SHELF' }, lines }),
          move(beside, 'stockReserve', {
            reference: sku,
            lines: lines.map((line) => ({ ...line, location: { code: 'SHELF' } })),
          }),
          archiveItem(sku),
        ]);
        const { item } = await server.run(
          `{ item(by: { sku: "${sku}" }) { archivedAt onHand reserved } }`,
        );
        return `${item.archivedAt ? 'archived' : 'in use'}, ${item.onHand}, ${item.reserved}`;
      }),
    );

    const {
      HELD = 0,
      GONE = 0,
      ARCHIVED = 0,
      ...others
    } = named(endings, {
      HELD: 'in use, 1, 1',
      GONE: 'in use, 0, 0',
      ARCHIVED: 'archived, 0, 0',
    });
    expect(others).toEqual({});
    expect(HELD + GONE + ARCHIVED).toBe(RACES.length);
    expect(await audit(server)).toEqual(CLEAN);
  });

  test('nothing comes to lie in an archived place', async () => {
    await createItem(server, 'CARRIED');
    await stock(server, 'CARRIED', 'SHELF', '100');
    const endings = await Promise.all(
      RACES.map(async (index) => {
        const code = `BIN-${index}`;
        await createLocation(server, code);
        const [transfer, archiving] = await Promise.all([
          move(server, 'stockTransfer', {
            ...{ from: { code: 'SHELF' }, to: { code } },
            lines: [{ item: { sku: 'CARRIED' }, quantity: '1' }],
          }),
          archiveLocation(code),
        ]);
        const archived = await isArchived(`location(by: { code: "${code}" })`);
        return `${transfer.__typename} ${archiving} archived: ${archived}`;
      }),
    );

    const {
      CARRIED = 0,
      ARCHIVED = 0,
      ...others
    } = named(endings, {
      CARRIED: 'StockTransferSuccess InvalidState archived: false',
      ARCHIVED: 'InvalidState LocationArchiveSuccess archived: true',
    });
    expect(others).toEqual({});
    expect(CARRIED + ARCHIVED).toBe(RACES.length);
    expect((await levels(server, 'CARRIED'))['SHELF']).toBe(String(100 - CARRIED));
    expect(await audit(server)).toEqual(CLEAN);
  });

  test('no place in use lies in an archived one', async () => {
    const endings = await Promise.all(
      RACES.map(async (index) => {
        const parent = `ROOM-${index}`;
        await createLocation(server, parent);
        const [created, archiving] = await Promise.all([
          server.run(CREATE_BELOW, { code: `CORNER-${index}`, parent }),
          archiveLocation(parent),
        ]);
        return `${created.locationCreate.__typename} ${archiving}`;
      }),
    );

    const {
      CREATED = 0,
      ARCHIVED = 0,
      ...others
    } = named(endings, {
      CREATED: 'LocationCreateSuccess InvalidState',
      ARCHIVED: 'InvalidState LocationArchiveSuccess',
    });
    expect(others).toEqual({});
    expect(CREATED + ARCHIVED).toBe(RACES.length);
  });
});

/** How many races ended in each way: those that may be by a name, any other as it is. */
function named<K extends string>(
  endings: readonly string[],
  names: Readonly<Record<K, string>>,
): Partial<Record<K, number>> {
  const byEnding = new Map(Object.entries(names).map(([name, ending]) => [ending, name]));
  return tally(endings.map((ending) => byEnding.get(ending) ?? ending)) as never;
}
