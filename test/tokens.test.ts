import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, type JWK, SignJWT, UnsecuredJWT } from 'jose';
import { recordUses } from '../src/access/key-uses.ts';
import { ConfigError, readConfig } from '../src/config.ts';
import { encodeGlobalId } from '../src/graphql/global-id.ts';
import { DATABASES } from './support/databases.ts';
import { startServer, type TestServer } from './support/server.ts';

const ISSUER = 'https://login.example';
const AUDIENCE = 'quartermaster';
const VIEWER = '{ viewer { role permissions keyPrefix user { name } organization { id } } }';

/** An identity provider on this machine: its keys are at an address, as they are elsewhere. */
class Provider {
  readonly #server: Server;
  #keys: JWK[] = [];
  #pair!: CryptoKeyPair;
  /** Whether it answers. */
  isThere = true;

  constructor() {
    this.#server = createServer((_request, response) => {
      response.writeHead(this.isThere ? 200 : 500, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ keys: this.#keys }));
    });
  }

  async start(): Promise<URL> {
    this.#pair = await generateKeyPair('ES256');
    this.#keys = [{ ...(await exportJWK(this.#pair.publicKey)), kid: 'one', alg: 'ES256' }];
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return new URL(`http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/jwks`);
  }

  sign(claims: Record<string, unknown>, facts: Facts = {}): Promise<string> {
    const { issuer = ISSUER, audience = AUDIENCE, expires = '5m', key, alg = 'ES256' } = facts;
    return new SignJWT(claims)
      .setProtectedHeader({ alg, kid: 'one' })
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime(expires)
      .sign(key ?? this.#pair.privateKey);
  }

  stop(): void {
    this.#server.close();
  }
}

interface Facts {
  readonly issuer?: string;
  readonly audience?: string;
  readonly expires?: string;
  readonly key?: CryptoKey | Uint8Array;
  readonly alg?: string;
}

describe.each(DATABASES)('tokens of an identity provider on %s', (database) => {
  const provider = new Provider();
  let server: TestServer;
  let jwksUrl: URL;

  beforeAll(async () => {
    jwksUrl = await provider.start();
    server = await startServer(database, {
      identityProvider: {
        ...{ jwksUrl, issuer: ISSUER, audience: AUDIENCE },
        ...{ subjectClaim: 'email', organizationClaim: 'org' },
      },
    });
    await server.run(
      `mutation { membershipCreate(input: { name: "Ada", role: CLERK, subject: "ada@example" }) {
        __typename } }`,
    );
  });

  afterAll(async () => {
    provider.stop();
    await server.stop();
  });

  const organization = () => encodeGlobalId('Organization', server.owner.organizationId);
  const ada = () => ({ email: 'ada@example', org: organization() });
  const statusOf = async (token: string) => (await server.as(token).ask(VIEWER)).status;

  test('let in the member with their subject, in the organization that they name', async () => {
    const { viewer } = await server.as(await provider.sign(ada())).run(VIEWER);

    expect(viewer).toEqual({
      ...{ role: 'CLERK', permissions: ['READ', 'STOCK'], keyPrefix: null },
      ...{ user: { name: 'Ada' }, organization: { id: organization() } },
    });
  });

  test('let nobody in with anything about them that is not right', async () => {
    const { privateKey } = await generateKeyPair('ES256');
    const tokens = {
      'of another issuer': await provider.sign(ada(), { issuer: 'https://evil.example' }),
      'for another audience': await provider.sign(ada(), { audience: 'shop' }),
      'that has expired': await provider.sign(ada(), { expires: '-1m' }),
      'signed by another key': await provider.sign(ada(), { key: privateKey }),
      'signed by a secret': await provider.sign(ada(), {
        ...{ key: new TextEncoder().encode('s'.repeat(32)), alg: 'HS256' },
      }),
      'not signed': new UnsecuredJWT(ada()).setIssuer(ISSUER).setAudience(AUDIENCE).encode(),
      'of nobody': await provider.sign({ ...ada(), email: 'eve@example' }),
      'without a subject': await provider.sign({ org: organization() }),
      'with a subject that is no text': await provider.sign({ ...ada(), email: 7 }),
      'with a subject that no database keeps': await provider.sign({ ...ada(), email: 'a\0' }),
      'for no organization': await provider.sign({ email: 'ada@example' }),
      'for another organization': await provider.sign({
        ...{ email: 'ada@example', org: encodeGlobalId('Organization', 999_999) },
      }),
      'for something else': await provider.sign({ ...ada(), org: encodeGlobalId('Item', 1) }),
      'that are no token': 'a.b.c',
    };

    for (const [what, token] of Object.entries(tokens)) {
      expect([what, await statusOf(token)]).toEqual([what, 401]);
    }
  });

  test('let nobody in who was removed', async () => {
    const { membershipCreate } = await server.run(
      `mutation { membershipCreate(input: { name: "Bob", role: VIEWER, subject: "bob@example" }) {
        ... on MembershipCreateSuccess { membership { id } } } }`,
    );
    await server.run(
      `mutation ($id: ID!) { membershipRemove(input: { membership: $id }) { __typename } }`,
      { id: membershipCreate.membership.id },
    );

    expect(await statusOf(await provider.sign({ ...ada(), email: 'bob@example' }))).toBe(401);
  });

  test('can pass while the keys of the provider cannot be had', async () => {
    const fresh = await startServer(database, {
      identityProvider: {
        ...{ jwksUrl, issuer: ISSUER, audience: AUDIENCE },
        ...{ subjectClaim: 'email', organizationClaim: null },
      },
    });
    await fresh.run(
      `mutation { membershipCreate(input: { name: "Ada", role: VIEWER, subject: "ada@example" }) {
        __typename } }`,
    );
    const token = await provider.sign({ email: 'ada@example' });
    provider.isThere = false;
    const { status, errors } = await fresh.as(token).ask(VIEWER);
    expect([status, errors[0]?.extensions.code]).toEqual([503, 'UNAVAILABLE']);
    expect(errors[0]?.message).toContain('the identity provider');
    expect((await fresh.ask(VIEWER)).status).toBe(200);
    provider.isThere = true;

    expect((await fresh.as(token).run(VIEWER)).viewer.user).toEqual({ name: 'Ada' });
    await fresh.stop();
  });
});

test('the settings of a provider are there as a whole, and its keys come by a safe way', () => {
  const all = {
    ...{ JWT_JWKS_URL: 'https://login.example/jwks', JWT_ISSUER: ISSUER, JWT_AUDIENCE: AUDIENCE },
  };
  expect(readConfig({}).identityProvider).toBeNull();
  expect(readConfig(all).identityProvider).toEqual({
    ...{ jwksUrl: new URL(all.JWT_JWKS_URL), issuer: ISSUER, audience: AUDIENCE },
    ...{ subjectClaim: 'sub', organizationClaim: null },
  });
  for (const name of Object.keys(all)) {
    expect(() => readConfig({ ...all, [name]: undefined })).toThrow(ConfigError);
  }
  for (const host of ['localhost', '127.0.0.2', '[::1]']) {
    const url = `http://${host}:8080/jwks`;
    expect(readConfig({ ...all, JWT_JWKS_URL: url }).identityProvider?.jwksUrl.href).toBe(url);
  }
  for (const url of ['http://login.example/jwks', 'file:///keys', 'keys']) {
    expect(() => readConfig({ ...all, JWT_JWKS_URL: url })).toThrow(/JWT_JWKS_URL/);
  }
});

describe.each(DATABASES)('keys on %s', (database) => {
  test('know when they were last shown', async () => {
    const server = await startServer(database);
    const member = await server.member('CLERK');
    const unused = await server.member('VIEWER');
    const before = Date.now();
    await member.run(VIEWER);

    await recordUses(server.orm, server.viewers);

    const { apiKeys } = await server.run('{ apiKeys { nodes { id lastUsedAt } } }');
    const usedAt = Object.fromEntries(
      apiKeys.nodes.map((key: { id: string; lastUsedAt: string | null }) => [
        key.id,
        key.lastUsedAt,
      ]),
    );
    expect(Date.parse(usedAt[member.apiKey])).toBeGreaterThanOrEqual(before);
    expect(usedAt[unused.apiKey]).toBeNull();
    await server.stop();
  });
});
