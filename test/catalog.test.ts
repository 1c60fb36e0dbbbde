import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { keyOf } from '../src/graphql/global-id.ts';
import { DATABASES } from './support/databases.ts';
import { createCategory, createItem, createLocation, createTag } from './support/factories.ts';
import { startServer, type TestServer } from './support/server.ts';

const ITEM = `
  id sku name description unit decimals attributes reorderPoint archivedAt createdAt updatedAt
  version category { name } tags { nodes { name } }`;

const REFUSAL = '__typename ... on Error { code message path }';

const CREATE = `mutation ($input: ItemCreateInput!) {
  itemCreate(input: $input) { ${REFUSAL} ... on ItemCreateSuccess { item { ${ITEM} } } }
}`;

const UPDATE = `mutation ($input: ItemUpdateInput!) {
  itemUpdate(input: $input) {
    ${REFUSAL}
    ... on ItemUpdateSuccess { item { ${ITEM} } }
    ... on VersionConflict { current { id ... on Item { version name } } }
  }
}`;

const CREATE_CATEGORY = `mutation ($input: CategoryCreateInput!) {
  categoryCreate(input: $input) {
    ${REFUSAL} ... on CategoryCreateSuccess { category { id name version parent { name } } }
  }
}`;

const CREATE_TAG = `mutation ($input: TagCreateInput!) {
  tagCreate(input: $input) { ${REFUSAL} ... on TagCreateSuccess { tag { id name version } } }
}`;

const CREATE_LOCATION = `mutation ($input: LocationCreateInput!) {
  locationCreate(input: $input) {
    ${REFUSAL}
    ... on LocationCreateSuccess { location { id code name kind version parent { code } } }
  }
}`;

const EVERYTHING = `{
  items(first: 100) { totalCount nodes { ${ITEM} } }
  categories(first: 100) { totalCount nodes { id name version parent { id } } }
  tags(first: 100) { totalCount nodes { id name version } }
  locations(first: 100) { totalCount nodes { id code name kind version parent { id } } }
}`;

const TOO_LONG = 'x'.repeat(201);

/** Texts that no name can be, whatever it names. */
const BAD_TEXTS: [string, string][] = [
  ['nothing', ''],
  ['only spaces', ' \t\u00a0\u3000\n'],
  ['too long', TOO_LONG],
  ['with NUL', 'a\0b'],
  ['with half a character', 'a\ud800b'],
];

interface Entry {
  readonly seq: number;
  readonly action: string;
  readonly subject: string;
  readonly actor: number;
  readonly changes: unknown;
}

interface StoredEntry {
  readonly seq: number | string;
  readonly action: string;
  readonly actor_id: number | string;
  readonly subject_type: string;
  readonly subject_id: number | string;
  readonly changes: unknown;
}

/** The journal as the table holds it; SQLite keeps JSON as text, and PostgreSQL sends bigints so. */
async function journal(server: TestServer): Promise<Entry[]> {
  const { organizationId } = server.owner;
  const rows = await server.orm.em
    .fork()
    .getConnection()
    .execute<StoredEntry[]>(
      `select * from journal_entries where organization_id = ${organizationId} order by seq`,
    );
  return rows.map((row) => ({
    seq: Number(row.seq),
    action: row.action,
    subject: `${row.subject_type}:${row.subject_id}`,
    actor: Number(row.actor_id),
    changes: typeof row.changes === 'string' ? JSON.parse(row.changes) : row.changes,
  }));
}

const subjectOf = (id: string): string => Buffer.from(id, 'base64url').toString();

describe.each(DATABASES)('catalog on %s', (database) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer(database);
  });

  afterAll(() => server.stop());

  const everything = async () => ({
    ...(await server.run(EVERYTHING)),
    journal: await journal(server),
  });

  const create = async (input: object) => (await server.run(CREATE, { input })).itemCreate;

  const update = async (sku: string, input: object) =>
    (await server.run(UPDATE, { input: { item: { sku }, ...input } })).itemUpdate;

  /** Does something that is recorded, and gives its journal entries, which follow without a gap. */
  async function recorded(work: () => Promise<unknown>): Promise<Omit<Entry, 'seq' | 'actor'>[]> {
    const before = await journal(server);
    await work();
    const after = await journal(server);
    expect(after.slice(0, before.length)).toEqual(before);
    expect(after.map(({ seq }) => seq)).toEqual(after.map((_, index) => index + 1));
    const added = after.slice(before.length);
    expect(added.every(({ actor }) => actor === server.owner.userId)).toBe(true);
    return added.map(({ action, subject, changes }) => ({ action, subject, changes }));
  }

  /** Sends what must be refused, and proves that it left nothing behind. */
  async function refused(document: string, input: object) {
    const before = await everything();
    const [answer] = Object.values(await server.run(document, { input }));
    expect(await everything()).toEqual(before);
    return answer;
  }

  describe('itemCreate', () => {
    test('keeps everything that it is given, and says so once in the journal', async () => {
      const category = await createCategory(server, 'Timber');
      const tags = [await createTag(server, 'oak'), await createTag(server, 'Beech')];
      const attributes = {
        width: 1.5,
        certified: true,
        grades: ['A', 'B', null],
        label: 'Eiche "hell" \\u0000 ✓ 木',
        size: { x: 1, y: -2 },
      };
      const sent = {
        sku: '  Plank-7 ',
        name: ' Plank, 7 m ',
        description: 'First line\nsecond line',
        unit: 'm',
        decimals: 3,
        attributes,
        reorderPoint: '12.500',
        category,
        tags: [...tags, tags[0]],
      };
      const started = Date.now();
      let answer: { item: Record<string, unknown> } = { item: {} };

      const entries = await recorded(async () => {
        answer = await create(sent);
      });

      expect(answer).toEqual({
        __typename: 'ItemCreateSuccess',
        item: {
          id: expect.any(String),
          sku: 'Plank-7',
          name: 'Plank, 7 m',
          description: 'First line\nsecond line',
          unit: 'm',
          decimals: 3,
          attributes,
          reorderPoint: '12.5',
          archivedAt: null,
          createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
          updatedAt: answer.item['createdAt'],
          version: 1,
          category: { name: 'Timber' },
          tags: { nodes: [{ name: 'Beech' }, { name: 'oak' }] },
        },
      });
      const created = Date.parse(String(answer.item['createdAt']));
      expect(created).toBeGreaterThanOrEqual(started);
      expect(created).toBeLessThanOrEqual(Date.now());
      const { item } = await server.run(`{ item(by: { sku: "PLANK-7" }) { ${ITEM} } }`);
      expect(item).toEqual(answer.item);
      expect(entries).toEqual([
        {
          action: 'item.create',
          subject: subjectOf(String(answer.item['id'])),
          changes: {
            sku: 'Plank-7',
            name: 'Plank, 7 m',
            description: 'First line\nsecond line',
            unit: 'm',
            attributes,
            reorderPoint: 12_500,
            category: expect.any(Number),
            decimals: 3,
            tracking: 'NONE',
            tags: [expect.any(Number), expect.any(Number)],
            barcodes: [],
          },
        },
      ]);
    });

    test('fills in what is left out, or null', async () => {
      const plain = {
        description: null,
        unit: 'pcs',
        decimals: 0,
        attributes: {},
        reorderPoint: null,
        category: null,
        tags: { nodes: [] },
      };
      const nulls = { description: null, attributes: null, reorderPoint: null };

      const short = await create({ sku: 'SHORT', name: 'Short' });
      const blank = await create({ sku: 'BLANK', name: 'Blank', description: ' ' });
      const empty = await create({
        ...{ sku: 'EMPTY', name: 'Empty', category: null, tags: null },
        ...nulls,
      });

      for (const { item } of [short, blank, empty]) expect(item).toMatchObject(plain);
    });

    test('takes attributes as a literal too, with what stands in variables', async () => {
      const { itemCreate } = await server.run(
        `mutation ($size: JSON) {
          itemCreate(input: {
            sku: "LITERAL", name: "Literal", attributes: { a: [1, 2.5, "x", null, true], size: $size }
          }) { ... on ItemCreateSuccess { item { attributes } } }
        }`,
        { size: { x: 1 } },
      );

      expect(itemCreate).toEqual({
        item: { attributes: { a: [1, 2.5, 'x', null, true], size: { x: 1 } } },
      });
    });

    test('takes texts and numbers up to their bounds', async () => {
      const longest = '木'.repeat(200);

      const { item } = await create({
        sku: `${longest.slice(1)}1`,
        name: longest,
        unit: 'u'.repeat(200),
        description: 'd'.repeat(10_000),
        decimals: 6,
        reorderPoint: '9007199254.740991',
      });

      expect(item).toMatchObject({
        sku: `${longest.slice(1)}1`,
        name: longest,
        decimals: 6,
        reorderPoint: '9007199254.740991',
      });
      expect(item.description).toHaveLength(10_000);
    });

    const badTexts = ['sku', 'name', 'unit'].flatMap((field) =>
      BAD_TEXTS.map(([what, text]) => [field, what, text] as const),
    );

    test.each(badTexts)('refuses a %s that is %s', async (field, _what, text) => {
      const answer = await refused(CREATE, { sku: 'NEW', name: 'New', [field]: text });

      expect(answer).toEqual({
        __typename: 'InvalidInput',
        code: 'INVALID_INPUT',
        message: expect.stringMatching(new RegExp(`^${field} (must|takes) .*\\.$`)),
        path: ['input', field],
      });
    });

    test.each([
      ['a description without end', { description: 'd'.repeat(10_001) }, ['description']],
      ['a description with NUL', { description: 'a\0' }, ['description']],
      ['a description with half a character', { description: '\udc00' }, ['description']],
      ['less than no decimals', { decimals: -1 }, ['decimals']],
      ['too many decimals', { decimals: 7 }, ['decimals']],
      ['a reorder point below zero', { reorderPoint: '-1' }, ['reorderPoint']],
      ['a fraction of a whole unit', { reorderPoint: '0.5' }, ['reorderPoint']],
      ['too fine a fraction', { decimals: 2, reorderPoint: '1.001' }, ['reorderPoint']],
      ['more than can be counted', { reorderPoint: '9007199254740992' }, ['reorderPoint']],
      [
        'more than can be counted in small units',
        { decimals: 6, reorderPoint: '9007199254.740992' },
        ['reorderPoint'],
      ],
      ['attributes that are a list', { attributes: [1] }, ['attributes']],
      ['attributes that are text', { attributes: 'red' }, ['attributes']],
      ['attributes that are a number', { attributes: 7 }, ['attributes']],
      ['attributes with NUL', { attributes: { a: ['\0'] } }, ['attributes']],
      ['attributes with NUL in a name', { attributes: { 'a\0': 1 } }, ['attributes']],
      ['attributes with half a character', { attributes: { a: { b: '\ud800' } } }, ['attributes']],
      ['attributes without end', { attributes: { a: 'x'.repeat(20_000) } }, ['attributes']],
      ['attributes without bottom', { attributes: { a: nested(40) } }, ['attributes']],
      ['too many tags', { tags: Array.from({ length: 51 }, () => 'x') }, ['tags']],
    ])('refuses %s', async (_what, facts, path) => {
      const answer = await refused(CREATE, { sku: 'NEW', name: 'New', ...facts });

      expect(answer).toMatchObject({
        __typename: 'InvalidInput',
        code: 'INVALID_INPUT',
        path: ['input', ...path],
      });
    });

    test.each([
      ['as it is', 'Taken ß1'],
      ['in another case', 'TAKEN SS1'],
      ['with other spaces', ' taken \u00a0 ß1 '],
      ['in another width', 'Ｔａｋｅｎ ß１'],
    ])('refuses a SKU that is taken, %s', async (_what, sku) => {
      await create({ sku: 'Taken ß1', name: 'The first' });

      const answer = await refused(CREATE, { sku, name: 'The second' });

      expect(answer).toEqual({
        __typename: 'AlreadyExists',
        code: 'ALREADY_EXISTS',
        message: expect.stringContaining('SKU'),
        path: ['input', 'sku'],
      });
    });

    test('refuses a category or a tag that is not there, by the place of the tag', async () => {
      const tag = await createTag(server, 'there');
      const category = await createCategory(server, 'There');
      const missing = Buffer.from('Category:999999').toString('base64url');
      const other = await inOtherOrganization(server, (stranger) => createTag(stranger, 'theirs'));

      for (const id of [missing, tag, 'nonsense', '']) {
        const answer = await refused(CREATE, { sku: 'NEW', name: 'New', category: id });
        expect(answer).toMatchObject({ code: 'NOT_FOUND', path: ['input', 'category'] });
      }
      for (const id of [other, category, '%']) {
        const answer = await refused(CREATE, { sku: 'NEW', name: 'New', tags: [tag, id] });
        expect(answer).toMatchObject({ code: 'NOT_FOUND', path: ['input', 'tags', '1'] });
      }
    });

    test('of one SKU sent 10 times at once makes one item', async () => {
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => create({ sku: 'RACE', name: 'Race' })),
      );

      const names = answers.map((answer) => answer.__typename).sort();
      expect(names).toEqual([
        ...Array.from({ length: 9 }, () => 'AlreadyExists'),
        'ItemCreateSuccess',
      ]);
    });

    test('goes on in the same request after a refusal', async () => {
      const { a, b } = await server.run(`mutation {
        a: itemCreate(input: { sku: "AFTER", name: " " }) { __typename }
        b: itemCreate(input: { sku: "AFTER", name: "After" }) { __typename }
      }`);

      expect([a.__typename, b.__typename]).toEqual(['InvalidInput', 'ItemCreateSuccess']);
    });
  });

  describe('itemUpdate', () => {
    /** A new item that has everything, and the ids of its category and tag. */
    async function fullItem() {
      const unique = crypto.randomUUID();
      const category = await createCategory(server, `Category ${unique}`);
      const tag = await createTag(server, `Tag ${unique}`);
      const { item } = await create({
        sku: `FULL-${unique}`,
        name: 'Full',
        description: 'Described',
        unit: 'kg',
        decimals: 2,
        attributes: { colour: 'red', b: 1, aaa: { long: 2, s: 3 } },
        reorderPoint: '1.25',
        category,
        tags: [tag],
      });
      return { item, category, tag };
    }

    test('changes what it is given and leaves out what is left out', async () => {
      const { item } = await fullItem();
      let answer: { item: { updatedAt: string } } = { item: { updatedAt: '' } };

      const entries = await recorded(async () => {
        answer = await update(item.sku, { name: ' Fuller ' });
      });

      expect(answer).toEqual({
        __typename: 'ItemUpdateSuccess',
        item: { ...item, name: 'Fuller', version: 2, updatedAt: expect.any(String) },
      });
      expect(Date.parse(answer.item.updatedAt)).toBeGreaterThanOrEqual(Date.parse(item.updatedAt));
      expect(entries).toEqual([
        {
          action: 'item.update',
          subject: subjectOf(item.id),
          changes: { name: { from: 'Full', to: 'Fuller' } },
        },
      ]);
      const after = await server.run(`{ item(by: { sku: "${item.sku}" }) { ${ITEM} } }`);
      expect(after.item).toEqual(answer.item);
    });

    test('clears by null what can be without a value, and nothing else', async () => {
      const { item, category } = await fullItem();
      const clear = { description: null, reorderPoint: null, category: null };
      const keep = { sku: null, name: null, unit: null, attributes: null, tags: null };

      const entries = await recorded(() => update(item.sku, { ...clear, ...keep }));

      const after = await server.run(`{ item(by: { sku: "${item.sku}" }) { ${ITEM} } }`);
      expect(after.item).toEqual({ ...item, ...clear, version: 2, updatedAt: expect.any(String) });
      expect(entries).toEqual([
        {
          action: 'item.update',
          subject: subjectOf(item.id),
          changes: {
            description: { from: 'Described', to: null },
            reorderPoint: { from: 125, to: null },
            category: { from: keyOf('Category', category), to: null },
          },
        },
      ]);
    });

    test('changes everything at once, its tags too: one version, one entry', async () => {
      const { item, category, tag } = await fullItem();
      const other = await createCategory(server, `Other ${item.sku}`);
      const tags = [
        await createTag(server, `1 ${item.sku}`),
        await createTag(server, `2 ${item.sku}`),
      ];
      const sku = `NEW-${item.sku}`;
      const keysOf = (ids: string[]) => ids.map((id) => keyOf('Tag', id));

      const entries = await recorded(() =>
        update(item.sku, {
          ...{ ifVersion: 1, sku, name: 'New', description: 'Anew', unit: 'g', tags },
          ...{ attributes: { size: 'L' }, reorderPoint: '0.5', category: other },
        }),
      );

      const after = await server.run(`{ item(by: { sku: "${sku}" }) { ${ITEM} } }`);
      expect(after.item).toEqual({
        ...item,
        ...{ sku, name: 'New', description: 'Anew', unit: 'g', version: 2 },
        ...{ attributes: { size: 'L' }, reorderPoint: '0.5' },
        category: { name: `Other ${item.sku}` },
        tags: { nodes: [{ name: `1 ${item.sku}` }, { name: `2 ${item.sku}` }] },
        updatedAt: expect.any(String),
      });
      expect(entries).toEqual([
        {
          action: 'item.update',
          subject: subjectOf(item.id),
          changes: {
            sku: { from: item.sku, to: sku },
            name: { from: 'Full', to: 'New' },
            description: { from: 'Described', to: 'Anew' },
            unit: { from: 'kg', to: 'g' },
            attributes: { from: item.attributes, to: { size: 'L' } },
            reorderPoint: { from: 125, to: 50 },
            category: { from: keyOf('Category', category), to: keyOf('Category', other) },
            tags: { from: keysOf([tag]), to: keysOf(tags) },
          },
        },
      ]);
    });

    test('replaces the tags, to none if so said, and the version rises by one', async () => {
      const { item, tag } = await fullItem();
      const second = await createTag(server, `Second ${item.sku}`);

      const both = await update(item.sku, { tags: [second, tag, second] });
      const none = await update(item.sku, { tags: [] });

      expect(both.item.tags.nodes).toHaveLength(2);
      expect(both.item.version).toBe(2);
      expect(none.item.tags.nodes).toEqual([]);
      expect(none.item.version).toBe(3);
    });

    test('that changes nothing makes no version and no entry', async () => {
      const { item, category, tag } = await fullItem();
      const same = {
        ...{
          sku: item.sku,
          name: ' Full',
          description: 'Described ',
          unit: 'kg',
          tags: [tag, tag],
        },
        ...{ reorderPoint: '1.25', category, ifVersion: 1 },
        // Equal, whatever the order of its names.
        attributes: { aaa: { s: 3, long: 2 }, colour: 'red', b: 1 },
      };

      for (const input of [{}, same, { ifVersion: 1 }]) {
        const entries = await recorded(async () => {
          expect(await update(item.sku, input)).toEqual({ __typename: 'ItemUpdateSuccess', item });
        });
        expect(entries).toEqual([]);
      }
    });

    test('is later than what it changes, also after the clock was set back', async () => {
      const { item } = await fullItem();
      const ahead = new Date(Date.now() + 3_600_000);
      const value = database === 'sqlite' ? ahead.getTime() : `'${ahead.toISOString()}'`;
      await server.orm.em
        .fork()
        .getConnection()
        .execute(`update items set updated_at = ${value} where sku = '${item.sku}'`);

      const answer = await update(item.sku, { tags: [] });

      const updatedAt = new Date(ahead.getTime() + 1).toISOString();
      expect(answer.item).toMatchObject({ version: 2, updatedAt });
    });

    test('gives its own SKU another spelling', async () => {
      const { item } = await fullItem();

      const answer = await update(item.sku, { sku: item.sku.toLowerCase() });

      expect(answer.item).toMatchObject({ sku: item.sku.toLowerCase(), version: 2 });
    });

    test('rests on the version that the caller knows', async () => {
      const { item } = await fullItem();
      await update(item.sku, { ifVersion: 1, name: 'Second' });

      for (const ifVersion of [1, 3, 0, -1]) {
        const answer = await refused(UPDATE, { item: { id: item.id }, ifVersion, name: 'Third' });
        expect(answer).toEqual({
          __typename: 'VersionConflict',
          code: 'VERSION_CONFLICT',
          message: 'The item is at version 2 by now.',
          path: ['input', 'ifVersion'],
          current: { id: item.id, version: 2, name: 'Second' },
        });
      }
      const done = await update(item.sku, { ifVersion: 2, name: 'Third' });
      expect(done.item).toMatchObject({ version: 3, name: 'Third' });
    });

    test('of one version sent 10 times at once: exactly one wins', async () => {
      const { item } = await fullItem();
      type Answer = { __typename: string; item: { name: string }; current: object };
      let answers: Answer[] = [];

      const entries = await recorded(async () => {
        answers = await Promise.all(
          Array.from({ length: 10 }, (_, index) =>
            update(item.sku, { ifVersion: 1, name: `Name ${index}` }),
          ),
        );
      });

      const winners = answers.filter((answer) => answer.__typename === 'ItemUpdateSuccess');
      const losers = answers.filter((answer) => answer.__typename === 'VersionConflict');
      expect([winners.length, losers.length]).toEqual([1, 9]);
      const name = winners[0]?.item.name;
      for (const { current } of losers) expect(current).toEqual({ id: item.id, version: 2, name });
      expect(entries).toEqual([
        expect.objectContaining({ changes: { name: { from: 'Full', to: name } } }),
      ]);
    });

    test('without a version 10 times at once: each is done, none is lost', async () => {
      const { item } = await fullItem();

      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, index) => update(item.sku, { name: `Name ${index}` })),
      );

      const versions = answers.map((answer) => answer.item.version).sort((a, b) => a - b);
      expect(versions).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    });

    test('refuses a taken SKU, with the tags that would have changed', async () => {
      const { item } = await fullItem();
      const { item: taken } = await fullItem();

      for (const facts of [{}, { tags: [] }, { name: 'Other', category: null }]) {
        const input = { item: { id: item.id }, sku: taken.sku.toLowerCase(), ...facts };
        const answer = await refused(UPDATE, input);
        expect(answer).toMatchObject({ __typename: 'AlreadyExists', path: ['input', 'sku'] });
      }
    });

    test.each([
      ['a blank SKU', { sku: ' ' }, 'INVALID_INPUT', ['sku']],
      ['a blank name', { name: '' }, 'INVALID_INPUT', ['name']],
      ['a name too long', { name: TOO_LONG }, 'INVALID_INPUT', ['name']],
      ['a unit with NUL', { unit: '\0' }, 'INVALID_INPUT', ['unit']],
      ['half a character', { description: '\ud800' }, 'INVALID_INPUT', ['description']],
      ['attributes that are a list', { attributes: [] }, 'INVALID_INPUT', ['attributes']],
      ['a reorder point below zero', { reorderPoint: '-0.01' }, 'INVALID_INPUT', ['reorderPoint']],
      ['too fine a fraction', { reorderPoint: '0.001' }, 'INVALID_INPUT', ['reorderPoint']],
      ['an unknown category', { category: 'nowhere' }, 'NOT_FOUND', ['category']],
      ['an unknown tag', { tags: ['nothing'] }, 'NOT_FOUND', ['tags', '0']],
    ])('refuses %s beside a good change', async (_what, facts, code, path) => {
      const { item } = await fullItem();

      const answer = await refused(UPDATE, {
        ...{ item: { sku: item.sku }, name: 'Good', reorderPoint: '7' },
        ...facts,
      });

      expect(answer).toMatchObject({ code, path: ['input', ...path] });
    });

    test('does not find what is not there, or belongs to others', async () => {
      const theirs = await inOtherOrganization(server, (other) => createItem(other, 'THEIRS'));
      const { item } = await fullItem();
      const category = await createCategory(server, `Not an item ${item.sku}`);

      for (const by of [{ id: theirs }, { sku: 'THEIRS' }, { id: category }, { id: '' }]) {
        const answer = await refused(UPDATE, { item: by, name: 'Mine' });
        expect(answer).toMatchObject({ code: 'NOT_FOUND', path: ['input', 'item'] });
      }
    });
  });

  describe('categoryCreate', () => {
    const createOne = async (input: object) =>
      (await server.run(CREATE_CATEGORY, { input })).categoryCreate;

    test('makes a category at the top or below another, and says so once', async () => {
      const top = await createOne({ name: ' Tools ' });
      const entries = await recorded(async () => {
        const below = await createOne({ name: 'Hammers', parent: top.category.id });
        expect(below).toEqual({
          __typename: 'CategoryCreateSuccess',
          category: {
            id: expect.any(String),
            name: 'Hammers',
            version: 1,
            parent: { name: 'Tools' },
          },
        });
      });

      expect(top.category).toMatchObject({ name: 'Tools', parent: null });
      const parent = keyOf('Category', top.category.id);
      expect(entries).toEqual([
        {
          action: 'category.create',
          subject: expect.stringMatching(/^Category:\d+$/),
          changes: { name: 'Hammers', parent },
        },
      ]);
    });

    test('refuses a name twice below one parent, and takes it below another and at the top', async () => {
      const first = await createCategory(server, 'First');
      const second = await createCategory(server, 'Second');
      await createCategory(server, 'Screws', first);

      for (const name of ['Screws', ' SCREWS', 'ｓｃｒｅｗｓ']) {
        expect(await refused(CREATE_CATEGORY, { name, parent: first })).toMatchObject({
          __typename: 'AlreadyExists',
          message: expect.stringContaining('below First'),
          path: ['input', 'name'],
        });
      }
      const elsewhere = [
        await createOne({ name: 'Screws', parent: second }),
        await createOne({ name: 'Screws' }),
      ];
      expect(elsewhere.map((answer) => answer.__typename)).toEqual([
        'CategoryCreateSuccess',
        'CategoryCreateSuccess',
      ]);
      expect(await refused(CREATE_CATEGORY, { name: 'screws' })).toMatchObject({
        __typename: 'AlreadyExists',
        message: expect.stringContaining('at the top'),
      });
    });

    test.each(BAD_TEXTS)('refuses a name that is %s', async (_what, name) => {
      const answer = await refused(CREATE_CATEGORY, { name });

      expect(answer).toMatchObject({ code: 'INVALID_INPUT', path: ['input', 'name'] });
    });

    test('refuses a parent that is not there', async () => {
      const theirs = await inOtherOrganization(server, (other) => createCategory(other, 'Theirs'));

      for (const parent of ['', 'nowhere', theirs]) {
        const answer = await refused(CREATE_CATEGORY, { name: 'Orphan', parent });
        expect(answer).toMatchObject({ code: 'NOT_FOUND', path: ['input', 'parent'] });
      }
    });
  });

  describe('tagCreate', () => {
    test('makes a tag, and says so once', async () => {
      let answer: { tag: { id: string } } = { tag: { id: '' } };

      const entries = await recorded(async () => {
        answer = (await server.run(CREATE_TAG, { input: { name: ' Straße ' } })).tagCreate;
      });

      expect(answer).toEqual({
        __typename: 'TagCreateSuccess',
        tag: { id: expect.any(String), name: 'Straße', version: 1 },
      });
      expect(entries).toEqual([
        { action: 'tag.create', subject: subjectOf(answer.tag.id), changes: { name: 'Straße' } },
      ]);
    });

    test('refuses a name that is taken, however it is written', async () => {
      await createTag(server, 'Größe Σ');

      for (const name of ['Größe Σ', 'GRÖSSE ς', 'Gro\u0308ße  σ']) {
        const answer = await refused(CREATE_TAG, { name });
        expect(answer).toMatchObject({ code: 'ALREADY_EXISTS', path: ['input', 'name'] });
      }
    });

    test.each(BAD_TEXTS)('refuses a name that is %s', async (_what, name) => {
      const answer = await refused(CREATE_TAG, { name });

      expect(answer).toMatchObject({ code: 'INVALID_INPUT', path: ['input', 'name'] });
    });
  });

  describe('locationCreate', () => {
    const createOne = async (input: object) =>
      (await server.run(CREATE_LOCATION, { input })).locationCreate;

    test('makes a location of any kind in another, and says so once', async () => {
      const hall = await createOne({ code: ' Hall ', name: ' The hall ' });
      let shelf: { location: { id: string } } = { location: { id: '' } };

      const entries = await recorded(async () => {
        shelf = await createOne({
          ...{ code: 'H-1', name: 'Shelf', kind: 'TRANSIT', parent: { code: ' hall' } },
        });
      });

      expect(hall.location).toMatchObject({
        ...{ code: 'Hall', name: 'The hall', kind: 'STORAGE', version: 1, parent: null },
      });
      expect(shelf.location).toMatchObject({
        ...{ code: 'H-1', kind: 'TRANSIT', parent: { code: 'Hall' } },
      });
      const parent = keyOf('Location', hall.location.id);
      expect(entries).toEqual([
        {
          action: 'location.create',
          subject: subjectOf(shelf.location.id),
          changes: { code: 'H-1', name: 'Shelf', kind: 'TRANSIT', parent },
        },
      ]);
    });

    test('refuses a code that is taken, the outside worlds included', async () => {
      await createLocation(server, 'Dock 1');

      for (const code of ['Dock 1', 'DOCK  1', 'dock １', 'supplier']) {
        const answer = await refused(CREATE_LOCATION, { code, name: 'Another' });
        expect(answer).toMatchObject({ code: 'ALREADY_EXISTS', path: ['input', 'code'] });
      }
    });

    test.each(
      BAD_TEXTS.flatMap(([what, text]) => [
        ['code', what, text],
        ['name', what, text],
      ]),
    )('refuses a %s that is %s', async (field, _what, text) => {
      const answer = await refused(CREATE_LOCATION, { code: 'C', name: 'N', [`${field}`]: text });

      expect(answer).toMatchObject({ code: 'INVALID_INPUT', path: ['input', field] });
    });

    test('refuses a parent that is not there', async () => {
      const theirs = await inOtherOrganization(server, (other) => createLocation(other, 'THEIRS'));

      for (const parent of [{ code: 'nowhere' }, { id: theirs }, { id: 'x' }]) {
        const answer = await refused(CREATE_LOCATION, { code: 'C', name: 'N', parent });
        expect(answer).toMatchObject({ code: 'NOT_FOUND', path: ['input', 'parent'] });
      }
    });
  });
});

/** Makes something in another organization of the same database. */
async function inOtherOrganization(
  server: TestServer,
  make: (stranger: TestServer) => Promise<string>,
): Promise<string> {
  const authorization = `Bearer ${await server.otherOrganization()}`;
  return make({
    ...server,
    run: async (document, variables) =>
      (await server.ask(document, variables, { authorization })).data,
  });
}

/** Lists in lists, so many deep. */
function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
}
