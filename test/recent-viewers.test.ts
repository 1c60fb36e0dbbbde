import { beforeEach, describe, expect, test } from '@jest/globals';
import { ApiKey } from '../src/access/access.entity.ts';
import { findViewer } from '../src/access/api-key.service.ts';
import { RecentViewers } from '../src/access/recent-viewers.ts';
import type { Viewer } from '../src/access/viewer.ts';
import { DATABASES } from './support/databases.ts';
import { startServer } from './support/server.ts';

const viewerOf = (userId: number): Viewer => ({
  ...{ organizationId: 1, userId, role: 'VIEWER', permissions: ['READ'], key: null },
});

describe('viewers of keys that were shown lately', () => {
  let now = 0;
  let asked: string[] = [];
  /** Who has which key. */
  const people = new Map<string, Viewer>();
  const find = async (key: string) => {
    asked.push(key);
    return people.get(key) ?? null;
  };
  let recent: RecentViewers;

  beforeEach(() => {
    now = 5000;
    asked = [];
    people.clear();
    for (const userId of [1, 2, 3]) people.set(`key ${userId}`, viewerOf(userId));
    recent = new RecentViewers({ find, now: () => now, maxAgeMs: 1000, maxSize: 2 });
  });

  test('are looked up again when a second has passed since they were, not since they were shown', async () => {
    await recent.find('key 1');
    now += 999;
    expect(await recent.find('key 1')).toEqual(viewerOf(1));
    expect(asked).toEqual(['key 1']);
    people.clear();
    now += 1;
    expect(await recent.find('key 1')).toBeNull();
    expect(asked).toEqual(['key 1', 'key 1']);
  });

  test('are as old as the question, not as its answer', async () => {
    const slow = new RecentViewers({
      find: async (key) => {
        now += 600;
        return find(key);
      },
      now: () => now,
      maxAgeMs: 1000,
    });

    await slow.find('key 1');
    now += 399;
    await slow.find('key 1');
    expect(asked).toEqual(['key 1']);
    now += 1;
    await slow.find('key 1');
    expect(asked).toEqual(['key 1', 'key 1']);
  });

  test('are told apart', async () => {
    for (const userId of [1, 2, 1, 2]) {
      expect(await recent.find(`key ${userId}`)).toEqual(viewerOf(userId));
    }
    expect(asked).toEqual(['key 1', 'key 2']);
  });

  test('are so many at most: the one that was looked up first is forgotten', async () => {
    for (const userId of [1, 2, 3]) await recent.find(`key ${userId}`);
    asked = [];

    await recent.find('key 3');
    await recent.find('key 2');
    await recent.find('key 1');

    expect(asked).toEqual(['key 1']);
  });

  test('a key that nobody has is looked up each time, and takes nobody’s place', async () => {
    await recent.find('key 1');
    for (const wrong of ['a', 'b', 'c', 'a']) expect(await recent.find(wrong)).toBeNull();
    people.set('a', viewerOf(7));

    expect(await recent.find('key 1')).toEqual(viewerOf(1));
    expect(await recent.find('a')).toEqual(viewerOf(7));
    expect(asked).toEqual(['key 1', 'a', 'b', 'c', 'a', 'a']);
  });

  test('a look-up that fails is not remembered', async () => {
    let fails = true;
    const shaky = new RecentViewers({
      find: async (key) => {
        if (fails) throw new Error('away');
        return find(key);
      },
      now: () => now,
    });

    await expect(shaky.find('key 1')).rejects.toThrow('away');
    fails = false;

    expect(await shaky.find('key 1')).toEqual(viewerOf(1));
  });
});

describe.each(DATABASES)('a key that is taken away on %s', (database) => {
  test('is good for nothing within a second', async () => {
    const server = await startServer(database);
    let now = 0;
    const { em } = server.orm;
    const recent = new RecentViewers({
      find: (key) => findViewer(em.fork(), key),
      now: () => now,
    });

    expect(await recent.find(server.key)).toEqual(server.owner);
    await em.fork().nativeDelete(ApiKey, { organization: server.owner.organizationId });
    now = 1000;
    expect(await recent.find(server.key)).toBeNull();
    await server.stop();
  });
});
