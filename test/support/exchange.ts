import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './command.ts';
import { inTestDirectory } from './databases.ts';
import { createItem, createLocation, move } from './factories.ts';
import type { TestServer } from './server.ts';

/** A directory of a test's own. */
export async function newDirectory(): Promise<string> {
  const directory = inTestDirectory(`exchange-${crypto.randomUUID()}`);
  await mkdir(directory);
  return directory;
}

/** A file of a test's own. */
export async function fileOf(name: string, text: string | Uint8Array): Promise<string> {
  const file = join(await newDirectory(), name);
  await writeFile(file, text);
  return file;
}

/** Writes everything that there is to a directory, and gives it. */
export async function exportAll(url: string, ...options: string[]): Promise<string> {
  const directory = await newDirectory();
  const { code, stderr } = await runCommand(['export', 'all', directory, ...options], {
    DATABASE_URL: url,
  });
  if (code !== 0) throw new Error(stderr);
  return directory;
}

/** The bytes of all files of a directory, by name. */
export async function bytesIn(directory: string): Promise<Record<string, Buffer>> {
  const names = (await readdir(directory)).sort();
  const files = names.map(async (name) => [name, await readFile(join(directory, name))] as const);
  return Object.fromEntries(await Promise.all(files));
}

/** What an import said, without its progress. */
export async function importOf(url: string, ...args: string[]) {
  const { code, stdout, stderr } = await runCommand(['import', ...args], { DATABASE_URL: url });
  const [, said = ''] = stderr.split('quartermaster: ');
  return { code, stdout, said: said.trimEnd() };
}

/** The figures of an import's report, by their names. */
export function figuresOf(stdout: string): Record<string, string> {
  const lines = stdout.split('\n').map((line) => /^(\S.*?) {2,}(\S.*)$/.exec(line));
  return Object.fromEntries(lines.flatMap((found) => (found ? [[found[1], found[2]]] : [])));
}

const later = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

/** Fills an organization with all that is hard to write into a file, by way of the API. */
export async function fillWithHostile(server: TestServer): Promise<void> {
  await makeCatalog(server);
  await makeMovements(server);
}

async function makeCatalog(server: TestServer): Promise<void> {
  await server.run(
    'mutation { locationUpdate(input: { location: { code: "supplier" }, code: "Lieferant, Köln", name: "x" }) { __typename } }',
  );
  for (const code of ['HALL', '=1+1', 'VAN', '"q"']) await createLocation(server, code);
  await createLocation(server, 'A1', { parent: { code: 'HALL' } });
  await createLocation(server, 'under way', { kind: 'TRANSIT' });
  await createLocation(server, 'OTHER ADJUSTMENTS', { kind: 'ADJUSTMENT' });
  await createItem(server, '007', {
    name: 'Ends\r\nwith "quotes", and\ttabs',
    tags: [],
    barcodes: ['0012', '=5|6\\'],
  });
  await createItem(server, '=cmd|x', { name: '@home \u2028 Ünïcödé 日本 🙂', decimals: 6 });
  await createItem(server, '-10', { name: "'quoted", decimals: 2 });
  await createItem(server, 'lot', { name: 'Milk', tracking: 'LOT', decimals: 3 });
  await createItem(server, 'serial', { name: 'Drill', tracking: 'SERIAL' });
  await createItem(server, 'gone', { name: 'Out of use' });
  const rows = [
    {
      ...{ sku: '007', category: ['Tools', 'a|b', 'c\\'], tags: ['x|y', 'Zed', 'änd'] },
      attributes: { z: 1.5, a: { y: [1, null, 'é"\n'], b: true }, '9': '=2' },
    },
    { sku: '-10', description: 'Line one\r\nline two\rthree\n"four"', reorderPoint: '0.5' },
  ];
  await server.run(
    'mutation ($input: ItemsUpsertInput!) { itemsUpsert(input: $input) { __typename } }',
    { input: { items: rows } },
  );
}

async function makeMovements(server: TestServer): Promise<void> {
  const at = (code: string) => ({ code });
  const line = (sku: string, quantity: string, lot?: object | string) => ({
    ...{ item: { sku }, quantity, ...(lot !== undefined && { lot }) },
  });
  const post = async (name: Parameters<typeof move>[1], input: object) => {
    const answer = await move(server, name, input);
    if (!answer.__typename.endsWith('Success')) throw new Error(JSON.stringify(answer));
    return answer.movement?.id ?? answer.reservation.id;
  };
  await post('stockReceive', {
    ...{ to: at('A1'), idempotencyKey: 'key, with "quotes"\nand lines', note: 'a\r\nb\nc' },
    ...{ reference: '=SUM(A1)', occurredAt: '2020-02-29T23:59:59.999Z' },
    lines: [
      ...[line('007', '12'), line('007', '3'), line('=cmd|x', '1.000001'), line('-10', '7.25')],
      ...[line('gone', '4'), line('lot', '2.5', { code: 'L,1', expiresOn: later(30) })],
      ...[line('lot', '0.125', { code: '0002' }), line('serial', '1', { code: 'S/1' })],
    ],
  });
  await post('stockTransfer', { from: at('A1'), to: at('=1+1'), lines: [line('lot', '0.5')] });
  await post('stockIssue', {
    from: at('A1'),
    lines: [line('gone', '4'), line('serial', '1', 'S/1')],
  });
  await post('stockReceive', {
    to: at('VAN'),
    from: at('customer'),
    lines: [line('serial', '1', { code: 'S/1' })],
  });
  const adjusted = await post('stockAdjust', {
    ...{ location: at('A1'), reason: 'DAMAGED' },
    lines: [
      { item: { sku: '007' }, delta: '-2' },
      { item: { sku: '-10' }, delta: '0.5' },
    ],
  });
  await post('movementReverse', { movement: adjusted });
  const counted = (sku: string, counted: string, more = {}) => ({
    item: { sku },
    counted,
    ...more,
  });
  await post('stockCount', {
    ...{ location: at('A1'), note: 'half of it differs' },
    lines: [counted('007', '14', { expected: '15' }), counted('-10', '7.25')],
  });
  const agreed = await post('stockCount', {
    location: at('A1'),
    lines: [counted('007', '14'), counted('lot', '2', { lot: 'L,1' })],
  });
  await post('movementReverse', { movement: agreed });
  await post('stockCount', { location: at('"q"'), lines: [], unlisted: 'ZERO' });
  const zeroed = await post('stockCount', { location: at('VAN'), lines: [], unlisted: 'ZERO' });
  await post('movementReverse', { movement: zeroed, note: 'it was there after all' });
  const held = await post('stockReserve', {
    reference: 'order',
    lines: [{ ...line('007', '5'), location: at('A1') }],
  });
  await post('reservationFulfil', { reservation: held, lines: [line('007', '2')] });
  await post('stockTransfer', {
    from: at('A1'),
    to: at('under way'),
    lines: [line('=cmd|x', '0.000001')],
  });
  for (const [mutation, by] of [
    ['itemArchive', 'item: { sku: "gone" }'],
    ['locationArchive', 'location: { code: "\\"q\\"" }'],
  ]) {
    const { [mutation as string]: done } = await server.run(
      `mutation { ${mutation}(input: { ${by} }) { __typename } }`,
    );
    if (!done.__typename.endsWith('Success')) throw new Error(JSON.stringify(done));
  }
}
