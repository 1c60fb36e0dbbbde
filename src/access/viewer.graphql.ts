import type { EntityManager } from '../database/entity-manager.ts';
import { run, Statement } from '../database/statement.ts';
import { builder } from '../graphql/builder.ts';
import { encodeGlobalId } from '../graphql/global-id.ts';
import { mark } from '../graphql/marks.ts';
import { User } from './access.entity.ts';
import { PermissionType, RoleType, UserType } from './access.graphql.ts';
import type { Viewer } from './viewer.ts';

interface NamedOrganization {
  readonly id: number;
  readonly name: string;
}

const ORGANIZATION = new Statement<NamedOrganization>(
  () => 'select id as "id", name as "name" from organizations where id = $1',
);

async function organizationOf(em: EntityManager, id: number): Promise<NamedOrganization> {
  const [organization] = await run(em, id, ORGANIZATION);
  if (!organization) throw new Error(`There is no organization ${id}`);
  return organization;
}

const OrganizationType = builder.objectRef<NamedOrganization>('Organization').implement({
  description: 'Whose stock it is. Nothing of another organization can be seen or named.',
  fields: (t) => ({
    id: t.id({
      description: 'By which an identity provider can name it.',
      resolve: ({ id }) => encodeGlobalId('Organization', id),
    }),
    name: t.exposeString('name', { description: 'What people call it.' }),
  }),
});

const ViewerType = builder.objectRef<Viewer>('Viewer').implement({
  description: 'Who asks, and what they may do.',
  fields: (t) => ({
    user: t.field({
      type: UserType,
      description: 'The user that acts.',
      ...mark({ kind: 'lookup', entity: 'User' }),
      resolve: async ({ userId }, _arguments, { loaders }) => {
        const user = await loaders.row(User, userId);
        if (!user) throw new Error(`There is no user ${userId}`);
        return user;
      },
    }),
    organization: t.field({
      type: OrganizationType,
      description: 'Whose stock it is.',
      resolve: ({ organizationId }, _arguments, { em }) => organizationOf(em, organizationId),
    }),
    role: t.field({
      type: RoleType,
      description: "The member's role. A key may be good for less.",
      resolve: ({ role }) => role,
    }),
    permissions: t.field({
      type: [PermissionType],
      description: 'What may be done, the limits of the key counted in.',
      resolve: ({ permissions }) => [...permissions],
    }),
    keyPrefix: t.string({
      nullable: true,
      description: 'How the key begins that was shown; null where none was.',
      resolve: ({ key }) => key?.prefix ?? null,
    }),
    keyExpiresAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Until when that key is good; null for one that does not expire.',
      resolve: ({ key }) => key?.expiresAt ?? null,
    }),
  }),
});

builder.queryField('viewer', (t) =>
  t.field({
    type: ViewerType,
    description: 'Who asks, and what they may do.',
    resolve: (_root, _arguments, { viewer }) => viewer,
  }),
);
