import { createCategory, createItem, createLocation, createTag, move } from './factories.ts';
import type { TestServer } from './server.ts';
import { tamper } from './tampering.ts';

/** The rows whose own lists are walked, by type. */
export type Hubs = Readonly<Record<string, string>>;

/** Random numbers for one change. */
export interface Luck {
  readonly letter: string;
  readonly few: number;
}

/** Changes what lists hold. Whatever is added is in the lists of all, and in those of the hubs. */
export class PagingChanges {
  readonly #server: TestServer;
  readonly hubs: Hubs;
  readonly #tags: string[] = [];
  /** Rows that were taken out of lists, some of which were deleted. */
  readonly #gone = new Set<string>();
  #count = 0;

  private constructor(server: TestServer, hubs: Hubs) {
    this.#server = server;
    this.hubs = hubs;
  }

  /** Fills an empty organization: some rows of each type, many of which tie. */
  static async begin(server: TestServer): Promise<PagingChanges> {
    const category = await createCategory(server, 'Hub');
    const tag = await createTag(server, 'hub');
    const location = await createLocation(server, 'HUB');
    const item = await createItem(server, 'HUB', { category, tags: [tag], tracking: 'LOT' });
    const { movement } = await move(server, 'stockReceive', {
      to: { id: location },
      lines: LOTS.map((code) => ({ item: { id: item }, quantity: '1000', lot: { code } })),
    });
    const { membership } = await server.member('CLERK');
    const hubs = {
      Membership: membership,
      ...{ Category: category, Tag: tag, Location: location, Item: item, Movement: movement.id },
    };
    const changes = new PagingChanges(server, hubs);
    changes.#tags.push(tag);
    for (const type of Object.keys(changes.#added)) {
      for (const few of [0, 1, 2, 3, 4, 5, 6, 7, 8]) {
        await changes.add(type, { letter: LETTERS[few % 3] as string, few });
      }
    }
    // What was made one after the other has times of its own; here some have the same.
    await tamper(
      server,
      ['items', 'reservations'].map(
        (table) => `update ${table} set created_at = (select min(created_at) from ${table})
          where id % 3 <> 0`,
      ),
    );
    return changes;
  }

  /** Adds a row of a type. */
  async add(type: string, luck: Luck): Promise<void> {
    const add = this.#added[type];
    if (!add) throw new Error(`Nobody knows how to add a ${type}: say it in PagingChanges`);
    await add(luck);
  }

  /** Has a row stand at another place of its lists, if rows of its type can be changed. */
  async displace(type: string, id: string, luck: Luck): Promise<void> {
    if (!this.#gone.has(id)) await this.#displaced[type]?.(id, luck);
  }

  readonly #added: Readonly<Record<string, (luck: Luck) => Promise<unknown>>> = {
    Item: ({ letter, few }) =>
      createItem(this.#server, this.#unique(letter), {
        name: letter,
        tags: [this.hubs['Tag'] as string],
        ...(few % 4 > 0 && { category: this.hubs['Category'] as string }),
      }),
    Category: ({ letter, few }) =>
      createCategory(
        this.#server,
        this.#unique(letter),
        few % 4 > 0 ? this.hubs['Category'] : undefined,
      ),
    Tag: async ({ letter }) => {
      const tag = await createTag(this.#server, this.#unique(letter));
      if (this.#tags.length === MOST_TAGS) return;
      this.#tags.push(tag);
      await this.#update({ item: { id: this.hubs['Item'] }, tags: this.#tags });
    },
    Location: ({ letter, few }) =>
      createLocation(this.#server, this.#unique(letter), {
        ...(few % 4 > 0 && { parent: { id: this.hubs['Location'] } }),
      }),
    Lot: ({ letter, few }) =>
      this.#receive({
        code: this.#unique(letter),
        // Some expire on the same day, and some never.
        ...(few % 3 > 0 && { expiresOn: `2999-01-0${few % 3}` }),
      }),
    StockLevel: async ({ letter, few }) => {
      if (few % 2 === 0) return this.#receive({ code: this.#unique(letter) });
      const place = await createLocation(this.#server, this.#unique(letter));
      return this.#receive({ code: LOTS[0] as string }, place);
    },
    Movement: ({ few }) => this.#receive({ code: LOTS[few % 3] as string }, undefined, few),
    MovementLine: ({ few }) => this.#receive({ code: LOTS[few % 3] as string }, undefined, few),
    Membership: ({ letter }) => this.#send('membershipCreate', { name: letter, role: 'CLERK' }),
    ApiKey: ({ letter }) =>
      this.#send('apiKeyCreate', { membership: this.hubs['Membership'], name: letter }),
    Reservation: () =>
      move(this.#server, 'stockReserve', {
        reference: 'job',
        lines: [
          {
            item: { id: this.hubs['Item'] },
            location: { id: this.hubs['Location'] },
            quantity: '1',
          },
        ],
      }),
  };

  /** Takes a row out of the lists of the hubs, if rows of its type can be. */
  async remove(type: string, id: string): Promise<void> {
    if (id === this.hubs[type] || this.#gone.has(id)) return;
    this.#gone.add(id);
    await this.#removed[type]?.(id);
  }

  readonly #removed: Readonly<Record<string, (id: string) => Promise<unknown>>> = {
    Item: (id) => this.#update({ item: { id }, category: null, tags: [] }),
    Tag: (id) => {
      if (this.#tags.includes(id)) this.#tags.splice(this.#tags.indexOf(id), 1);
      return this.#send('tagDelete', { tag: id });
    },
    Category: (id) => this.#send('categoryDelete', { category: id, items: { none: true } }),
    Location: (id) => this.#send('locationUpdate', { location: { id }, parent: null }),
  };

  readonly #displaced: Readonly<Record<string, (id: string, luck: Luck) => Promise<unknown>>> = {
    Item: (id, { letter }) =>
      this.#update({ item: { id }, name: letter, sku: this.#unique(letter) }),
    Category: (id, { letter }) =>
      this.#send('categoryUpdate', { category: id, name: this.#unique(letter) }),
    Tag: (id, { letter }) => this.#send('tagUpdate', { tag: id, name: this.#unique(letter) }),
    Location: (id, { letter }) =>
      this.#send('locationUpdate', { location: { id }, name: letter, code: this.#unique(letter) }),
  };

  #receive(lot: object, to = this.hubs['Location'], day = 0): Promise<unknown> {
    return move(this.#server, 'stockReceive', {
      to: { id: to },
      // A few days, so that many movements have happened at the same time.
      occurredAt: `2026-01-0${(day % 3) + 1}T00:00:00Z`,
      lines: [{ item: { id: this.hubs['Item'] }, quantity: '1', lot }],
    });
  }

  #update(input: object): Promise<void> {
    return this.#send('itemUpdate', input);
  }

  async #send(name: string, input: object): Promise<void> {
    const title = `${name[0]?.toUpperCase()}${name.slice(1)}`;
    const { answer } = await this.#server.run(
      `mutation ($input: ${title}Input!) {
        answer: ${name}(input: $input) { __typename ... on Error { message } }
      }`,
      { input },
    );
    if (answer.__typename !== `${title}Success`) throw new Error(answer.message);
  }

  #unique(letter: string): string {
    this.#count += 1;
    return `${letter}${this.#count}`;
  }
}

/** What names begin with: two that are equal but for their case, and one beyond ASCII. */
export const LETTERS = ['m', 'M', 'É', 'a', 'z', '0'];

/** As many tags as one item can carry. */
const MOST_TAGS = 50;

const LOTS = ['one', 'two', 'three'];
