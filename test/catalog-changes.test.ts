import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DATABASES } from './support/databases.ts';
import {
  createCategory,
  createItem,
  createLocation,
  createTag,
  levels,
  move,
} from './support/factories.ts';
import { keyOf, recorded, subjectOf } from './support/journal.ts';
import { inFlight, tally } from './support/load.ts';
import { startServer, type TestServer } from './support/server.ts';

const REFUSAL = '__typename ... on Error { code message path }';
const CONFLICT = `${REFUSAL} ... on VersionConflict {
  current { ... on Category { id name version } ... on Tag { id name version } }
}`;

const UPDATE_CATEGORY = `mutation ($input: CategoryUpdateInput!) {
  categoryUpdate(input: $input) {
    ${CONFLICT} ... on CategoryUpdateSuccess { category { id name version parent { id } } }
  }
}`;

const DELETE_CATEGORY = `mutation ($input: CategoryDeleteInput!) {
  categoryDelete(input: $input) {
    ${CONFLICT} ... on CategoryDeleteSuccess { deletedId itemsMoved }
  }
}`;

const UPDATE_TAG = `mutation ($input: TagUpdateInput!) {
  tagUpdate(input: $input) { ${CONFLICT} ... on TagUpdateSuccess { tag { id name version } } }
}`;

const DELETE_TAG = `mutation ($input: TagDeleteInput!) {
  tagDelete(input: $input) { ${CONFLICT} ... on TagDeleteSuccess { deletedId itemsUntagged } }
}`;

const EVERYTHING = `{
  items(first: 100) {
    nodes { sku version updatedAt category { id } tags { nodes { name } } barcodes }
  }
  categories(first: 100) { nodes { id name version updatedAt parent { id } } }
  tags(first: 100) { nodes { id name version updatedAt } }
  journal { headSeq }
}`;

describe.each(DATABASES)('changes of the catalogue on %s', (database) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer(database);
  });

  afterAll(() => server.stop());

  async function send(document: string, input: object) {
    const [answer] = Object.values(await server.run(document, { input }));
    // biome-ignore lint/suspicious/noExplicitAny: tests read whatever they asked for
    return answer as any;
  }

  /** Sends what must be refused, and proves that it left nothing behind. */
  async function refused(document: string, input: object) {
    const before = await server.run(EVERYTHING);
    const answer = await send(document, input);
    expect(await server.run(EVERYTHING)).toEqual(before);
    return answer;
  }

  const childrenOf = async (id: string): Promise<string[]> => {
    const { category } = await server.run(
      'query ($id: ID!) { category(id: $id) { children { nodes { name } } } }',
      { id },
    );
    return category.children.nodes.map(({ name }: { name: string }) => name);
  };

  describe('categoryUpdate', () => {
    test('renames and moves, with what lies below, and says so once', async () => {
      const [from, to] = [await createCategory(server, 'From'), await createCategory(server, 'To')];
      const moved = await createCategory(server, 'Moved', from);
      await createCategory(server, 'Below', moved);

      let answer: object = {};
      const entries = await recorded(server, async () => {
        answer = await send(UPDATE_CATEGORY, {
          ...{ category: moved, ifVersion: 1, name: 'Elsewhere', parent: to },
        });
      });

      expect(answer).toEqual({
        __typename: 'CategoryUpdateSuccess',
        category: { id: moved, name: 'Elsewhere', version: 2, parent: { id: to } },
      });
      expect(await childrenOf(from)).toEqual([]);
      expect(await childrenOf(to)).toEqual(['Elsewhere']);
      expect(await childrenOf(moved)).toEqual(['Below']);
      expect(entries).toEqual([
        {
          action: 'category.update',
          subject: subjectOf(moved),
          changes: {
            name: { from: 'Moved', to: 'Elsewhere' },
            parent: { from: keyOf(from), to: keyOf(to) },
          },
        },
      ]);
    });

    test('null moves to the top; what is left out or the same changes nothing', async () => {
      const above = await createCategory(server, 'Above');
      const inner = await createCategory(server, 'Inner', above);

      const top = await send(UPDATE_CATEGORY, { category: inner, parent: null });
      const same = await recorded(server, () =>
        send(UPDATE_CATEGORY, { category: inner, name: 'Inner', parent: null }),
      );
      const silent = await send(UPDATE_CATEGORY, { category: inner, name: null });

      expect(top.category).toMatchObject({ version: 2, parent: null });
      expect(same).toEqual([]);
      expect(silent.category).toEqual({ ...top.category });
    });

    test('refuses a circle, of any size, with the path', async () => {
      const first = await createCategory(server, 'First');
      const second = await createCategory(server, 'Second', first);
      const third = await createCategory(server, 'Third', second);

      for (const parent of [first, second, third]) {
        expect(await refused(UPDATE_CATEGORY, { category: first, parent })).toEqual({
          __typename: 'InvalidInput',
          code: 'INVALID_INPUT',
          message: 'A category cannot lie below itself.',
          path: ['input', 'parent'],
        });
      }
    });

    test('refuses a name that is taken there, an unknown one, and an old version', async () => {
      const above = await createCategory(server, 'Shelf goods');
      await createCategory(server, 'Twin', above);
      const twin = await createCategory(server, 'TWIN');

      expect(await refused(UPDATE_CATEGORY, { category: twin, parent: above })).toMatchObject({
        __typename: 'AlreadyExists',
        path: ['input', 'name'],
      });
      expect(await refused(UPDATE_CATEGORY, { category: twin, parent: twin.slice(1) })).toEqual(
        expect.objectContaining({ __typename: 'NotFound', path: ['input', 'parent'] }),
      );
      expect(await refused(UPDATE_CATEGORY, { category: 'x', name: 'X' })).toMatchObject({
        __typename: 'NotFound',
        path: ['input', 'category'],
      });
      expect(await refused(UPDATE_CATEGORY, { category: twin, name: ' ' })).toMatchObject({
        __typename: 'InvalidInput',
        path: ['input', 'name'],
      });
      expect(
        await refused(UPDATE_CATEGORY, { category: twin, ifVersion: 7, name: 'X' }),
      ).toMatchObject({
        __typename: 'VersionConflict',
        path: ['input', 'ifVersion'],
        current: { id: twin, name: 'TWIN', version: 1 },
      });
    });

    test('moves that race never make a circle', async () => {
      const ids = await Promise.all(
        Array.from({ length: 8 }, (_, index) => createCategory(server, `Ring ${index}`)),
      );

      // Each below the next: all of them together would be a ring.
      const answers = await inFlight(8, [...ids.keys()], (index) =>
        send(UPDATE_CATEGORY, { category: ids[index], parent: ids[(index + 1) % 8] }),
      );

      expect(tally(answers.map(({ __typename }) => __typename))).toEqual({
        CategoryUpdateSuccess: 7,
        InvalidInput: 1,
      });
    });
  });

  describe('categoryDelete', () => {
    test('moves its items to another category, and records each', async () => {
      const [old, next] = [
        await createCategory(server, 'Old'),
        await createCategory(server, 'New'),
      ];
      const items = [
        await createItem(server, 'IN-OLD-1', { category: old }),
        await createItem(server, 'IN-OLD-2', { category: old }),
      ];

      let answer: object = {};
      const entries = await recorded(server, async () => {
        answer = await send(DELETE_CATEGORY, { category: old, items: { category: next } });
      });

      expect(answer).toEqual({
        ...{ __typename: 'CategoryDeleteSuccess', deletedId: old, itemsMoved: 2 },
      });
      const changes = { category: { from: keyOf(old), to: keyOf(next) } };
      expect(entries).toEqual([
        ...items.map((id) => ({ action: 'item.update', subject: subjectOf(id), changes })),
        {
          action: 'category.delete',
          subject: subjectOf(old),
          changes: { name: 'Old', parent: null },
        },
      ]);
      const { a, category } = await server.run(
        `query ($id: ID!) {
          a: item(by: { sku: "IN-OLD-1" }) { version category { name } } category(id: $id) { id }
        }`,
        { id: old },
      );
      expect(a).toEqual({ version: 2, category: { name: 'New' } });
      expect(category).toBeNull();
    });

    test('leaves items without a category when told so; an empty one just goes', async () => {
      const [old, empty] = [await createCategory(server, 'Old'), await createCategory(server, 'E')];
      await createItem(server, 'IN-NONE', { category: old });

      const answer = await send(DELETE_CATEGORY, { category: old, items: { none: true } });
      const bare = await send(DELETE_CATEGORY, { category: empty, ifVersion: 1 });

      expect(answer).toMatchObject({ itemsMoved: 1 });
      expect(bare).toEqual({
        ...{ __typename: 'CategoryDeleteSuccess', deletedId: empty, itemsMoved: 0 },
      });
      const { item } = await server.run('{ item(by: { sku: "IN-NONE" }) { category { id } } }');
      expect(item).toEqual({ category: null });
    });

    test('refuses to lose items, or what lies below, and says what to do', async () => {
      const used = await createCategory(server, 'Used');
      const above = await createCategory(server, 'With children');
      await createCategory(server, 'Child', above);
      await createItem(server, 'USES', { category: used });
      const unknown = 'x';

      const cases: [input: object, typename: string, path: string[], message: string][] = [
        [
          { category: used },
          'InvalidState',
          ['category'],
          '1 items are in Used. Say with `items` where they go.',
        ],
        [
          { category: above, items: { none: true } },
          'InvalidState',
          ['category'],
          '1 categories lie below With children. Move or delete them first.',
        ],
        [
          { category: used, items: { category: used } },
          'InvalidInput',
          ['items', 'category'],
          'Items cannot stay in a category that is deleted.',
        ],
        [
          { category: used, items: { category: unknown } },
          'NotFound',
          ['items', 'category'],
          'The category for the items does not exist.',
        ],
        [
          { category: used, items: { none: false } },
          'InvalidInput',
          ['items', 'none'],
          'none must be true.',
        ],
        [{ category: unknown }, 'NotFound', ['category'], 'The category does not exist.'],
        [
          { category: used, ifVersion: 3 },
          'VersionConflict',
          ['ifVersion'],
          'The category is at version 1 by now.',
        ],
      ];
      for (const [input, __typename, path, message] of cases) {
        const answer = await refused(DELETE_CATEGORY, input);
        expect(answer).toMatchObject({ __typename, path: ['input', ...path], message });
      }
    });

    test('costs the same statements for 3 items as for 60', async () => {
      const counts: number[] = [];
      for (const size of [3, 60]) {
        const category = await createCategory(server, `Of ${size}`);
        for (let index = 0; index < size; index += 1) {
          await createItem(server, `OF-${size}-${index}`, { category });
        }
        const input = { category, items: { none: true } };
        const { extensions, data } = await server.ask(DELETE_CATEGORY, { input });
        expect(data.categoryDelete.itemsMoved).toBe(size);
        counts.push(extensions.trace.count);
      }
      expect(counts[0]).toBe(counts[1]);
    });

    test('against items that move into it at once: none is lost, none fails', async () => {
      const old = await createCategory(server, 'Going');
      const kept = await createCategory(server, 'Kept');
      const skus = Array.from({ length: 12 }, (_, index) => `GO-${index}`);
      for (const sku of skus) await createItem(server, sku, { category: kept });
      const update = `mutation ($input: ItemUpdateInput!) {
        itemUpdate(input: $input) { ${REFUSAL} }
      }`;

      const [deleted, ...moves] = await Promise.all([
        send(DELETE_CATEGORY, { category: old, items: { category: kept } }),
        ...skus.map((sku) => send(update, { item: { sku }, category: old })),
      ]);

      expect(deleted.__typename).toBe('CategoryDeleteSuccess');
      for (const move of moves) {
        expect(['ItemUpdateSuccess', 'NotFound']).toContain(move.__typename);
      }
      const { category } = await server.run(
        'query ($id: ID!) { category(id: $id) { items { totalCount } } }',
        { id: kept },
      );
      expect(category.items.totalCount).toBe(12);
    });
  });

  describe('tags', () => {
    test('tagUpdate renames, and refuses a name that is taken, and an old version', async () => {
      const [tag, other] = [await createTag(server, 'soft'), await createTag(server, 'hard')];

      let answer: object = {};
      const entries = await recorded(server, async () => {
        answer = await send(UPDATE_TAG, { tag, ifVersion: 1, name: 'Softer' });
      });

      expect(answer).toEqual({
        ...{ __typename: 'TagUpdateSuccess', tag: { id: tag, name: 'Softer', version: 2 } },
      });
      expect(entries).toEqual([
        {
          action: 'tag.update',
          subject: subjectOf(tag),
          changes: { name: { from: 'soft', to: 'Softer' } },
        },
      ]);
      expect(await refused(UPDATE_TAG, { tag: other, name: ' SOFTER ' })).toMatchObject({
        __typename: 'AlreadyExists',
        path: ['input', 'name'],
      });
      expect(await refused(UPDATE_TAG, { tag, ifVersion: 1, name: 'x' })).toMatchObject({
        __typename: 'VersionConflict',
        current: { id: tag, name: 'Softer', version: 2 },
      });
      expect(await refused(UPDATE_TAG, { tag: 'x', name: 'x' })).toMatchObject({
        __typename: 'NotFound',
        path: ['input', 'tag'],
      });
    });

    test('tagDelete takes it off its items', async () => {
      const [tag, other] = [await createTag(server, 'gone'), await createTag(server, 'stays')];
      await createItem(server, 'TAGGED-1', { tags: [tag, other] });
      await createItem(server, 'TAGGED-2', { tags: [tag] });

      expect(await refused(DELETE_TAG, { tag, ifVersion: 2 })).toMatchObject({
        __typename: 'VersionConflict',
        current: { id: tag },
      });
      let answer: object = {};
      const entries = await recorded(server, async () => {
        answer = await send(DELETE_TAG, { tag, ifVersion: 1 });
      });

      expect(answer).toEqual({
        ...{ __typename: 'TagDeleteSuccess', deletedId: tag, itemsUntagged: 2 },
      });
      expect(entries).toEqual([
        {
          action: 'tag.delete',
          subject: subjectOf(tag),
          changes: { name: 'gone', items: 2 },
        },
      ]);
      const { item } = await server.run(
        '{ item(by: { sku: "TAGGED-1" }) { version tags { nodes { name } } } }',
      );
      expect(item).toEqual({ version: 1, tags: { nodes: [{ name: 'stays' }] } });
      expect(await refused(DELETE_TAG, { tag })).toMatchObject({ __typename: 'NotFound' });
    });

    test('an item that takes a tag while it is deleted takes it, or hears that it is gone', async () => {
      const tag = await createTag(server, 'going');
      const skus = Array.from({ length: 12 }, (_, index) => `TAKES-${index}`);
      for (const sku of skus) await createItem(server, sku);
      const update = `mutation ($input: ItemUpdateInput!) {
        itemUpdate(input: $input) { ${REFUSAL} }
      }`;

      const answers = await Promise.all([
        ...skus.slice(6).map((sku) => send(update, { item: { sku }, tags: [tag] })),
        send(DELETE_TAG, { tag }),
        ...skus.slice(0, 6).map((sku) => send(update, { item: { sku }, tags: [tag] })),
      ]);

      for (const { __typename } of answers) {
        expect(['ItemUpdateSuccess', 'NotFound', 'TagDeleteSuccess']).toContain(__typename);
      }
    });
  });

  test('an item that changes while it is received keeps nobody waiting in a circle', async () => {
    await createItem(server, 'BUSY');
    await createLocation(server, 'DOCK');
    const update = `mutation ($input: ItemUpdateInput!) { itemUpdate(input: $input) { ${REFUSAL} } }`;
    const calls = Array.from({ length: 60 }, (_, index) =>
      index % 2
        ? () => send(update, { item: { sku: 'BUSY' }, name: `Busy ${index}` })
        : () =>
            move(server, 'stockReceive', {
              to: { code: 'DOCK' },
              lines: [{ item: { sku: 'BUSY' }, quantity: '1' }],
            }),
    );

    const answers = await inFlight(60, calls, (call) => call());

    expect(tally(answers.map(({ __typename }) => __typename))).toEqual({
      ItemUpdateSuccess: 30,
      StockReceiveSuccess: 30,
    });
    expect(await levels(server, 'BUSY')).toEqual({ SUPPLIER: '-30', DOCK: '30' });
  });

  test('in one unit of work each field sees what the ones before it did', async () => {
    const tag = await createTag(server, 'unit');
    const [old, next] = [await createCategory(server, 'U1'), await createCategory(server, 'U2')];
    await createItem(server, 'UNIT', { category: old, tags: [tag] });

    const { a, b, c, d, e } = await server.run(
      `mutation ($tag: ID!, $old: ID!, $next: ID!) @atomic {
        a: itemUpdate(input: { item: { sku: "UNIT" }, name: "a" }) {
          ... on ItemUpdateSuccess { item { version } }
        }
        b: categoryDelete(input: { category: $old, items: { category: $next } }) {
          ... on CategoryDeleteSuccess { itemsMoved }
        }
        c: tagDelete(input: { tag: $tag }) { ... on TagDeleteSuccess { itemsUntagged } }
        d: itemUpdate(input: { item: { sku: "UNIT" }, name: "d", ifVersion: 3, barcodes: ["U"] }) {
          ... on ItemUpdateSuccess { item { version category { name } tags { totalCount } } }
        }
        e: itemUpdate(input: { item: { barcode: "u" }, barcodes: [], tags: [] }) {
          ... on ItemUpdateSuccess { item { version name barcodes } }
        }
      }`,
      { tag, old, next },
    );

    expect({ a, b, c, d, e }).toEqual({
      a: { item: { version: 2 } },
      b: { itemsMoved: 1 },
      c: { itemsUntagged: 1 },
      d: { item: { version: 4, category: { name: 'U2' }, tags: { totalCount: 0 } } },
      e: { item: { version: 5, name: 'd', barcodes: [] } },
    });
  });
});
