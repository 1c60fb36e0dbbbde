import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DATABASES } from './support/databases.ts';
import { createItem, createLocation, levels, move, stock } from './support/factories.ts';
import { keyOf, recorded, subjectOf } from './support/journal.ts';
import { audit, CLEAN, inFlight } from './support/load.ts';
import { startServer, type TestServer } from './support/server.ts';

const REFUSAL = `__typename ... on Error { code message path }
  ... on VersionConflict { current { ... on Location { code version } ... on Item { sku version } } }`;
const LOCATION = 'location { id code name version archivedAt parent { code } }';
const ITEM = 'item { id sku version archivedAt }';

/** The document of a mutation that answers with what it changed. */
function documentOf(name: string): string {
  const title = `${name[0]?.toUpperCase()}${name.slice(1)}`;
  const answer = name.startsWith('item') ? ITEM : LOCATION;
  const refusal = name === 'locationCreate' ? '__typename ... on Error { message path }' : REFUSAL;
  return `mutation ($input: ${title}Input!) {
    ${name}(input: $input) { ${refusal} ... on ${title}Success { ${answer} } }
  }`;
}

const EVERYTHING = `{
  locations(first: 100) { nodes { id code name version archivedAt updatedAt parent { id } } }
  items(first: 100) { nodes { id sku version archivedAt updatedAt } }
  stockLevels(first: 100) { nodes { id onHand reserved } }
  journal { headSeq }
}`;

describe.each(DATABASES)('locations and archiving on %s', (database) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer(database);
  });

  afterAll(() => server.stop());

  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever they asked for
  const send = async (name: string, input: object): Promise<any> =>
    (await server.run(documentOf(name), { input }))[name];

  /** Sends what must be refused, and proves that it left nothing behind. */
  async function refused(name: string, input: object) {
    const before = await server.run(EVERYTHING);
    const answer = await send(name, input);
    expect(await server.run(EVERYTHING)).toEqual(before);
    return answer;
  }

  const by = (code: string) => ({ location: { code } });

  describe('locationUpdate', () => {
    test('renames and moves, and says so once', async () => {
      await createLocation(server, 'HALL');
      const yard = await createLocation(server, 'YARD');
      const rack = await createLocation(server, 'RACK', { parent: { code: 'HALL' } });

      let answer: object = {};
      const entries = await recorded(server, async () => {
        answer = await send('locationUpdate', {
          ...{ ...by('rack'), ifVersion: 1, code: 'RACK-1', name: 'Rack one' },
          parent: { id: yard },
        });
      });

      expect(answer).toEqual({
        __typename: 'LocationUpdateSuccess',
        location: {
          ...{ id: rack, code: 'RACK-1', name: 'Rack one', version: 2, archivedAt: null },
          parent: { code: 'YARD' },
        },
      });
      expect(entries).toEqual([
        {
          action: 'location.update',
          subject: subjectOf(rack),
          changes: {
            code: { from: 'RACK', to: 'RACK-1' },
            name: { from: 'RACK', to: 'Rack one' },
            parent: { from: expect.any(Number), to: keyOf(yard) },
          },
        },
      ]);
      const top = await send('locationUpdate', { ...by('RACK-1'), parent: null });
      expect(top.location).toMatchObject({ version: 3, parent: null });
      const same = await recorded(server, () =>
        send('locationUpdate', { ...by('RACK-1'), parent: null, name: 'Rack one' }),
      );
      expect(same).toEqual([]);
    });

    test('an outside world is renamed, and never moved', async () => {
      await createLocation(server, 'PORT');
      await createItem(server, 'SOLD');
      await stock(server, 'SOLD', 'PORT', '3');

      const renamed = await send('locationUpdate', { ...by('CUSTOMER'), code: 'BUYERS' });
      const moved = await refused('locationUpdate', {
        ...{ ...by('BUYERS'), parent: { code: 'PORT' } },
      });
      const sold = await move(server, 'stockIssue', {
        from: { code: 'PORT' },
        lines: [{ item: { sku: 'SOLD' }, quantity: '1' }],
      });

      expect(renamed.location).toMatchObject({ code: 'BUYERS' });
      expect(moved).toMatchObject({
        __typename: 'InvalidInput',
        message: 'An outside world stays where it is.',
        path: ['input', 'parent'],
      });
      expect(sold.__typename).toBe('StockIssueSuccess');
      expect(await levels(server, 'SOLD')).toEqual({ SUPPLIER: '-3', PORT: '2', BUYERS: '1' });
    });

    test('refuses circles, codes that are taken, what is not there, and an old version', async () => {
      await createLocation(server, 'OUTER');
      await createLocation(server, 'MIDDLE', { parent: { code: 'OUTER' } });
      await createLocation(server, 'INNER', { parent: { code: 'MIDDLE' } });
      const cases: [input: object, typename: string, path: string][] = [
        [{ ...by('OUTER'), parent: { code: 'OUTER' } }, 'InvalidInput', 'parent'],
        [{ ...by('OUTER'), parent: { code: 'INNER' } }, 'InvalidInput', 'parent'],
        [{ ...by('OUTER'), parent: { code: 'NOWHERE' } }, 'NotFound', 'parent'],
        [{ ...by('NOWHERE'), name: 'x' }, 'NotFound', 'location'],
        [{ ...by('OUTER'), code: 'inner' }, 'AlreadyExists', 'code'],
        [{ ...by('OUTER'), code: '' }, 'InvalidInput', 'code'],
        [{ ...by('OUTER'), name: 'a\0b' }, 'InvalidInput', 'name'],
        [{ ...by('OUTER'), name: 'x', ifVersion: 2 }, 'VersionConflict', 'ifVersion'],
      ];
      for (const [input, __typename, path] of cases) {
        const answer = await refused('locationUpdate', input);
        expect(answer).toMatchObject({ __typename, path: ['input', path] });
      }
    });
  });

  describe('locationArchive and locationRestore', () => {
    test('put an empty location out of use and back, each recorded once', async () => {
      const id = await createLocation(server, 'OLD-SHED');
      await createItem(server, 'SHED-ITEM');

      let archived = { location: { archivedAt: '' } };
      const entries = await recorded(server, async () => {
        archived = await send('locationArchive', { ...by('OLD-SHED'), ifVersion: 1 });
        await send('locationArchive', by('OLD-SHED'));
      });
      const into = await move(server, 'stockReceive', {
        to: { code: 'OLD-SHED' },
        lines: [{ item: { sku: 'SHED-ITEM' }, quantity: '1' }],
      });
      const { archivedAt } = archived.location;
      const back = await recorded(server, async () => {
        await send('locationRestore', { ...by('OLD-SHED'), ifVersion: 2 });
        await send('locationRestore', by('OLD-SHED'));
      });
      await stock(server, 'SHED-ITEM', 'OLD-SHED', '1');

      expect(archivedAt).toEqual(expect.any(String));
      expect(entries).toEqual([
        {
          action: 'location.archive',
          subject: subjectOf(id),
          changes: { archivedAt: { from: null, to: archivedAt } },
        },
      ]);
      expect(into).toMatchObject({ __typename: 'InvalidState', path: ['input', 'to'] });
      expect(back).toEqual([
        {
          action: 'location.restore',
          subject: subjectOf(id),
          changes: { archivedAt: { from: archivedAt, to: null } },
        },
      ]);
      expect(await levels(server, 'SHED-ITEM')).toEqual({ SUPPLIER: '-1', 'OLD-SHED': '1' });
    });

    test('refuse stock, holds and locations in use, and say how many', async () => {
      await createLocation(server, 'BUSY');
      await createLocation(server, 'BUSY-1', { parent: { code: 'BUSY' } });
      for (const sku of ['BUSY-A', 'BUSY-B']) {
        await createItem(server, sku);
        await stock(server, sku, 'BUSY', '4');
      }
      await move(server, 'stockReserve', {
        reference: 'job',
        lines: [{ item: { sku: 'BUSY-A' }, location: { code: 'BUSY' }, quantity: '1' }],
      });

      expect(await refused('locationArchive', by('BUSY'))).toEqual({
        __typename: 'InvalidState',
        code: 'INVALID_STATE',
        message:
          'There is something in the location BUSY (items on hand: 2, items reserved: 1, locations in use: 1).',
        path: ['input', 'location'],
      });
      expect(await refused('locationArchive', by('SUPPLIER'))).toMatchObject({
        __typename: 'InvalidState',
        message: 'An outside world is always in use.',
      });
      expect(await refused('locationArchive', { ...by('BUSY'), ifVersion: 9 })).toMatchObject({
        __typename: 'VersionConflict',
        current: { code: 'BUSY', version: 1 },
      });
    });

    test('nothing in use ever lies in what is archived', async () => {
      await createLocation(server, 'A');
      await createLocation(server, 'B', { parent: { code: 'A' } });
      await createLocation(server, 'C');
      await send('locationArchive', by('B'));
      await send('locationArchive', by('A'));
      const archived = {
        ...{ __typename: 'InvalidState', message: 'The location A is archived.' },
        path: ['input', 'parent'],
      };

      expect(await refused('locationRestore', by('B'))).toMatchObject({
        __typename: 'InvalidState',
        message: 'It lies in A, which is archived. Restore that first.',
      });
      expect(await refused('locationUpdate', { ...by('C'), parent: { code: 'A' } })).toMatchObject(
        archived,
      );
      expect(
        await refused('locationCreate', { code: 'D', name: 'D', parent: { code: 'A' } }),
      ).toMatchObject(archived);

      await send('locationRestore', by('A'));
      const { location } = await send('locationRestore', by('B'));
      expect(location).toMatchObject({ archivedAt: null, version: 3 });
    });
  });

  describe('itemArchive and itemRestore', () => {
    test('put an item without stock out of use and back', async () => {
      const id = await createItem(server, 'OLD-ITEM');
      await createLocation(server, 'SHELF-I');
      await stock(server, 'OLD-ITEM', 'SHELF-I', '2');
      const receipt = { to: { code: 'SHELF-I' }, lines: [{ item: { id }, quantity: '1' }] };

      expect(await refused('itemArchive', { item: { id } })).toEqual({
        __typename: 'InvalidState',
        code: 'INVALID_STATE',
        message: 'Of the item OLD-ITEM there is 2 pcs on hand, 0 of it reserved.',
        path: ['input', 'item'],
      });
      const issue = await move(server, 'stockIssue', {
        from: { code: 'SHELF-I' },
        lines: [{ item: { id }, quantity: '2' }],
      });
      const entries = await recorded(server, () =>
        send('itemArchive', { item: { sku: 'old-item' }, ifVersion: 1 }),
      );

      expect(entries.map(({ action, subject }) => [action, subject])).toEqual([
        ['item.archive', subjectOf(id)],
      ]);
      expect(await refused('itemArchive', { item: { id }, ifVersion: 1 })).toMatchObject({
        __typename: 'VersionConflict',
        current: { sku: 'OLD-ITEM', version: 2 },
      });
      expect(await move(server, 'stockReceive', receipt)).toMatchObject({
        ...{ __typename: 'InvalidState', message: 'The item OLD-ITEM is archived.' },
      });
      expect(await move(server, 'movementReverse', { movement: issue.movement.id })).toMatchObject({
        __typename: 'InvalidState',
        message: 'The item OLD-ITEM is archived.',
        path: ['input', 'movement'],
      });
      const back = await send('itemRestore', { item: { id }, ifVersion: 2 });
      expect(back.item).toMatchObject({ archivedAt: null, version: 3 });
      expect(await move(server, 'movementReverse', { movement: issue.movement.id })).toMatchObject({
        __typename: 'MovementReverseSuccess',
      });
      expect(await refused('itemArchive', { item: { sku: 'NONE' } })).toMatchObject({
        __typename: 'NotFound',
        path: ['input', 'item'],
      });
    });
  });

  test('receipts and transfers against archiving: no stock in an archived place', async () => {
    await createItem(server, 'RACING');
    await createLocation(server, 'FROM');
    await stock(server, 'RACING', 'FROM', '100');
    const codes = Array.from({ length: 30 }, (_, index) => `RACE-${index}`);
    for (const code of codes) await createLocation(server, code);
    const line = { item: { sku: 'RACING' }, quantity: '1' };
    const calls = codes.flatMap((code) => [
      () => move(server, 'stockReceive', { to: { code }, lines: [line] }),
      () => send('locationArchive', by(code)),
      () => move(server, 'stockTransfer', { from: { code: 'FROM' }, to: { code }, lines: [line] }),
    ]);

    const answers = await inFlight(12, calls, (call) => call());

    const { locations } = await server.run(`{
      locations(first: 100) {
        nodes { code archivedAt stockLevels { nodes { onHand reserved } } }
      }
    }`);
    type Place = { code: string; archivedAt: string | null; stockLevels: { nodes: object[] } };
    const raced = (locations.nodes as Place[]).filter(({ code }) => codes.includes(code));
    const archived = raced.filter(({ archivedAt }) => archivedAt !== null);
    const filled = archived.flatMap(({ stockLevels }) => stockLevels.nodes);
    expect(filled.filter((level) => JSON.stringify(level).includes('1'))).toEqual([]);
    const won = answers.filter(({ __typename }) => __typename === 'LocationArchiveSuccess');
    expect(archived).toHaveLength(won.length);
    const moved = answers.filter(({ movement }) => movement);
    const onHand = Object.entries(await levels(server, 'RACING'))
      .filter(([code]) => codes.includes(code))
      .reduce((sum, [, quantity]) => sum + Number(quantity), 0);
    expect(onHand).toBe(moved.length);
    expect(await audit(server)).toEqual(CLEAN);
  });
});
