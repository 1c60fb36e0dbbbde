import { AlreadyExists, InvalidInput, InvalidState, NotFound, VersionConflict } from '../errors.ts';
import { builder } from '../graphql/builder.ts';
import { entityObject } from '../graphql/entity-type.ts';
import { keyOf } from '../graphql/global-id.ts';
import { rootConnection } from '../graphql/lists.ts';
import { changeField } from '../graphql/mutations.ts';
import { filters } from '../graphql/where-fields.ts';
import { ApiKey, Membership, User } from './access.entity.ts';
import { RoleType } from './access.graphql.ts';
import { createMembership, removeMembership, updateMembership } from './membership.service.ts';

const MembershipType = entityObject(Membership, {
  description: 'That a user belongs to the organization, and in which role.',
  fields: (t) => ({
    user: t.relation('user', { description: 'Who it is.' }),
    subject: t.string({
      nullable: true,
      description: 'By which an identity provider knows the user; null where none does.',
      resolve: async ({ user }, _arguments, { loaders }) =>
        (await loaders.row(User, user))?.subject ?? null,
    }),
    role: t.column('role', { type: RoleType, description: 'What the member may do.' }),
    apiKeys: t.relatedConnection(ApiKey, {
      by: 'membership',
      orderings: { CREATED: { by: 'id', description: 'By when they were made.' } },
      defaultOrder: { field: 'CREATED', direction: 'ASC' },
      description: 'The keys by which the member acts, those that are good no more too.',
    }),
    createdAt: t.column('createdAt', { description: 'When the user became a member.' }),
    updatedAt: t.column('updatedAt', { description: 'When it was last changed.' }),
    removedAt: t.column('removedAt', {
      description: 'From when on the user is no member any more; null for one who is.',
    }),
    version: t.column('version', { description: 'Rises with every change; for `ifVersion`.' }),
  }),
});

filters(Membership, (w) => ({
  id: w.id(),
  role: w.enum('role', RoleType, { computed: true, description: 'What the member may do.' }),
  removed: w.has('removedAt', { description: 'Whether the user is no member any more.' }),
}));

rootConnection('memberships', Membership, {
  description: 'All members, those who were removed too. For owners.',
  nullable: true,
  orderings: { CREATED: { by: 'id', description: 'By when they became members.' } },
  defaultOrder: { field: 'CREATED', direction: 'ASC' },
});

const MembershipCreateInput = builder.inputType('MembershipCreateInput', {
  description: 'A new member.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'What people call the user.' }),
    role: t.field({ type: RoleType, required: true, description: 'What the member may do.' }),
    subject: t.string({
      description: 'By which the identity provider knows the user, to sign in without a key.',
    }),
  }),
});

changeField('membershipCreate', {
  description:
    'Makes a user and a member. To let the member in by a key, go on with `apiKeyCreate`.',
  input: MembershipCreateInput,
  refusals: [InvalidInput, AlreadyExists],
  resolve: async (input, { em, viewer }) => ({
    membership: await createMembership(em, viewer, input),
  }),
  success: {
    description: 'The user is a member.',
    fields: (t) => ({
      membership: t.field({
        type: MembershipType,
        description: 'The new member.',
        resolve: (success) => success.membership,
      }),
    }),
  },
});

const MembershipUpdateInput = builder.inputType('MembershipUpdateInput', {
  description: 'What to change of a member. What is left out stays as it is.',
  fields: (t) => ({
    membership: t.id({ required: true, description: 'The id of the membership.' }),
    ifVersion: t.int({ description: 'The version that you know; any other is a conflict.' }),
    name: t.string({ description: 'What people call the user.' }),
    role: t.field({ type: RoleType, description: 'What the member may do from now on.' }),
    subject: t.string({
      description: 'By which the identity provider knows the user; null for not at all.',
    }),
  }),
});

changeField('membershipUpdate', {
  description: 'Changes a member. A smaller role narrows all keys of the member within a second.',
  input: MembershipUpdateInput,
  refusals: [InvalidInput, NotFound, AlreadyExists, InvalidState, VersionConflict],
  resolve: async ({ membership, ...input }, { em, viewer }) => ({
    membership: await updateMembership(em, viewer, {
      ...input,
      membership: keyOf('Membership', membership),
    }),
  }),
  success: {
    description: 'The member is as the input says now.',
    fields: (t) => ({
      membership: t.field({
        type: MembershipType,
        description: 'The member as it is now.',
        resolve: (success) => success.membership,
      }),
    }),
  },
});

const MembershipRemoveInput = builder.inputType('MembershipRemoveInput', {
  description: 'A member who is to go.',
  fields: (t) => ({
    membership: t.id({ required: true, description: 'The id of the membership.' }),
    ifVersion: t.int({ description: 'The version that you know; any other is a conflict.' }),
  }),
});

changeField('membershipRemove', {
  description:
    'Removes a member, whose keys are good for nothing within a second. What the member did stays.',
  input: MembershipRemoveInput,
  refusals: [NotFound, InvalidState, VersionConflict],
  resolve: async ({ membership, ifVersion }, { em, viewer }) => ({
    membership: await removeMembership(em, viewer, {
      membership: keyOf('Membership', membership),
      ifVersion,
    }),
  }),
  success: {
    description: 'The user is no member any more.',
    fields: (t) => ({
      membership: t.field({
        type: MembershipType,
        description: 'The member as it is now.',
        resolve: (success) => success.membership,
      }),
    }),
  },
});
