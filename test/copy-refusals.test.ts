import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runCommand } from './support/command.ts';
import { contents, copy, DIRECTIONS, past, size } from './support/copying.ts';
import { createDatabase, inTestDirectory, type TestDatabase } from './support/databases.ts';
import { createItem, createLocation, stock } from './support/factories.ts';
import { startServer, type TestServer } from './support/server.ts';
import { tamper } from './support/tampering.ts';

/** Runs a copy that must be refused in one line, and gives the line. */
async function refused(copying: ReturnType<typeof copy>): Promise<string> {
  const { code, stdout, stderr } = await copying;
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  return stderr.slice(stderr.indexOf('quartermaster: '));
}

const LATER = `insert into mikro_orm_migrations (name, executed_at) values ('Migration20990101000000', current_timestamp)`;

describe.each(DIRECTIONS)('refused from %s to %s, with the target left as it was', (from, to) => {
  let source: TestServer;
  let target: TestDatabase;

  beforeAll(async () => {
    source = await startServer(from);
    await createItem(source, 'A');
    await createLocation(source, 'SHELF');
    await stock(source, 'A', 'SHELF', '5');
    target = await createDatabase(to);
  });

  afterAll(async () => {
    await source.stop();
    await target.drop();
  });

  test('a target in which a start made an organization', async () => {
    const started = await startServer(to);
    const before = await contents(started);

    const line = await refused(copy(source, started));

    expect(line).toMatch(/not empty.*: it has organizations \(1\), users \(1\), .*before it\.\n$/);
    expect(await contents(started)).toEqual(before);
    await started.stop();
  });

  test.each(['--from', '--to'] as const)('pending migrations at %s', async (side) => {
    const empty = await createDatabase(side === '--from' ? from : to, { migrated: false });
    // A file is there with the first connection.
    await past(empty, (execute) => execute('select 1'));

    const line = await refused(side === '--from' ? copy(empty, target) : copy(source, empty));

    expect(line).toMatch(new RegExp(`^quartermaster: ${side}: \\d+ migrations are pending\\. Run`));
    await empty.drop();
  });

  test.each(['--from', '--to'] as const)('a later version at %s', async (side) => {
    const later = await createDatabase(side === '--from' ? from : to);
    await past(later, (execute) => execute(LATER));

    const line = await refused(side === '--from' ? copy(later, target) : copy(source, later));

    expect(line).toContain(`${side}: A later version of Quartermaster has migrated the database`);
    expect(line).toContain('Migration20990101000000');
    await later.drop();
  });

  test('a source without an organization', async () => {
    const empty = await createDatabase(from);

    expect(await refused(copy(empty, target))).toContain(
      '--from: The database has no organization',
    );
    await empty.drop();
  });

  test('the same database twice', async () => {
    expect(await refused(copy(source, source))).toContain('--from and --to name the same database');
  });

  test('a row that the target does not take: nothing of the others is there', async () => {
    const bad = await startServer(from);
    await createItem(bad, 'A');
    await createLocation(bad, 'SHELF');
    await stock(bad, 'A', 'SHELF', '5');
    await tamper(bad, ['update movement_lines set quantity = 0'], {
      movement_lines_quantity_check: 'movement_lines',
    });

    const line = await refused(copy(bad, target));

    expect(line).toMatch(/does not take movement_lines with ids from 1 to 1: .*quantity_check/);
    expect(await size(target)).toBe(0);
    await bad.stop();
  });

  test('a target that holds something else afterwards', async () => {
    const odd = await createDatabase(to);
    await past(odd, async (execute) => {
      const change = `update items set name = 'other' where id = new.id`;
      if (to === 'sqlite')
        return execute(`create trigger odd after insert on items begin ${change}; end`);
      await execute(`create function odd() returns trigger language plpgsql as
        $$ begin ${change}; return null; end $$`);
      return execute(
        'create trigger odd after insert on items for each row execute function odd()',
      );
    });

    expect(await refused(copy(source, odd))).toContain('The table items is not the same');
    expect(await size(odd)).toBe(0);
    await odd.drop();
  });
});

describe('refused', () => {
  test('a file that is not there, at either side: none is made', async () => {
    const there = await createDatabase('sqlite');
    const missing = { url: `sqlite:${inTestDirectory('missing-of-copy.db')}` };

    expect(await refused(copy(missing, there))).toContain('--from: There is no database at ');
    expect(await refused(copy(there, missing))).toMatch(
      /--to: There is no database at .*migration:up.*DATABASE_URL/,
    );
    expect(existsSync(inTestDirectory('missing-of-copy.db'))).toBe(false);
  });

  test.each([
    ['mysql://me:hunter2@host/db', 'got mysql:'],
    ['hunter2', 'got no scheme'],
    ['postgres://me:hunter2@host', 'expected postgres://user:password@host:port/database'],
  ])('%s is no address, and is not repeated', async (url, expected) => {
    const there = await createDatabase('sqlite');

    const lines = [await refused(copy({ url }, there)), await refused(copy(there, { url }))];

    expect(lines[0]).toMatch(/^quartermaster: --from: /);
    expect(lines[1]).toMatch(/^quartermaster: --to: /);
    for (const line of lines) {
      expect(line).toContain(expected);
      expect(line).not.toContain('hunter2');
    }
  });

  test('a copy without both sides is called wrongly', async () => {
    expect(await runCommand(['copy', '--from', 'sqlite:x.db'])).toMatchObject({ code: 2 });
    expect(await runCommand(['copy', '--to', 'sqlite:x.db'])).toMatchObject({ code: 2 });
    const { code, stdout } = await runCommand(['copy', '--help']);
    expect({ code, example: stdout.includes('--from sqlite:quartermaster.db') }).toEqual({
      ...{ code: 0, example: true },
    });
  });
});
