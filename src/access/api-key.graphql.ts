import { InvalidInput, InvalidState, NotFound } from '../errors.ts';
import { builder } from '../graphql/builder.ts';
import { entityObject } from '../graphql/entity-type.ts';
import { keyOf } from '../graphql/global-id.ts';
import { rootConnection } from '../graphql/lists.ts';
import { changeField } from '../graphql/mutations.ts';
import { filters } from '../graphql/where-fields.ts';
import { ApiKey } from './access.entity.ts';
import { PermissionType, RoleType } from './access.graphql.ts';
import { createApiKey, revokeApiKey } from './api-key.service.ts';

const ApiKeyType = entityObject(ApiKey, {
  description: 'What a program shows to act for a member. The key itself is stored nowhere.',
  fields: (t) => ({
    name: t.column('name', { description: 'What it is for.' }),
    prefix: t.column('prefix', { description: 'How the key begins, to recognise it by.' }),
    membership: t.relation('membership', { description: 'The member that it acts for.' }),
    role: t.column('role', {
      type: RoleType,
      description: 'What it is good for at most, whatever its member may do.',
    }),
    scopes: t.field({
      type: [PermissionType],
      nullable: true,
      description: 'What it is good for besides reading; null for all that its role may do.',
      resolve: ({ scopes }) => scopes && [...scopes],
    }),
    createdAt: t.column('createdAt', { description: 'When it was made.' }),
    expiresAt: t.column('expiresAt', {
      description: 'Until when it is good; null for one that does not expire.',
    }),
    lastUsedAt: t.column('lastUsedAt', {
      description: 'When it was last shown, to within a minute; null before the first time.',
    }),
    revokedAt: t.column('revokedAt', {
      description: 'When it was revoked; null for one that was not.',
    }),
  }),
});

filters(ApiKey, (w) => ({
  id: w.id(),
  membership: w.relation('membership', { description: 'The member that it acts for.' }),
  revoked: w.has('revokedAt', { description: 'Whether it was revoked.' }),
}));

rootConnection('apiKeys', ApiKey, {
  description: 'All API keys, those that are good no more too. For owners.',
  nullable: true,
  orderings: { CREATED: { by: 'id', description: 'By when they were made.' } },
  defaultOrder: { field: 'CREATED', direction: 'ASC' },
});

const ApiKeyCreateInput = builder.inputType('ApiKeyCreateInput', {
  description: 'A new key.',
  fields: (t) => ({
    membership: t.id({ required: true, description: 'The id of the membership that it acts for.' }),
    name: t.string({ required: true, description: 'What it is for.' }),
    role: t.field({
      type: RoleType,
      description: "What it is good for at most; the member's role unless said.",
    }),
    scopes: t.field({
      type: [PermissionType],
      description: 'What it is good for besides reading; all that its role may do unless said.',
    }),
    expiresAt: t.field({
      type: 'DateTime',
      description: 'Until when it is good; for ever unless said.',
    }),
  }),
});

changeField('apiKeyCreate', {
  description: 'Makes a key for a member. The answer is the one time that the key is seen.',
  input: ApiKeyCreateInput,
  refusals: [InvalidInput, NotFound, InvalidState],
  resolve: ({ membership, ...input }, { em, viewer }) =>
    createApiKey(em, viewer, { ...input, membership: keyOf('Membership', membership) }),
  success: {
    description: 'The key was made.',
    fields: (t) => ({
      apiKey: t.field({
        type: ApiKeyType,
        description: 'What is known of the key.',
        resolve: (success) => success.apiKey,
      }),
      key: t.exposeString('key', {
        description: 'The key itself, for `Authorization: Bearer …`. Keep it: it is shown once.',
      }),
    }),
  },
});

const ApiKeyRevokeInput = builder.inputType('ApiKeyRevokeInput', {
  description: 'A key that is to be good no more.',
  fields: (t) => ({
    apiKey: t.id({ required: true, description: 'The id of the key.' }),
  }),
});

changeField('apiKeyRevoke', {
  description: 'Revokes a key: within a second it lets nobody in. It can not be undone.',
  input: ApiKeyRevokeInput,
  refusals: [NotFound],
  resolve: async ({ apiKey }, { em, viewer }) => ({
    apiKey: await revokeApiKey(em, viewer, { apiKey: keyOf('ApiKey', apiKey) }),
  }),
  success: {
    description: 'The key is good for nothing.',
    fields: (t) => ({
      apiKey: t.field({
        type: ApiKeyType,
        description: 'What is known of the key.',
        resolve: (success) => success.apiKey,
      }),
    }),
  },
});
