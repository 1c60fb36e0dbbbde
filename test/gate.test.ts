import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Gate } from '../src/http/gate.ts';
import { DATABASES } from './support/databases.ts';
import { holdWriters } from './support/holding.ts';
import { startHttp, stopAll } from './support/http.ts';
import { until } from './support/until.ts';

const PATIENT = { waitingMs: 60_000 };

/** Work that goes on until it is told to end. */
function work(gate: Gate, begun: string[], name: string): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  gate.enter(() => {
    begun.push(name);
    return promise;
  });
  return resolve;
}

/** Keeps the event loop from its turn, as a statement of SQLite does. */
function block(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

describe('the gate', () => {
  test('lets so many run at once, and the others in turn, the first first', async () => {
    const gate = new Gate({ running: 2, waiting: 10, ...PATIENT });
    const begun: string[] = [];
    const [endA, endB] = ['a', 'b', 'c', 'd'].map((name) => work(gate, begun, name));

    expect(begun).toEqual(['a', 'b']);
    await turn();
    expect(begun).toEqual(['a', 'b']);
    endB?.();
    await until('a third runs', () => begun.length === 3);
    endA?.();
    await until('a fourth runs', () => begun.length === 4);
    expect(begun).toEqual(['a', 'b', 'c', 'd']);
    expect(gate.isFull).toBe(false);
  });

  test('is full with so many waiting, and not any more when one is let in', async () => {
    const gate = new Gate({ running: 1, waiting: 2, ...PATIENT });
    const begun: string[] = [];
    const end = work(gate, begun, 'a');
    work(gate, begun, 'b');
    expect(gate.isFull).toBe(false);
    work(gate, begun, 'c');
    expect(gate.isFull).toBe(true);

    end();
    await until('the next runs', () => begun.length === 2);

    expect(begun).toEqual(['a', 'b']);
    expect(gate.isFull).toBe(false);
  });

  test('is full when the first of those that wait has waited too long', () => {
    const gate = new Gate({ running: 1, waiting: 10, waitingMs: 20 });
    work(gate, [], 'a');
    work(gate, [], 'b');
    expect(gate.isFull).toBe(false);

    block(25);

    expect(gate.isFull).toBe(true);
  });

  test('is full when whoever comes would wait too long, by how fast the others were done', async () => {
    const gate = new Gate({ running: 1, waiting: 100_000, ...PATIENT });
    const begun: string[] = [];
    const end = work(gate, begun, 'a');
    for (let index = 0; index < 40; index += 1) gate.enter(async () => block(5));
    work(gate, begun, 'b');
    work(gate, begun, 'c');
    end();
    await until('only one waits', () => begun.length === 2);
    expect(gate.isFull).toBe(false);

    for (let index = 0; index < 20_000; index += 1) work(gate, begun, 'more');

    expect(gate.isFull).toBe(true);
  });

  test('lets the event loop look who has come, between one that took long and the next', async () => {
    const gate = new Gate({ running: 100, waiting: 100, ...PATIENT });
    const seen: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      gate.enter(async () => {
        seen.push(name);
        block(15);
      });
      setImmediate(() => seen.push(`turn after ${name}`));
    }
    // Whoever comes later does not overtake.
    gate.enter(async () => void seen.push('d'));

    await until('all are done', () => seen.length === 7);

    expect(seen.slice(0, 2)).toEqual(['a', 'turn after a']);
    expect(seen.filter((each) => /^.$/.test(each))).toEqual(['a', 'b', 'c', 'd']);
    expect(seen.indexOf('turn after c')).toBeLessThan(seen.indexOf('d'));
  });

  test('goes on after work that failed', async () => {
    const gate = new Gate({ running: 1, waiting: 10, ...PATIENT });
    const begun: string[] = [];
    gate.enter(() => Promise.reject(new Error('failed')));
    work(gate, begun, 'b');

    await until('the next runs', () => begun.length === 1);

    expect(begun).toEqual(['b']);
  });
});

describe.each(DATABASES)('a server with too much to do on %s', (name) => {
  afterEach(stopAll);

  const create = 'mutation ($name: String!) { tagCreate(input: { name: $name }) { __typename } }';

  test.each([
    ['plain requests', {}],
    ['requests through the app', { 'x-trace': 'sql' }],
  ])(
    '%s: refuses with 503 what it cannot do soon, and answers all else',
    async (_what, headers) => {
      const http = await startHttp(name, {}, 'info', {
        gate: { running: 1, waiting: 2, ...PATIENT },
      });
      // So that the key is known: its look-up is none of the work that is held up.
      await http.post('{ __typename }', {}, headers);
      const release = await holdWriters(http.server);
      const asked = ['a', 'b', 'c'].map((tag) => http.post(create, { name: tag }, headers));
      const probe = () => http.post(create, { name: 'd' }, headers);
      let refused = await Promise.race([probe(), ...asked]);
      if (refused.status !== 503) refused = await probe();
      const machines = [await http.send('/healthz'), await http.send('/readyz')];
      await release();
      const answers = await Promise.all(asked);
      const next = await http.post('{ tags { totalCount } }', {}, headers);

      expect(refused.status).toBe(503);
      expect(refused.headers.get('retry-after')).toBe('1');
      expect(refused.body).toEqual({
        errors: [
          {
            message: 'The server has more to do than it can. Try again in a second.',
            extensions: { code: 'UNAVAILABLE' },
          },
        ],
      });
      expect(machines.map(({ status }) => status)).toEqual([200, 200]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
      expect(next.body.data.tags.totalCount).toBe(3);
    },
  );
});
