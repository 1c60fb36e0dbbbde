import { describe, expect, test } from '@jest/globals';
import { ensureOrganization } from '../src/cli/first-start.ts';
import { createDatabase, DATABASES, openDatabase } from './support/databases.ts';

describe.each(DATABASES)('the first start on %s', (database) => {
  test('of several at once, one founds the organization', async () => {
    const { address, drop } = await createDatabase(database);
    const orms = [];
    for (let index = 0; index < 3; index += 1) orms.push(await openDatabase(address));

    const founded = await Promise.all(
      orms.map((orm) => ensureOrganization(orm.em, { ownerKey: undefined })),
    );

    expect(founded.filter(({ newKey }) => newKey !== null)).toHaveLength(1);
    expect(new Set(founded.map(({ owner }) => owner.organizationId)).size).toBe(1);
    for (const orm of orms) await orm.close();
    await drop();
  });
});
