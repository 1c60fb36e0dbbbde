import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hashApiKey } from '../src/access/api-key.service.ts';
import { DATABASES } from './support/databases.ts';
import { type Member, startServer, type TestServer } from './support/server.ts';

const CREATE_KEY = `mutation ($input: ApiKeyCreateInput!) {
  apiKeyCreate(input: $input) {
    __typename
    ... on ApiKeyCreateSuccess { key apiKey { id prefix role scopes expiresAt revokedAt } }
    ... on Error { code path message }
  }
}`;

const UPDATE_MEMBER = `mutation ($input: MembershipUpdateInput!) {
  membershipUpdate(input: $input) {
    __typename
    ... on MembershipUpdateSuccess { membership { role subject version user { name } } }
    ... on Error { code path message }
  }
}`;

const REMOVE_MEMBER = `mutation ($input: MembershipRemoveInput!) {
  membershipRemove(input: $input) {
    __typename
    ... on MembershipRemoveSuccess { membership { removedAt } }
    ... on Error { code path message }
  }
}`;

const REVOKE = `mutation ($apiKey: ID!) {
  apiKeyRevoke(input: { apiKey: $apiKey }) {
    ... on ApiKeyRevokeSuccess { apiKey { id revokedAt } }
    ... on Error { code path message }
  }
}`;

const VIEWER =
  '{ viewer { role permissions keyPrefix keyExpiresAt user { name } organization { name } } }';

describe.each(DATABASES)('members and keys on %s', (database) => {
  let server: TestServer;
  let clerk: Member;
  let ownMembership: string;

  beforeAll(async () => {
    server = await startServer(database);
    clerk = await server.member('CLERK');
    const { memberships } = await server.run(
      '{ memberships(first: 1) { nodes { id role user { name } } } }',
    );
    expect(memberships.nodes).toEqual([
      { id: expect.any(String), role: 'OWNER', user: { name: 'Owner' } },
    ]);
    ownMembership = memberships.nodes[0].id;
  });

  afterAll(() => server.stop());

  test('the viewer sees who they are and what they may do', async () => {
    expect((await clerk.run(VIEWER)).viewer).toEqual({
      role: 'CLERK',
      permissions: ['READ', 'STOCK'],
      keyPrefix: clerk.key.slice(0, 9),
      keyExpiresAt: null,
      user: { name: 'CLERK' },
      organization: { name: 'Test' },
    });
  });

  test('a key is told once: neither list nor journal holds it, and a dump of the database has nothing that lets in', async () => {
    const { apiKeys } = await server.run(
      '{ apiKeys { totalCount nodes { id name prefix role scopes membership { user { name } } } } }',
    );
    expect(apiKeys.nodes.at(-1)).toEqual({
      id: clerk.apiKey,
      name: 'CLERK',
      prefix: clerk.key.slice(0, 9),
      role: 'CLERK',
      scopes: null,
      membership: { user: { name: 'CLERK' } },
    });
    const { journal } = await server.run('{ journal(first: 100) { entries { action changes } } }');
    expect(JSON.stringify(journal)).not.toContain(clerk.key);
    const tables = [...server.orm.getMetadata().getAll().values()].map((meta) => meta.tableName);
    expect(tables).toContain('api_keys');
    const connection = server.orm.em.fork().getConnection();
    const dump = [];
    for (const table of tables) dump.push(...(await connection.execute(`select * from ${table}`)));
    const text = JSON.stringify(dump);
    expect(text).toContain(hashApiKey(clerk.key).hash);
    for (const key of [server.key, clerk.key]) expect(text).not.toContain(key.slice(9));
  });

  test('what was done is in the journal, with who did it', async () => {
    const { journal } = await server.run(
      '{ journal(first: 100) { entries { action actor { name } changes subject { __typename } } } }',
    );

    const entries = journal.entries.filter(({ action }: { action: string }) =>
      /^(membership|apiKey)/.test(action),
    );
    expect(entries.slice(0, 2)).toEqual([
      {
        action: 'membership.create',
        actor: { name: 'Owner' },
        changes: { name: 'CLERK', subject: null, role: 'CLERK' },
        subject: { __typename: 'Membership' },
      },
      {
        action: 'apiKey.create',
        actor: { name: 'Owner' },
        changes: {
          ...{ name: 'CLERK', prefix: clerk.key.slice(0, 9), role: 'CLERK' },
          ...{ scopes: null, expiresAt: null },
        },
        subject: { __typename: 'ApiKey' },
      },
    ]);
  });

  test('scopes narrow a key, and its own role does', async () => {
    const reader = await server.member('OWNER', { scopes: [] });
    const poster = await server.member('MANAGER', { role: 'CLERK' });
    const editor = await server.member('MANAGER', { scopes: ['CATALOG'] });
    const may = async (member: Member) => (await member.run(VIEWER)).viewer.permissions;

    expect(await may(reader)).toEqual(['READ']);
    expect(await may(poster)).toEqual(['READ', 'STOCK']);
    expect(await may(editor)).toEqual(['READ', 'CATALOG']);
  });

  test('a key reaches no further than its member, and no further than its maker', async () => {
    const wider = { membership: clerk.membership, name: 'wide', role: 'OWNER' };
    expect((await server.run(CREATE_KEY, { input: wider })).apiKeyCreate).toEqual({
      __typename: 'InvalidInput',
      code: 'INVALID_INPUT',
      path: ['input', 'role'],
      message: "role must be within the member's, which is CLERK.",
    });
    const scoped = { membership: clerk.membership, name: 'wide', scopes: ['ACCESS'] };
    expect((await server.run(CREATE_KEY, { input: scoped })).apiKeyCreate).toMatchObject({
      path: ['input', 'scopes'],
      message: 'scopes must be within what CLERK may do: READ, STOCK.',
    });
    const gatekeeper = await server.member('OWNER', { scopes: ['ACCESS'] });
    const own = { membership: ownMembership, name: 'escalation' };
    expect((await gatekeeper.run(CREATE_KEY, { input: own })).apiKeyCreate).toMatchObject({
      code: 'INVALID_INPUT',
      path: ['input', 'role'],
      message: 'A key may do nothing that you may not, which is READ, ACCESS.',
    });
    const promoted = { membership: clerk.membership, role: 'MANAGER' };
    expect((await gatekeeper.run(UPDATE_MEMBER, { input: promoted })).membershipUpdate).toEqual({
      __typename: 'InvalidInput',
      code: 'INVALID_INPUT',
      path: ['input', 'role'],
      message: 'Nobody can give more than they may do themselves, which is READ, ACCESS.',
    });
  });

  test('a key expires, and cannot have expired before it was made', async () => {
    const expiresAt = new Date(Date.now() + 60_000).toISOString();
    const member = await server.member('VIEWER', { expiresAt });
    expect((await member.run(VIEWER)).viewer.keyExpiresAt).toBe(expiresAt);
    const past = { membership: clerk.membership, name: 'old', expiresAt: '2020-01-01T00:00:00Z' };
    expect((await server.run(CREATE_KEY, { input: past })).apiKeyCreate).toMatchObject({
      code: 'INVALID_INPUT',
      path: ['input', 'expiresAt'],
    });
  });

  test('a member changes: role, name and subject, each only if it is said', async () => {
    const member = await server.member('VIEWER');
    const change = async (input: object) =>
      (await server.run(UPDATE_MEMBER, { input: { membership: member.membership, ...input } }))
        .membershipUpdate;

    expect(await change({ role: 'CLERK', name: 'Ada' })).toEqual({
      __typename: 'MembershipUpdateSuccess',
      membership: { role: 'CLERK', subject: null, version: 2, user: { name: 'Ada' } },
    });
    expect(await change({ subject: `ada@${database}` })).toMatchObject({
      membership: { role: 'CLERK', subject: `ada@${database}`, version: 3, user: { name: 'Ada' } },
    });
    expect(await change({ role: 'CLERK' })).toMatchObject({ membership: { version: 3 } });
    expect(await change({ ifVersion: 1, role: 'OWNER' })).toMatchObject({
      code: 'VERSION_CONFLICT',
    });
    const twin = { membership: clerk.membership, subject: `ada@${database}` };
    expect((await server.run(UPDATE_MEMBER, { input: twin })).membershipUpdate).toMatchObject({
      code: 'ALREADY_EXISTS',
      path: ['input', 'subject'],
    });
    expect(await change({ subject: null })).toMatchObject({ membership: { subject: null } });
  });

  test('an organization keeps an owner, also when two remove each other at once', async () => {
    const solo = await startServer(database);
    const { memberships } = await solo.run('{ memberships { nodes { id } } }');
    const [{ id: first }] = memberships.nodes;
    const refused = { code: 'INVALID_STATE', path: ['input', 'membership'] };
    const remove = (client: Member | TestServer, membership: string) =>
      client.run(REMOVE_MEMBER, { input: { membership } });
    expect((await remove(solo, first)).membershipRemove).toMatchObject(refused);
    const demoted = { membership: first, role: 'CLERK' };
    expect((await solo.run(UPDATE_MEMBER, { input: demoted })).membershipUpdate).toMatchObject(
      refused,
    );
    const second = await solo.member('OWNER');

    const [one, other] = await Promise.all([
      remove(solo, second.membership),
      remove(second, first),
    ]);

    const kinds = [one, other].map(({ membershipRemove }) => membershipRemove.__typename).sort();
    expect(kinds).toEqual(['InvalidState', 'MembershipRemoveSuccess']);
    await solo.stop();
  });

  test('whoever is removed comes back neither by a key nor by a change', async () => {
    const member = await server.member('MANAGER');
    const removed = { membership: member.membership };
    expect((await server.run(REMOVE_MEMBER, { input: removed })).membershipRemove).toMatchObject({
      membership: { removedAt: expect.any(String) },
    });
    for (const [document, input] of [
      [REMOVE_MEMBER, removed],
      [UPDATE_MEMBER, { ...removed, role: 'VIEWER' }],
      [CREATE_KEY, { ...removed, name: 'again' }],
    ] as const) {
      const [answer] = Object.values(await server.run(document, { input }));
      expect(answer).toMatchObject({ code: 'INVALID_STATE', path: ['input', 'membership'] });
    }
    expect((await member.ask(VIEWER)).status).toBe(401);
  });

  test('a revoked key lets nobody in, and stays revoked', async () => {
    const member = await server.member('VIEWER');
    const first = (await server.run(REVOKE, { apiKey: member.apiKey })).apiKeyRevoke.apiKey;
    expect(first.revokedAt).toEqual(expect.any(String));
    expect((await member.ask(VIEWER)).status).toBe(401);
    const again = (await server.run(REVOKE, { apiKey: member.apiKey })).apiKeyRevoke.apiKey;
    expect(again).toEqual(first);
    expect((await server.run(REVOKE, { apiKey: clerk.membership })).apiKeyRevoke).toMatchObject({
      code: 'NOT_FOUND',
      path: ['input', 'apiKey'],
    });
  });
});
