import { readFile, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ExchangeError } from '../src/exchange/exchange.errors.ts';
import { PRESETS, type SalesPreset } from '../src/imports/presets.ts';
import { replaySales } from '../src/imports/replay.service.ts';
import { surveySales } from '../src/imports/survey.service.ts';
import { DATABASES, inTestDirectory } from './support/databases.ts';
import { audit, CLEAN, randomNumbers } from './support/load.ts';
import { quartermaster } from './support/process.ts';
import { startServer, type TestServer } from './support/server.ts';
import { Writers } from './support/writers.ts';

const SALES = new URL('data/sales.csv', import.meta.url).pathname;
const preset = PRESETS['online-retail'] as SalesPreset;

/** Imports a file as the command does, and collects what it tells of. */
async function importFile(server: TestServer, file: string, { stopAt = Infinity } = {}) {
  const badLines: unknown[] = [];
  const onBadLine = (bad: unknown) => void badLines.push(bad);
  const survey = await surveySales({ file, preset, onBadLine, onBytes: () => undefined });
  const replay = await replaySales(server.orm.em.fork(), server.owner, {
    ...{ file, preset, survey },
    onRefusal: onBadLine,
    onLines: (lines) => {
      if (lines >= stopAt) throw new ExchangeError('stopped');
    },
  });
  return { survey, replay, badLines };
}

/** A file of the test's own, made of the sample by a change of its text. */
async function changedSales(change: (text: string) => string | Buffer): Promise<string> {
  const file = inTestDirectory(`sales-${crypto.randomUUID()}.csv`);
  await writeFile(file, change(await readFile(SALES, 'utf8')));
  return file;
}

describe.each(DATABASES)('import on %s', (database) => {
  let server: TestServer;

  beforeEach(async () => {
    server = await startServer(database);
  });

  afterEach(() => server.stop());

  const ledger = async () => {
    const { movements, items } = await server.run(`{
      movements(first: 100) {
        nodes {
          seq kind reference occurredAt
          lines(first: 10) {
            nodes { item { sku } quantity from { code } to { code } fromAfter toAfter }
          }
        }
      }
      items { nodes { sku name onHand } }
    }`);
    return { movements: movements.nodes, items: items.nodes };
  };

  test('makes items, an opening receipt, and a movement of each run of an invoice', async () => {
    const { survey, replay, badLines } = await importFile(server, SALES);

    expect(badLines).toEqual([]);
    expect(survey).toMatchObject({ lines: 10, runs: 6, badLines: 0 });
    expect(survey.items.get('85123a')?.spellings).toEqual(new Set(['85123A', '85123a']));
    expect(replay).toEqual({
      itemsCreated: 5,
      movementsPosted: 7,
      movementsReplayed: 0,
      movementsRefused: 0,
      linesPosted: 14,
    });
    const { movements, items } = await ledger();
    expect(items).toEqual([
      { sku: '22633', name: 'HAND WARMER "UNION JACK"', onHand: '0' },
      { sku: '71053', name: 'WHITE METAL LANTERN', onHand: '2' },
      { sku: '85123A', name: 'WHITE HANGING HEART T-LIGHT HOLDER', onHand: '0' },
      { sku: 'D', name: 'Discount', onHand: '1' },
      { sku: 'POST', name: 'POSTAGE', onHand: '0' },
    ]);
    expect(movements.map((each: { reference: string }) => each.reference)).toEqual([
      null,
      '536365',
      '536366',
      'C536379',
      '536366',
      '536367',
      '536368',
    ]);
    expect(movements[3]).toMatchObject({
      kind: 'RECEIPT',
      occurredAt: '2010-12-01T09:41:00.000Z',
      lines: {
        nodes: [
          {
            item: { sku: '71053' },
            quantity: '4',
            from: { code: 'CUSTOMER' },
            to: { code: 'WAREHOUSE' },
            fromAfter: '8',
            toAfter: '4',
          },
          { item: { sku: 'D' }, quantity: '1', fromAfter: '-1', toAfter: '1' },
        ],
      },
    });
  });

  test('the same file again changes nothing, packed or not', async () => {
    await importFile(server, SALES);
    const before = await ledger();
    const packed = await changedSales((text) => gzipSync(text));

    const { replay } = await importFile(server, packed);

    expect(replay).toMatchObject({ itemsCreated: 0, movementsPosted: 0, movementsReplayed: 7 });
    expect(await ledger()).toEqual(before);
  });

  test('a stopped import goes on where it ended', async () => {
    const whole = await importFile(server, SALES).then(ledger);
    const other = await startServer(database);
    try {
      // Runs of 2,000 lines make two transactions of the file's body.
      const long = await changedSales((text) => text + moreRuns(2500));
      await expect(importFile(other, long, { stopAt: 2000 })).rejects.toThrow('stopped');
      const stopped = await other.run('{ movements { totalCount } }');

      const { replay } = await importFile(other, long);

      expect(stopped.movements.totalCount).toBeGreaterThan(7);
      expect(replay.movementsReplayed).toBe(stopped.movements.totalCount);
      expect(replay.movementsPosted + replay.movementsReplayed).toBe(6 + 2500 + 1);
      expect(whole.movements).toHaveLength(7);
    } finally {
      await other.stop();
    }
  });

  test('from another process is in the way of nobody', async () => {
    const writers = new Writers(randomNumbers(1), { alone: false });
    await writers.prepare(server);
    const file = await changedSales((text) => text + moreRuns(4000));

    writers.start(server);
    const { code, stdout } = await quartermaster(['import', '--preset', 'online-retail', file], {
      DATABASE_URL: server.url,
    });
    await writers.stop();

    expect(stdout).toMatch(/^Movements +4,007 posted, 0 there already, 0 refused$/m);
    expect(code).toBe(0);
    expect(writers.failures).toEqual([]);
    expect(writers.answered).toBeGreaterThan(0);
    expect(await writers.differences(server)).toEqual([]);
    expect(await writers.levelsThere(server)).toEqual(writers.levels);
    expect(await audit(server)).toEqual(CLEAN);
  });

  test('a run that the ledger refuses is told of by its first line, and the others are posted', async () => {
    // The stock of a first import is gone, and its opening receipt is not made again.
    const file = await changedSales((text) => text);
    const survey = await surveySales({
      ...{ file, preset },
      onBadLine: () => undefined,
      onBytes: () => undefined,
    });
    const poor = new Map(survey.items);
    poor.set('post', { ...(poor.get('post') as object), opening: 0 } as never);
    const refusals: unknown[] = [];

    const replay = await replaySales(server.orm.em.fork(), server.owner, {
      ...{ file, preset, survey: { ...survey, items: poor } },
      onRefusal: (bad) => void refusals.push(bad),
      onLines: () => undefined,
    });

    expect(replay).toMatchObject({ movementsPosted: 6, movementsRefused: 1 });
    expect(refusals).toEqual([
      {
        line: 11,
        column: 'InvoiceNo',
        code: 'REFUSED',
        value: '536367: There is not enough stock for 1 of the lines.',
      },
    ]);
  });
});

/** Lines that each are a run of their own. */
function moreRuns(count: number): string {
  const line = (index: number) => `X${index},71053,,1,2010-12-02 10:00:00,1,1,France\n`;
  return Array.from({ length: count }, (_, index) => line(index)).join('');
}

describe('a file of sales', () => {
  const survey = async (file: string) => {
    const badLines: unknown[] = [];
    const found = await surveySales({
      ...{ file, preset },
      onBadLine: (bad) => void badLines.push(bad),
      onBytes: () => undefined,
    });
    return { found, badLines };
  };

  test.each([
    ['a blank invoice', ',71053,X,1,2010-12-01 08:26:00,1,1,UK', 'InvoiceNo', 'BLANK', ''],
    ['a blank SKU', '1, ,X,1,2010-12-01 08:26:00,1,1,UK', 'StockCode', 'BLANK', ' '],
    ['no quantity', '1,71053,X,0,2010-12-01 08:26:00,1,1,UK', 'Quantity', 'NOT_A_QUANTITY', '0'],
    ['a fraction', '1,71053,X,1.5,2010-12-01 08:26:00,1,1,UK', 'Quantity', 'NOT_A_QUANTITY', '1.5'],
    [
      'no time',
      '1,71053,X,1,2010-13-01 08:26:00,1,1,UK',
      'InvoiceDate',
      'NOT_A_TIME',
      '2010-13-01 08:26:00',
    ],
    ['missing columns', '1,71053', 'Quantity', 'NOT_A_QUANTITY', ''],
    [
      'an open quote',
      '1,"71053',
      'StockCode',
      'NOT_CSV',
      expect.stringContaining('Quote Not Closed'),
    ],
  ])('with %s tells the line, the column, the code and the value', async (...facts) => {
    const [, line, column, code, value] = facts;
    const file = await changedSales((text) => `${text}${line}\n`);

    const { found, badLines } = await survey(file);

    expect(badLines).toEqual([{ line: 13, column, code, value }]);
    expect(found).toMatchObject({ lines: 10, badLines: 1 });
  });

  test.each([
    ['is missing', async () => inTestDirectory('nowhere.csv'), 'there is no such file'],
    ['is a directory', async () => inTestDirectory('.'), 'is a directory'],
    ['has other columns', () => changedSales(() => 'a,b\n1,2\n'), 'missing columns: InvoiceNo'],
    ['is empty', () => changedSales(() => ''), 'has no line that can be used'],
    [
      'is no text',
      () => changedSales(() => Buffer.from([0xff, 0xd8, 0xff, 0, 1, 2])),
      'is not UTF-8 text',
    ],
    [
      'is broken gzip',
      () => changedSales((text) => gzipSync(text).subarray(0, 200)),
      'not a whole gzip file',
    ],
  ])('that %s is refused with its name', async (_what, make, message) => {
    const file = await make();

    const failure = survey(file);

    await expect(failure).rejects.toThrow(ExchangeError);
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.toThrow(file);
  });
});
