import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { generateApiKey } from '../src/access/api-key.service.ts';
import { startBalancer } from './support/balancer.ts';
import { createDatabase, onPostgres, type TestDatabase } from './support/databases.ts';
import { createItem, createLocation, move, stock, stockDocument } from './support/factories.ts';
import {
  expectCleanEnds,
  expectNothingLost,
  PROCESSES,
  transferThroughKill,
} from './support/fleet.ts';
import type { Client } from './support/server.ts';
import { clientAt, type Serving, startServing } from './support/serving.ts';
import { until } from './support/until.ts';

/** How long a process may go on to take a key that was taken away, in milliseconds. */
const LONGEST_VALID_MS = 1000;

describe('three processes on one database', () => {
  const key = generateApiKey();
  let database: TestDatabase;
  let fleet: Serving[];
  let clients: Client[];

  beforeAll(async () => {
    database = await createDatabase('postgresql');
    // All at once: each finds a database without an organization.
    const starts = Array.from({ length: PROCESSES }, () => startServing(database.url, key));
    fleet = await Promise.all(starts);
    clients = fleet.map(({ client }) => client);
  });

  afterAll(async () => {
    await expectCleanEnds(fleet);
    await database.drop();
  });

  /** Asks through the first, the second or the third process. */
  const through = (number: number): Client => clients[number % clients.length] as Client;

  const one = async (sql: string) => (await onPostgres(database.url, sql))[0];

  test('that made the first start at once founded one organization, and all take its key', async () => {
    expect(await one('select count(*)::int as count from organizations')).toEqual({ count: 1 });
    for (const { client } of fleet) {
      expect(await client.run('{ viewer { role } }')).toEqual({ viewer: { role: 'OWNER' } });
    }
    const said = fleet.map(({ process }) =>
      /the owner's key that the settings gave/.test(process.stdout),
    );
    expect(said.filter(Boolean)).toHaveLength(1);
  });

  test('one signs in to GraphiQL by the link of another', async () => {
    // Any of them but the one that may have shown a link.
    const page = await fetch(`${fleet[1]?.address}?key=${key}`, {
      headers: { accept: 'text/html' },
    });
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('GraphiQL');
  });

  test('a key that was taken away by one is refused by all within a second', async () => {
    const made = await makeKey(through(0));
    const shown = fleet.map(({ address }) => clientAt(address, made.key));
    for (const each of shown) await each.run('{ __typename }');

    await through(0).run(
      `mutation ($apiKey: ID!) { apiKeyRevoke(input: { apiKey: $apiKey }) { __typename } }`,
      { apiKey: made.apiKey },
    );
    const revoked = performance.now();

    for (const each of shown) {
      await until('it is refused', async () => {
        const asked = performance.now();
        const { status } = await each.ask('{ __typename }');
        if (status === 200) expect(asked - revoked).toBeLessThan(LONGEST_VALID_MS);
        return status === 401;
      });
    }
  });

  test('the same mutation sent to all at once is done once, and told to each', async () => {
    await createItem(through(0), 'BOLT');
    await createLocation(through(0), 'SHELF');
    const document = stockDocument('stockReceive');
    const lines = [{ item: { sku: 'BOLT' }, quantity: '1' }];

    for (let round = 0; round < 10; round += 1) {
      const input = { idempotencyKey: `same ${round}`, to: { code: 'SHELF' }, lines };
      const answers = await Promise.all(clients.map((each) => each.run(document, { input })));
      const told = answers.map(({ stockReceive }) => stockReceive);
      expect(new Set(told.map(({ movement }) => movement.seq)).size).toBe(1);
      expect(told.filter(({ replayed }) => !replayed)).toHaveLength(1);
    }

    const { item } = await through(1).run('{ item(by: { sku: "BOLT" }) { onHand } }');
    expect(item).toEqual({ onHand: '10' });
  });

  test('a reservation that is due is resolved once, though each sweeps', async () => {
    await createItem(through(0), 'NUT');
    await createLocation(through(0), 'DRAWER');
    await stock(through(0), 'NUT', 'DRAWER', '9');
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    const line = { item: { sku: 'NUT' }, location: { code: 'DRAWER' }, quantity: '1' };
    for (let number = 0; number < 9; number += 1) {
      const input = { reference: 'ORDER', expiresAt, lines: [line] };
      const { __typename } = await move(through(number), 'stockReserve', input);
      expect(__typename).toBe('StockReserveSuccess');
    }
    const before = await one('select max(seq)::int as seq from journal_entries');
    await onPostgres(database.url, 'update reservations set expires_at = now()');

    await until('all are resolved', async () => {
      const active = `select count(*)::int as count from reservations where state = 'ACTIVE'`;
      return (await one(active))?.['count'] === 0;
    });

    expect(
      await one(
        `select count(*)::int as entries, count(distinct subject_id)::int as reservations
          from journal_entries where seq > ${before?.['seq']}`,
      ),
    ).toEqual({ entries: 9, reservations: 9 });
    expect(await one('select sum(reserved)::int as reserved from stock_levels')).toEqual({
      reserved: 0,
    });
  });

  test('behind a balancer, with one that is killed under load: nothing is lost', async () => {
    const servers = [...fleet.slice(1), await startServing(database.url, key)];
    const balancer = await startBalancer(servers.map(({ address }) => address));
    const client = clientAt(balancer.address, key);

    const told = await transferThroughKill(150, servers, () => client);

    await expectNothingLost(database.url, client, told);
    await balancer.stop();
  });
});

/** Makes a key for another member. */
async function makeKey(owner: Client): Promise<{ key: string; apiKey: string }> {
  const { membershipCreate } = await owner.run(
    `mutation {
      membershipCreate(input: { name: "Clerk", role: CLERK }) {
        ... on MembershipCreateSuccess { membership { id } }
      }
    }`,
  );
  const { apiKeyCreate } = await owner.run(
    `mutation ($membership: ID!) {
      apiKeyCreate(input: { membership: $membership, name: "scanner" }) {
        ... on ApiKeyCreateSuccess { key apiKey { id } }
      }
    }`,
    { membership: membershipCreate.membership.id },
  );
  return { key: apiKeyCreate.key, apiKey: apiKeyCreate.apiKey.id };
}
