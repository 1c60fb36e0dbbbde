import { afterEach, beforeEach, describe, test } from '@jest/globals';
import { generateApiKey } from '../../src/access/api-key.service.ts';
import { startBalancer } from '../support/balancer.ts';
import { createDatabase, type TestDatabase } from '../support/databases.ts';
import {
  expectCleanEnds,
  expectNothingLost,
  startFleet,
  transferThroughKill,
} from '../support/fleet.ts';
import type { Client } from '../support/server.ts';
import { clientAt, type Serving } from '../support/serving.ts';

const TRANSFERS = 1000;

describe('1,000 transfers through three processes, one killed under load: nothing is lost', () => {
  const key = generateApiKey();
  let database: TestDatabase;
  let fleet: Serving[];

  beforeEach(async () => {
    database = await createDatabase('postgresql');
    fleet = await startFleet(database.url, key);
  });

  afterEach(() => database.drop());

  const alive = () => fleet.slice(0, -1);

  test('sent to each in turn, and again to the next', async () => {
    const clients = fleet.map(({ client }) => client);
    const through = (number: number, tries: number) =>
      clients[(number + tries) % clients.length] as Client;

    const told = await transferThroughKill(TRANSFERS, fleet, through);

    await expectNothingLost(database.url, clients[0] as Client, told);
    await expectCleanEnds(alive());
  });

  test('sent to a balancer in front of them', async () => {
    const balancer = await startBalancer(fleet.map(({ address }) => address));
    const client = clientAt(balancer.address, key);

    const told = await transferThroughKill(TRANSFERS, fleet, () => client);

    await expectNothingLost(database.url, client, told);
    await balancer.stop();
    await expectCleanEnds(alive());
  });
});
