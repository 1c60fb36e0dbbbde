import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { schema } from '../src/graphql/schema.ts';
import { DATABASES } from './support/databases.ts';
import { LETTERS, type Luck, PagingChanges } from './support/paging-changes.ts';
import {
  type Page,
  type PagedList,
  pagedLists,
  readPage,
  type Step,
} from './support/paging-lists.ts';
import { startServer, type TestServer } from './support/server.ts';

/** `PAGING_SEED=… npm test -- test/paging.test.ts` repeats a run. */
const seed = Number(process.env['PAGING_SEED'] ?? Date.now() % 1_000_000);
/** How often each list is walked on each database, by turns from one end and from the other. */
const WALKS = 2;

/** The largest page there is. */
const WHOLE = 100;

/** The size of pages once nothing changes any more: they only lead to the end. */
const REST = 25;

/** What happens before a page is read. */
interface Turn {
  readonly size: number;
  readonly change: 'none' | 'add' | 'displace' | 'remove';
  readonly luck: Luck;
  /** Which row is displaced or removed, of those that there were at the beginning. */
  readonly which: number;
}

const turns: fc.Arbitrary<Turn[]> = fc.array(
  fc.record({
    size: fc.integer({ min: 1, max: 4 }),
    change: fc.constantFrom('none', 'add', 'displace', 'remove'),
    luck: fc.record({ letter: fc.constantFrom(...LETTERS), few: fc.nat(20) }),
    which: fc.nat(1000),
  }),
  { minLength: 4, maxLength: 12 },
);

describe.each(DATABASES)('pages on %s', (database) => {
  let server: TestServer;
  let changes: PagingChanges;

  beforeAll(async () => {
    process.stdout.write(`PAGING_SEED=${seed}\n`);
    server = await startServer(database);
    changes = await PagingChanges.begin(server);
  });

  afterAll(() => server.stop());

  test.each(pagedLists(schema))('of $name, while rows come and move', async (list) => {
    let rows = await whole(list);
    let backwards = true;
    await fc.assert(
      fc.asyncProperty(turns, async (turn) => {
        backwards = !backwards;
        rows = await walk(list, rows, { turn, backwards });
      }),
      // Each database has walks of its own.
      { seed: seed + DATABASES.indexOf(database), numRuns: WALKS, endOnFailure: true },
    );
  });

  /**
   * Walks a list from one end to the other while it changes, and compares it with the whole list.
   * @param before its rows at the beginning.
   * @returns its rows at the end.
   */
  async function walk(
    list: PagedList,
    before: readonly string[],
    { turn, backwards }: { readonly turn: readonly Turn[]; readonly backwards: boolean },
  ): Promise<string[]> {
    const moved = new Set<string>();
    const seen: string[] = [];
    let page: Page | null = null;
    for (const { size, ...what } of endless(turn)) {
      await change(list, what, before, moved);
      const from: string | null = page?.end ?? null;
      page = await read(list, { backwards, size, from });
      // If nobody moved them, there are the rows of the pages before this one.
      if (seen.some((id) => !moved.has(id))) expect(page.hasSome).toBe(true);
      seen.push(...page.ids);
      if (!page.hasMore) break;
      expect(page.ids).toHaveLength(size);
    }
    const after = await whole(list);
    const ordered = backwards ? after.toReversed() : after;
    const stayed = new Set(before.filter((id) => after.includes(id) && !moved.has(id)));
    const unmoved = seen.filter((id) => !moved.has(id));

    expect(seen.filter((id) => stayed.has(id))).toEqual(ordered.filter((id) => stayed.has(id)));
    expect(unmoved).toEqual([...new Set(unmoved)]);
    return after;
  }

  /** Does what comes before a page, and says which row was moved or removed. */
  async function change(
    list: PagedList,
    { change: what, luck, which }: Omit<Turn, 'size'>,
    rows: readonly string[],
    moved: Set<string>,
  ): Promise<void> {
    if (what === 'add') await changes.add(list.rows, luck);
    const id = rows[which % rows.length];
    if (!id || (what !== 'displace' && what !== 'remove')) return;
    moved.add(id);
    if (what === 'remove') await changes.remove(list.rows, id);
    else await changes.displace(list.rows, id, luck);
  }

  /** The ids of a list that nobody changes meanwhile: the same from either end. */
  async function whole(list: PagedList): Promise<string[]> {
    const [forwards, backwards] = [await everyPage(list, false), await everyPage(list, true)];
    expect(backwards.toReversed()).toEqual(forwards);
    return forwards;
  }

  async function everyPage(list: PagedList, backwards: boolean): Promise<string[]> {
    const ids: string[] = [];
    let page: Page | null = null;
    do {
      const from: string | null = page?.end ?? null;
      page = await read(list, { backwards, size: WHOLE, from });
      ids.push(...page.ids);
    } while (page.hasMore);
    expect(page.totalCount).toBe(ids.length);
    return ids;
  }

  function read(list: PagedList, step: Step) {
    const id = list.parent === null ? undefined : changes.hubs[list.parent];
    if (list.parent !== null && !id) throw new Error(`There is no ${list.parent} to list rows of`);
    return readPage(server, list, id, step);
  }
});

/** The turns, and further ones in which nothing changes any more. */
function* endless(turn: readonly Turn[]): Generator<Turn> {
  yield* turn;
  for (;;) yield { size: REST, change: 'none', luck: { letter: 'z', few: 0 }, which: 0 };
}
