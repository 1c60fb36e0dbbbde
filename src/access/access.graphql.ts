import { builder } from '../graphql/builder.ts';
import { entityObject } from '../graphql/entity-type.ts';
import { keyOf } from '../graphql/global-id.ts';
import { mark } from '../graphql/marks.ts';
import { filters } from '../graphql/where-fields.ts';
import { JournalEntry } from '../journal/journal.entity.ts';
import { JournalEntryType } from '../journal/journal.graphql.ts';
import { ROLES, type Role, User } from './access.entity.ts';
import { PERMISSIONS, type Permission, ROLE_PERMISSIONS } from './permissions.ts';

/** What a member may do, by name. */
export const RoleType = builder.enumType('Role', {
  description: 'What a member may do.',
  values: Object.fromEntries(
    ROLES.map((role) => [role, { description: `May do: ${ROLE_PERMISSIONS[role].join(', ')}.` }]),
  ) as Record<Role, { description: string }>,
});

/** What a member or a key can be allowed. */
export const PermissionType = builder.enumType('Permission', {
  description: 'What a member or a key can be allowed.',
  values: Object.fromEntries(
    Object.entries(PERMISSIONS).map(([permission, description]) => [permission, { description }]),
  ) as Record<Permission, { description: string }>,
});

export const UserType = entityObject(User, {
  description: 'A person or a program that acts in the organization.',
  fields: (t) => ({
    name: t.column('name', { description: 'What people call it.' }),
    createdAt: t.column('createdAt', { description: 'When it was created.' }),
  }),
});

builder.objectField(JournalEntryType, 'actor', (t) =>
  t.field({
    type: UserType,
    nullable: true,
    description: 'Who did it; null for what the server does by itself.',
    ...mark({ kind: 'lookup', entity: 'User' }),
    resolve: ({ actorId }, _arguments, { loaders }) =>
      actorId === null ? null : loaders.row(User, actorId),
  }),
);

filters(JournalEntry, () => ({
  actor: {
    type: () => 'ID',
    description: 'Who did it: the user with this id.',
    indexed: null,
    write: (id: string, { alias, table }, writer) =>
      `coalesce(${alias}.${table.column('actorId')} = ${writer.value(keyOf('User', id))}, false)`,
  },
}));
