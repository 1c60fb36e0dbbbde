import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { generateApiKey } from '../src/access/api-key.service.ts';
import { foundOrganization } from '../src/cli/first-start.ts';
import { runCommand } from './support/command.ts';
import { createDatabase, DATABASES, openDatabase, type TestDatabase } from './support/databases.ts';
import { quartermaster } from './support/process.ts';
import { openServer, type TestServer } from './support/server.ts';

const VIEWER = '{ viewer { role permissions user { name } organization { name } } }';

describe.each(DATABASES)('keys and organizations at the command line on %s', (name) => {
  let database: TestDatabase;
  let server: TestServer;

  beforeAll(async () => {
    database = await createDatabase(name);
    const orm = await openDatabase(database.address);
    const ownerKey = generateApiKey();
    await orm.em.transactional((em) => foundOrganization(em, { name: 'First', ownerKey }));
    await orm.close();
    server = await openServer(database, ownerKey);
  });

  afterAll(() => server.stop());

  const command = (...args: string[]) => runCommand(args, { DATABASE_URL: database.url });
  const keyIn = (text: string): string => /qm_\w{43}/.exec(text)?.[0] ?? '';

  test('a key is made, listed without what it is, and revoked', async () => {
    const made = await command('key', 'create', 'Scanner', '--role', 'MANAGER', '--scope', 'STOCK');
    expect(made).toMatchObject({ code: 0, stderr: '' });
    const key = keyIn(made.stdout);
    expect(made.stdout).toBe(`The key of Scanner (MANAGER), shown this once:\n  ${key}\n`);
    expect((await server.as(key).run(VIEWER)).viewer).toEqual({
      ...{ role: 'MANAGER', permissions: ['READ', 'STOCK'], user: { name: 'Scanner' } },
      organization: { name: 'First' },
    });

    const { stdout } = await command('key', 'list');
    const line = stdout.split('\n').find((each) => each.includes('Scanner')) ?? '';
    expect(line.split(/ {2,}/)).toEqual([
      ...[expect.stringMatching(/^\d+$/), key.slice(0, 9), 'Scanner', 'Scanner', 'MANAGER'],
      ...['STOCK', 'never', 'good'],
    ]);
    expect(stdout).not.toContain(key);

    const id = line.split(' ')[0] ?? '';
    expect((await command('key', 'revoke', id)).stdout).toBe(
      `The key ${key.slice(0, 9)}… (Scanner) is revoked.\n`,
    );
    expect((await command('key', 'list')).stdout).toMatch(/Scanner .* revoked 2/);
  });

  test('another organization has its own owner and its own keys', async () => {
    const { stdout, code } = await command('organization', 'create', 'Second \u001b[31mshop');
    expect(code).toBe(0);
    const id = /Organization (\d+)/.exec(stdout)?.[1] ?? '';
    const owner = server.as(keyIn(stdout));
    expect((await owner.run(VIEWER)).viewer).toMatchObject({
      ...{ role: 'OWNER', organization: { name: 'Second \u001b[31mshop' } },
    });
    expect((await command('organization', 'list')).stdout).toMatch(
      new RegExp(`^id +name\n.*First\n${id} +Second \\[31mshop\n$`),
    );
    expect((await command('key', 'list', '--organization', id)).stdout).not.toContain('Scanner');
  });

  test('what cannot be done is said in a line', async () => {
    const refusals = [
      [['key', 'revoke', '999999'], 1, 'The key does not exist.'],
      [['key', 'list', '--organization', '999999'], 1, 'There is no organization 999999'],
      [['organization', 'create', ''], 1, 'name must not be blank.'],
      [['key', 'create', 'x', '--expires', 'soon'], 2, 'It is a time'],
      [['key', 'create', 'x', '--scope', 'ACCESS'], 1, 'within what CLERK may do'],
    ] as const;

    for (const [args, exit, message] of refusals) {
      const { code, stdout, stderr } = await command(...args);
      expect({ code, stdout }).toEqual({ code: exit, stdout: '' });
      expect(stderr).toContain(message);
    }
  });
});

test('a database that is not there is not made for its keys', async () => {
  const { code, stderr } = await quartermaster(['key', 'list'], { DATABASE_URL: 'sqlite:none.db' });

  expect({ code, stderr }).toEqual({
    ...{ code: 1, stderr: 'quartermaster: There is no database at none.db.\n' },
  });
});
