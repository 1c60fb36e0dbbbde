import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { inSnapshot } from '../src/database/snapshot.ts';
import { ExchangeError } from '../src/exchange/exchange.errors.ts';
import { tableText } from '../src/exchange/export.service.ts';
import { importFiles } from '../src/exchange/import.service.ts';
import { surveyFile } from '../src/exchange/survey.ts';
import { runCommand } from './support/command.ts';
import { createDatabase, DATABASES, type TestDatabase } from './support/databases.ts';
import {
  bytesIn,
  exportAll,
  figuresOf,
  fileOf,
  fillWithHostile,
  importOf,
} from './support/exchange.ts';
import { createItem, createLocation, levels, stock } from './support/factories.ts';
import { audit, CLEAN } from './support/load.ts';
import { startServer, type TestServer } from './support/server.ts';

const EXAMPLES = join(import.meta.dirname, '../examples/import');

/** What went out of one database comes into one of the other kind, so that both write and read all. */
const OTHER = { sqlite: 'postgresql', postgresql: 'sqlite' } as const;

describe.each(DATABASES)('what %s exports', (name) => {
  let source: TestServer;
  const targets: TestDatabase[] = [];

  beforeAll(async () => {
    source = await startServer(name);
    await fillWithHostile(source);
  });

  afterAll(async () => {
    await source.stop();
    for (const target of targets) await target.drop();
  });

  const emptyDatabase = async (): Promise<string> => {
    const target = await createDatabase(OTHER[name]);
    targets.push(target);
    return target.url;
  };

  test('comes back as the same files, and a second time changes nothing', async () => {
    const directory = await exportAll(source.url);
    const url = await emptyDatabase();

    const dry = await importOf(url, 'all', directory, '--dry-run');
    const first = await importOf(url, 'all', directory);
    const again = await importOf(url, 'all', directory);

    const figures = { Locations: '7 created, 1 updated, 3 unchanged', Problems: '0' };
    expect(figuresOf(dry.stdout)).toMatchObject({
      ...figures,
      Items: '6 created, 0 updated, 0 unchanged',
    });
    expect({ dry: dry.code, first: first.code, again: again.code }).toEqual({
      dry: 0,
      first: 0,
      again: 0,
    });
    expect(figuresOf(first.stdout)).toMatchObject({
      ...figures,
      Movements: '14 posted, 0 there already',
    });
    expect(figuresOf(again.stdout)).toMatchObject({
      Locations: '0 created, 0 updated, 11 unchanged',
      Items: '0 created, 0 updated, 6 unchanged',
      Movements: '0 posted, 14 there already',
    });
    expect(await bytesIn(await exportAll(url))).toEqual(await bytesIn(directory));
    const { stdout } = await runCommand(['verify'], { DATABASE_URL: url });
    expect(stdout).toContain('no difference');
  });

  test('changes nothing where it came from', async () => {
    const before = await source.run('{ journal { headSeq } }');

    const { stdout } = await importOf(
      source.url,
      'all',
      await exportAll(source.url, '--format', 'jsonl'),
    );

    expect(figuresOf(stdout)).toMatchObject({
      Locations: '0 created, 0 updated, 11 unchanged',
      Items: '0 created, 0 updated, 6 unchanged',
      Movements: '0 posted, 14 there already',
      Problems: '0',
    });
    expect(await source.run('{ journal { headSeq } }')).toEqual(before);
    expect(await audit(source)).toEqual(CLEAN);
  });

  test('comes back from JSON Lines that are packed, and says the same there as in CSV', async () => {
    const directory = await exportAll(source.url, '--format', 'jsonl', '--gzip');
    const url = await emptyDatabase();

    await importOf(url, 'all', directory);

    const packed = await bytesIn(directory);
    const texts = Object.entries(packed).map(([file, bytes]) => [
      file.replace('.gz', ''),
      gunzipSync(bytes),
    ]);
    expect(await bytesIn(await exportAll(url, '--format', 'jsonl'))).toEqual(
      Object.fromEntries(texts),
    );
    expect(await bytesIn(await exportAll(url))).toEqual(await bytesIn(await exportAll(source.url)));
    const rows = gunzipSync(packed['items.jsonl.gz'] as Buffer)
      .toString()
      .split('\n');
    expect(JSON.parse(rows.find((row) => row.includes('"007"')) ?? '')).toEqual({
      ...{ sku: '007', name: 'Ends\r\nwith "quotes", and\ttabs', description: null, unit: 'pcs' },
      ...{ decimals: 0, tracking: 'NONE', category: ['Tools', 'a|b', 'c\\'] },
      ...{ tags: ['x|y', 'Zed', 'änd'], barcodes: ['0012', '=5|6\\'], reorderPoint: null },
      attributes: { '9': '=2', a: { b: true, y: [1, null, 'é"\n'] }, z: 1.5 },
      archived: false,
    });
  });

  test('has apostrophes before formulas when asked to, and comes back without them', async () => {
    const directory = await exportAll(source.url, '--escape-formulas');
    const url = await emptyDatabase();

    await importOf(url, 'all', directory, '--escape-formulas');

    const { 'items.csv': items = '' } = await bytesIn(directory);
    const cells = items.toString().split(/\r\n|,/);
    expect(cells).toContain("'=cmd|x");
    expect(cells).toContain("'-10");
    expect(cells).toContain("''quoted");
    expect(cells.filter((cell) => /^"?[=+@-]/.test(cell))).toEqual([]);
    expect(await bytesIn(await exportAll(url))).toEqual(await bytesIn(await exportAll(source.url)));
  });

  test('as levels is opening stock for a database that has the items', async () => {
    const directory = await exportAll(source.url);
    const url = await emptyDatabase();
    for (const table of ['locations', 'items']) {
      await importOf(url, table, join(directory, `${table}.csv`));
    }
    const file = join(directory, 'levels.csv');

    const first = await importOf(url, 'levels', file);
    const again = await importOf(url, 'levels', file);

    expect(figuresOf(first.stdout)).toMatchObject({ Levels: '8 received, 0 unchanged' });
    expect(figuresOf(again.stdout)).toMatchObject({ Levels: '0 received, 8 unchanged' });
    const { 'levels.csv': after } = await bytesIn(await exportAll(url));
    expect(after).toEqual(await readFile(file));
  });

  test('is of one moment, whatever happens while it is written', async () => {
    const { organizationId } = source.owner;
    const format = { format: 'csv', escapesFormulas: false, tellsAll: false } as const;
    const textOf = async (em: Parameters<typeof tableText>[0], table: 'locations' | 'items') => {
      const pieces: string[] = [];
      for await (const piece of tableText(em, organizationId, { ...format, table })) {
        pieces.push(piece);
      }
      return pieces.join('');
    };
    const change = `mutation {
      itemUpdate(input: { item: { sku: "serial" }, name: "Later" }) { __typename }
      locationUpdate(input: { location: { code: "van" }, name: "Later" }) { __typename }
    }`;

    const [items, locations, before] = await inSnapshot(source.orm.em.fork(), async (em) => {
      const first = await textOf(em, 'items');
      await source.run(change);
      return [await textOf(em, 'items'), await textOf(em, 'locations'), first];
    });

    expect(items).toBe(before);
    expect(locations).toContain('VAN,VAN,');
    expect(await textOf(source.orm.em.fork(), 'items')).toContain('serial,Later,');
    expect(await textOf(source.orm.em.fork(), 'locations')).toContain('VAN,Later,');
  });

  test('tells more with --all-columns, which an import passes over', async () => {
    const { stdout } = await runCommand(['export', 'levels', '--all-columns'], {
      DATABASE_URL: source.url,
    });
    const file = await fileOf('levels.csv', stdout);

    const { code, stdout: report } = await importOf(source.url, 'levels', file);

    expect(stdout).toMatch(/^sku,location,lot,expiresOn,onHand,reserved,available\r\n/);
    expect(stdout).toMatch(/\r\n007,A1,,,12,3,9\r\n/);
    expect(code).toBe(0);
    expect(figuresOf(report)).toMatchObject({ Levels: '0 received, 8 unchanged' });
  });
});

/** The problems of a file by way of `--problems`, as [row, column, code, value, message]. */
async function problemsOf(url: string, table: string, text: string, ...options: string[]) {
  const file = await fileOf(`${table}.csv`, text);
  const list = await fileOf('problems.jsonl', '');
  const { code, stdout, said } = await importOf(url, table, file, '--problems', list, ...options);
  const lines = (await readFile(list, 'utf8')).trimEnd().split('\n').filter(Boolean);
  const problems = lines.map((line) => {
    const { row, column, code: what, value, message } = JSON.parse(line);
    return [row, column, what, value, message];
  });
  return { code, stdout, said, problems };
}

describe.each(DATABASES)('import on %s', (name) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer(name);
    for (const code of ['A1', 'B1']) await createLocation(server, code);
    await createItem(server, 'BOLT');
    await createItem(server, 'OIL', { decimals: 2 });
    await createItem(server, 'MILK', { tracking: 'LOT', barcodes: ['4006381333931'] });
    await stock(server, 'BOLT', 'A1', '10');
  });

  afterAll(() => server.stop());

  const headSeq = async () => (await server.run('{ journal { headSeq } }')).journal.headSeq;

  test('lists every problem of items, and nothing is changed', async () => {
    const before = await headSeq();
    const text = [
      'sku,name,decimals,tracking,archived,attributes,reorderPoint,barcodes',
      'N1,,x,SOME,maybe,"{""a"":",1,,5',
      'N1,,x,SOME,maybe,"{""a"":","1,5",',
      ' ,Blank,0,,,,,',
      'N2,,,,,,,',
      'bolt,Bolt,1,,true,,,',
      'N3,Taken,,,,,-1,4006381333931',
      'N4,Good,2,LOT,false,{},0.25,',
      'n4,Twice,,,,,,',
    ].join('\n');

    const { code, said, problems, stdout } = await problemsOf(
      server.url,
      'items',
      text,
      '--dry-run',
    );

    expect(problems).toEqual([
      [2, '', 'NOT_READABLE', 'N1,,x,SOME,maybe,{"a":,1,,5', 'The row has 9 cells, the header 8.'],
      [3, 'decimals', 'INVALID_INPUT', 'x', 'decimals must be a whole number.'],
      [3, 'tracking', 'INVALID_INPUT', 'SOME', 'tracking must be one of NONE, LOT, SERIAL.'],
      [
        3,
        'reorderPoint',
        'INVALID_INPUT',
        '1,5',
        'reorderPoint must be a decimal number, such as 12 or 1.25.',
      ],
      [3, 'attributes', 'INVALID_INPUT', '{"a":', 'attributes must be a JSON object.'],
      [3, 'archived', 'INVALID_INPUT', 'maybe', 'archived must be true or false.'],
      [4, 'sku', 'INVALID_INPUT', ' ', 'sku must not be blank.'],
      [5, 'name', 'INVALID_INPUT', '', 'A new item needs a name.'],
      [6, 'decimals', 'INVALID_INPUT', '1', 'decimals is fixed: it is 0.'],
      [7, 'reorderPoint', 'INVALID_INPUT', '-1', 'reorderPoint must not be negative.'],
      [9, 'sku', 'INVALID_INPUT', 'n4', 'Row 8 has the SKU already.'],
    ]);
    expect({ code, said }).toEqual({
      code: 1,
      said: 'There are 11 problems; nothing was changed, as this was a dry run.',
    });
    expect(stdout).toMatch(/^row +column +code +value +message$/m);
    expect(stdout).toMatch(
      /^3 +reorderPoint +INVALID_INPUT +"1,5" +reorderPoint must be a decimal/m,
    );
    expect(await headSeq()).toBe(before);
  });

  test('a real run with a problem changes nothing of items either', async () => {
    const before = await headSeq();
    const text = 'sku,name,barcodes\nN5,Good,\nN6,Taken,4006381333931\n';

    const { code, said, problems } = await problemsOf(server.url, 'items', text);

    expect(problems).toEqual([
      [
        3,
        'barcodes',
        'ALREADY_EXISTS',
        '4006381333931',
        'Another item has the barcode 4006381333931 already.',
      ],
    ]);
    expect({ code, said }).toEqual({
      code: 1,
      said: 'There is a problem; nothing was changed. --dry-run tells of every problem.',
    });
    expect(await headSeq()).toBe(before);
  });

  test('lists every problem of movements, by their rows', async () => {
    const before = await headSeq();
    const text = [
      'key,kind,reference,reason,reverses,occurredAt,sku,lot,expiresOn,from,to,quantity,counted',
      'k1,RECEIPT,R1,,,,BOLT,,,,A1,1,',
      'k1,RECEIPT,R2,,,,NUT,,,,C9,0,',
      'k2,ISSUE,,,,2026-02-30,BOLT,,,A1,,1,',
      'k3,ISSUE,,,,,BOLT,,,A1,,4,',
      'k3,ISSUE,,,,,OIL,,,A1,,0.005,',
      'k4,TRANSFER,,,,,BOLT,,,A1,,1,',
      'k5,ADJUSTMENT,,,,,BOLT,,,A1,B1,1,',
      'k6,COUNT,,,,,BOLT,,,,,,3',
      'k7,REVERSAL,,,k99,,,,,,,,',
      'k8,ISSUE,,,,,BOLT,,,A1,,11,',
      'k9,RECEIPT,,,,,MILK,,,,A1,1,',
      'k10,RECEIPT,,,,,MILK,M1,2020-01-31,,A1,1,',
      'k11,RECEIPT,,,,,MILK,M1,2020-02-01,,A1,1,',
      'k12,ISSUE,,,,,MILK,M1,,A1,,2,',
    ].join('\n');

    const { problems } = await problemsOf(server.url, 'movements', text, '--dry-run');

    expect(problems).toEqual([
      [3, 'reference', 'INVALID_INPUT', 'R2', 'The movement says something else of it in row 2.'],
      [3, 'sku', 'NOT_FOUND', 'NUT', 'The item does not exist.'],
      [3, 'quantity', 'INVALID_INPUT', '0', 'It must be greater than 0.'],
      [3, 'to', 'NOT_FOUND', 'C9', 'The location does not exist.'],
      [
        4,
        'occurredAt',
        'INVALID_INPUT',
        '2026-02-30',
        'occurredAt must be a time, such as 2026-11-22T09:30:00Z.',
      ],
      [
        6,
        'quantity',
        'INVALID_INPUT',
        '0.005',
        '0.005 has too many fraction digits: the item has at most 2 fraction digits.',
      ],
      [7, 'to', 'INVALID_INPUT', '', 'It must say where.'],
      [8, 'to', 'INVALID_INPUT', 'B1', 'One of both ends must be ADJUSTMENT.'],
      [8, 'reason', 'INVALID_INPUT', '', 'An adjustment needs a reason.'],
      [
        9,
        'to',
        'INVALID_INPUT',
        '',
        'It must say where, or by a quantity of 0 that nothing differed.',
      ],
      [10, 'reverses', 'NOT_FOUND', 'k99', 'There is no movement with this key.'],
      [11, 'quantity', 'INSUFFICIENT_STOCK', '11', '11 are asked for, 10 are available.'],
      [12, 'lot', 'INVALID_INPUT', '', 'Say which lot of the item MILK.'],
      [
        14,
        'expiresOn',
        'INVALID_INPUT',
        '2020-02-01',
        'The lot M1 expires on 2020-01-31, not 2020-02-01.',
      ],
      [15, 'quantity', 'INSUFFICIENT_STOCK', '2', '2 are asked for, 1 are available.'],
    ]);
    expect(await headSeq()).toBe(before);
  });

  test('a batch of movements with a problem is not posted, nor what follows', async () => {
    const before = await levels(server, 'BOLT');
    const text = 'kind,sku,from,quantity\nISSUE,BOLT,A1,2\nISSUE,BOLT,A1,90\nISSUE,BOLT,A1,1\n';

    const { code, problems } = await problemsOf(server.url, 'movements', text);

    expect(code).toBe(1);
    expect(problems).toEqual([
      [3, 'quantity', 'INSUFFICIENT_STOCK', '90', '90 are asked for, 8 are available.'],
    ]);
    expect(await levels(server, 'BOLT')).toEqual(before);
  });

  test('lists every problem of opening stock', async () => {
    const text = [
      'sku,location,lot,onHand',
      'BOLT,A1,,11',
      'BOLT,B1,,-1',
      'BOLT,SUPPLIER,,1',
      'OIL,B1,,1.5',
      'OIL,b1,,1.5',
      'MILK,B1,,1',
      'OIL,B1,X,1',
    ].join('\n');

    const { problems } = await problemsOf(server.url, 'levels', text, '--dry-run');

    expect(problems).toEqual([
      [
        ...[2, 'onHand', 'INVALID_STATE', '11'],
        '10 are on hand. Opening stock goes only where there is none; a count sets the rest right.',
      ],
      [3, 'onHand', 'INVALID_INPUT', '-1', 'It must not be below 0.'],
      [4, 'location', 'INVALID_INPUT', 'SUPPLIER', 'Only real places have opening stock.'],
      [6, '', 'INVALID_INPUT', '', 'Row 5 says already what is on hand there.'],
      [7, 'lot', 'INVALID_INPUT', '', 'Say which lot of the item MILK.'],
      [8, 'lot', 'INVALID_INPUT', 'X', 'The item OIL has no lots.'],
    ]);
  });

  test('lists every problem of locations', async () => {
    const text = [
      'code,name,kind,parent,world',
      'C1,,,NOWHERE,',
      'C2,,SUPPLIER,,',
      'a1,,TRANSIT,,',
      'B1,,,B1,',
      'C3,,STORAGE,,true',
      'c2,,,,',
      'A1,,,,',
    ].join('\n');

    const { problems } = await problemsOf(server.url, 'locations', text, '--dry-run');

    expect(problems).toEqual([
      [
        2,
        'parent',
        'NOT_FOUND',
        'NOWHERE',
        'There is no such location yet: its row must come first.',
      ],
      [4, 'kind', 'INVALID_INPUT', 'TRANSIT', 'The kind is fixed: it is STORAGE.'],
      [5, 'parent', 'INVALID_INPUT', 'B1', 'A location cannot lie within itself.'],
      [6, 'world', 'INVALID_INPUT', 'true', 'Only an outside world is one.'],
      [7, 'code', 'INVALID_INPUT', 'c2', 'An earlier row has the code already.'],
      [8, 'code', 'INVALID_INPUT', 'A1', 'An earlier row has the code already.'],
    ]);
  });

  test('a stopped import goes on where it ended, and nothing is doubled', async () => {
    await createItem(server, 'SCREW');
    const rows = Array.from({ length: 2500 }, (_, index) => `RECEIPT,SCREW,A1,1,R${index}`);
    const file = await fileOf(
      'movements.csv',
      `kind,sku,to,quantity,reference\n${rows.join('\n')}\n`,
    );
    const survey = await surveyFile({ table: 'movements', file, format: 'csv' }, () => undefined);
    const stopped = importFiles(server.orm.em.fork(), async () => server.owner, {
      ...{ files: [survey], isDry: false, createLocations: false },
      onRows: (_table, done) => {
        if (done >= 2500) throw new ExchangeError('stopped');
      },
    });
    await expect(stopped).rejects.toThrow('stopped');
    const half = await levels(server, 'SCREW');

    const { stdout } = await importOf(server.url, 'movements', file);
    const again = await importOf(server.url, 'movements', file);

    expect(half).toEqual({ A1: '2000', SUPPLIER: '-2000' });
    expect(figuresOf(stdout)).toMatchObject({ Movements: '500 posted, 2,000 there already' });
    expect(figuresOf(again.stdout)).toMatchObject({ Movements: '0 posted, 2,500 there already' });
    expect(await levels(server, 'SCREW')).toEqual({ A1: '2500', SUPPLIER: '-2500' });
  });

  test('a count that comes to something else than the file says is refused', async () => {
    const count = (from: string, quantity: string) =>
      `key,kind,sku,from,to,quantity,counted\nc1,COUNT,BOLT,${from},B1,${quantity},7\n`;

    const other = await problemsOf(server.url, 'movements', count('ADJUSTMENT', '6'));
    const same = await problemsOf(server.url, 'movements', count('ADJUSTMENT', '7'));

    expect(other.problems).toEqual([
      [
        ...[2, 'quantity', 'INVALID_STATE', '6'],
        'By this ledger other lines come of it: what is on hand before it differs.',
      ],
    ]);
    expect(same).toMatchObject({ code: 0, problems: [] });
    expect(await levels(server, 'BOLT')).toMatchObject({ B1: '7' });
  });

  test('makes places that nobody knows only when it is told to', async () => {
    const text = 'kind,sku,to,quantity\nRECEIPT,OIL,NEW-1,0.5\n';

    const without = await problemsOf(server.url, 'movements', text);
    const told = await problemsOf(server.url, 'movements', text, '--create-locations');

    expect(without.problems).toEqual([
      [2, 'to', 'NOT_FOUND', 'NEW-1', 'The location does not exist.'],
    ]);
    expect(figuresOf(told.stdout)).toMatchObject({
      'Places made': '1',
      Movements: '1 posted, 0 there already',
    });
    expect(await levels(server, 'OIL')).toEqual({ 'NEW-1': '0.5', SUPPLIER: '-0.5' });
  });

  test('takes a foreign file by its mapping, and names its columns in problems', async () => {
    const mapping = join(EXAMPLES, 'inventree-parts.json');
    const file = join(EXAMPLES, 'inventree-parts.csv');
    const broken = await fileOf(
      'broken.csv',
      (await readFile(file, 'utf8')).replace('1000.0', 'many'),
    );

    const { stdout } = await importOf(server.url, 'items', broken, '--mapping', mapping);
    const good = await importOf(server.url, 'items', file, '--mapping', mapping);
    const again = await importOf(server.url, 'items', file, '--mapping', mapping);

    expect(stdout).toMatch(
      /^3 +Minimum Stock +INVALID_INPUT +"many" +reorderPoint must be a decimal/m,
    );
    expect(figuresOf(good.stdout)).toMatchObject({ Items: '4 created, 0 updated, 0 unchanged' });
    expect(figuresOf(again.stdout)).toMatchObject({ Items: '0 created, 0 updated, 4 unchanged' });
    const exported = await runCommand(['export', 'items'], { DATABASE_URL: server.url });
    expect(exported.stdout.split('\r\n').filter((row) => /^(RES|SOLDER|CON)-/.test(row))).toEqual([
      'CON-JST-PH2,"Connector ""JST-PH"" 2 pin",,pcs,0,NONE,Electronics|Connectors,,,0,"{""inventreeId"":""31""}",true',
      'RES-10K-0805,Resistor 10k 1% 0805,"Thick film, 125 mW",pcs,0,NONE,Electronics|Passives|Resistors,resistor|smd,,1500,"{""inventreeId"":""17"",""link"":""https://parts.example/17""}",false',
      'SOLDER-07,Solder wire 0.7 mm Sn99Cu1,"Lead-free, 500 g reel",g,2,LOT,Consumables|Solder,workshop,,250.5,"{""inventreeId"":""23""}",false',
    ]);
  });

  test('takes times, numbers and words of others by a mapping', async () => {
    const mapping = {
      ...{ imports: 'movements', delimiter: ';', ignore: ['*'] },
      columns: {
        kind: { from: 'Vorgang', values: { Zugang: 'RECEIPT', Abgang: 'ISSUE' } },
        ...{ sku: { from: 'Artikel' }, note: { value: 'Altsystem' }, reference: { from: 'Beleg' } },
        occurredAt: { from: 'Datum', time: 'DD.MM.YYYY HH:mm' },
        quantity: { from: 'Menge', number: { decimal: ',', thousands: '.' } },
        to: { from: 'Nach' },
        from: { from: 'Von' },
      },
    };
    const rows = [
      'Vorgang;Beleg;Artikel;Datum;Menge;Von;Nach;Kunde',
      'Zugang;LS-1;OIL;31.12.2025 08:05;1.000,50;;B1;',
      'Zugang;LS-1;BOLT;31.12.2025 08:05;2,0;;B1;',
      'Abgang;RE-9;OIL;1.1.2026 9:00;0,5;B1;;Müller',
    ];
    const by = ['--mapping', await fileOf('mapping.json', JSON.stringify(mapping))];

    const { problems, stdout } = await problemsOf(server.url, 'movements', rows.join('\n'), ...by);
    const wrong = await problemsOf(
      ...([server.url, 'movements'] as const),
      rows.join('\n').replace('31.12.2025 08:05;2,0', '12/31/2025;2,0,1'),
      ...by,
    );

    expect(problems).toEqual([]);
    expect(figuresOf(stdout)).toMatchObject({ Movements: '2 posted, 0 there already' });
    const { movements } = await server.run(
      '{ movements(last: 2) { nodes { kind note occurredAt lines { nodes { quantity } } } } }',
    );
    const lines = (...quantities: string[]) => ({
      nodes: quantities.map((quantity) => ({ quantity })),
    });
    expect(movements.nodes).toEqual([
      {
        ...{ kind: 'RECEIPT', note: 'Altsystem', occurredAt: '2025-12-31T08:05:00.000Z' },
        lines: lines('1000.5', '2'),
      },
      {
        ...{ kind: 'ISSUE', note: 'Altsystem', occurredAt: '2026-01-01T09:00:00.000Z' },
        lines: lines('0.5'),
      },
    ]);
    expect(wrong.problems).toEqual([
      [
        ...[3, 'Datum', 'INVALID_INPUT', '12/31/2025'],
        'occurredAt must be a time, such as 2026-11-22T09:30:00Z.',
      ],
      [
        ...[3, 'Menge', 'INVALID_INPUT', '2,0,1'],
        'quantity must be a decimal number, such as 12 or 1.25.',
      ],
    ]);
  });

  test('works in the organization that it is told', async () => {
    await server.otherOrganization();
    const file = await fileOf('items.csv', '\uFEFFname,sku\r\nTheirs,THEIRS\r\n');

    const theirs = await importOf(server.url, 'items', file, '--organization', '2');
    const nobody = await importOf(server.url, 'items', file, '--organization', '9');

    expect(figuresOf(theirs.stdout)).toMatchObject({ Items: '1 created, 0 updated, 0 unchanged' });
    expect(nobody.said).toContain('There is no organization 9');
    const exported = await runCommand(['export', 'items', '--organization', '2'], {
      DATABASE_URL: server.url,
    });
    expect(exported.stdout).toContain('THEIRS,Theirs');
    expect((await server.run('{ item(by: { sku: "THEIRS" }) { id } }')).item).toBeNull();
  });
});

describe('a file that is no table', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer('sqlite');
  });

  afterAll(() => server.stop());

  test.each([
    ['an empty file', '', [[1, '', 'NOT_READABLE', '', 'There is no header.']]],
    [
      'an unknown column',
      'sku,name,colour\nA,A,red\n',
      [
        [
          1,
          'colour',
          'UNKNOWN_COLUMN',
          'colour',
          expect.stringContaining('There is no column "colour"; there are: sku, name'),
        ],
      ],
    ],
    [
      'a double column',
      'sku,name,sku\nA,A,B\n',
      [[1, 'sku', 'DOUBLE_COLUMN', 'sku', 'The column sku is there twice.']],
    ],
    [
      'a missing column',
      'name\nA\n',
      [[1, 'sku', 'MISSING_COLUMN', 'sku', 'The column sku is missing.']],
    ],
    [
      'a short row',
      'sku,name\nA,A\n\nB\n',
      [[4, '', 'NOT_READABLE', 'B', 'The row has 1 cells, the header 2.']],
    ],
    [
      'an open quote',
      'sku,name\nA,A\nB,"B\nC,C\n',
      [[3, '', 'NOT_READABLE', '', expect.stringContaining('Quote Not Closed')]],
    ],
    [
      'a huge field',
      `sku,name\nA,${'x'.repeat(1_000_001)}\n`,
      [[2, '', 'NOT_READABLE', '', expect.stringContaining('Max Record Size')]],
    ],
    [
      'a long text',
      `sku,name\nA,${'x'.repeat(201)}\n`,
      [[2, 'name', 'INVALID_INPUT', `${'x'.repeat(200)}…`, 'name takes at most 200 characters.']],
    ],
    [
      'a NUL',
      'sku,name\nA,a\0b\n',
      [[2, 'name', 'INVALID_INPUT', 'a\0b', 'name must be Unicode text without NUL.']],
    ],
  ])('as with %s is told of, and not imported', async (_what, text, problems) => {
    const told = await problemsOf(server.url, 'items', text);

    expect(told).toMatchObject({ code: 1, problems });
    expect((await server.run('{ items { totalCount } }')).items.totalCount).toBe(0);
  });

  test.each([
    ['no UTF-8', 'items.csv', Buffer.from('sku,name\nA,caf\xe9\n', 'latin1'), 'is not UTF-8 text'],
    ['UTF-16', 'items.csv', Buffer.from('\uFEFFsku,name\n', 'utf16le'), 'is not UTF-8 text'],
    [
      'half a gzip file',
      'items.csv.gz',
      Buffer.from([0x1f, 0x8b, 8, 0, 0]),
      'not a whole gzip file',
    ],
  ])('as with %s is refused', async (_what, file, bytes, message) => {
    const { code, said } = await importOf(server.url, 'items', await fileOf(file, bytes));

    expect(code).toBe(1);
    expect(said).toContain(message);
  });

  test('in JSON Lines is told of line by line', async () => {
    const file = await fileOf(
      'items.jsonl',
      '{"sku":"A","name":1}\n[]\n{"sku":"B","x":2,"name":"B"}\n{"name":"C"}\n{"sku":"D","name":"D","decimals":"0","tags":"x"}\n',
    );

    const { stdout, code } = await importOf(server.url, 'items', file, '--dry-run');

    expect(code).toBe(1);
    expect(
      stdout
        .split('\n')
        .slice(0, 8)
        .map((line) => line.replace(/ +/g, ' ')),
    ).toEqual([
      'row column code value message',
      '1 name INVALID_INPUT "1" name must be text.',
      '2 NOT_READABLE "[]" The line is no JSON object.',
      expect.stringMatching(/^3 x UNKNOWN_COLUMN "x" There is no column/),
      '4 sku INVALID_INPUT "" sku must not be blank.',
      '5 decimals INVALID_INPUT "0" decimals must be a whole number.',
      '5 tags INVALID_INPUT "x" tags must be a list of texts.',
      '',
    ]);
  });

  test.each([
    ['no JSON', '{', 'is no JSON'],
    ['other tables', '{"imports":"levels","columns":{}}', 'is a mapping for levels, not for items'],
    ['unknown parts', '{"imports":"items","columns":{"sku":{"form":"x"}}}', 'form'],
    [
      'columns that we lack',
      '{"imports":"items","columns":{"colour":{"from":"x"}}}',
      'items have no column colour',
    ],
    [
      'too little',
      '{"imports":"items","columns":{"name":{"from":"x"}}}',
      'items need the column sku',
    ],
  ])('nor is a mapping with %s one', async (_what, text, message) => {
    const mapping = await fileOf('mapping.json', text);
    const file = await fileOf('items.csv', 'x\nA\n');

    const { code, said } = await importOf(server.url, 'items', file, '--mapping', mapping);

    expect(code).toBe(1);
    expect(said).toContain(message);
  });
});
