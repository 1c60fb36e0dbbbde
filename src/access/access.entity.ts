import { defineEntity, p } from '@mikro-orm/core';
import { editableProperties, tenantProperties } from '../database/columns.ts';
import type { Permission } from './permissions.ts';

/** What a member may do: an OWNER everything, a VIEWER nothing but read. `permissions.ts` says more. */
export const ROLES = ['OWNER', 'MANAGER', 'CLERK', 'VIEWER'] as const;
export type Role = (typeof ROLES)[number];

const UserSchema = defineEntity({
  name: 'User',
  tableName: 'users',
  uniques: [{ name: 'users_subject_key', properties: ['organization', 'subject'] }],
  indexes: [{ name: 'users_subject_index', properties: ['subject'] }],
  properties: {
    ...tenantProperties,
    name: p.text(),
    /** By which an identity provider knows the user, where one does. */
    subject: p.text().nullable(),
    createdAt: p.datetime(3),
  },
});

/** A person or a program that acts in an organization. */
export class User extends UserSchema.class {}
UserSchema.setClass(User);

const MembershipSchema = defineEntity({
  name: 'Membership',
  tableName: 'memberships',
  uniques: [{ name: 'memberships_user_key', properties: ['organization', 'user'] }],
  indexes: [
    { name: 'memberships_user_index', properties: ['user'] },
    { name: 'memberships_organization_index', properties: ['organization', 'id'] },
  ],
  properties: {
    ...tenantProperties,
    user: () => p.manyToOne(User).ref(),
    role: p.enum(ROLES),
    ...editableProperties,
    /** From when on the user is no member any more; null while one is. */
    removedAt: p.datetime(3).nullable(),
  },
});

/** The role of a user in the organization. It stays when the user goes, as what was done stays. */
export class Membership extends MembershipSchema.class {}
MembershipSchema.setClass(Membership);

const ApiKeySchema = defineEntity({
  name: 'ApiKey',
  tableName: 'api_keys',
  uniques: [{ name: 'api_keys_hash_key', properties: ['hash'] }],
  indexes: [
    { name: 'api_keys_organization_index', properties: ['organization', 'id'] },
    { name: 'api_keys_membership_index', properties: ['membership', 'id'] },
  ],
  properties: {
    ...tenantProperties,
    membership: () => p.manyToOne(Membership).ref(),
    name: p.text(),
    /** The key's first letters, by which people recognise it. */
    prefix: p.text(),
    /** SHA-256 of the key, in hexadecimal. The key itself is shown once and stored nowhere. */
    hash: p.text(),
    /** What the key is good for at most, whatever its member may do. */
    role: p.enum(ROLES),
    /** Narrows the role: what the key is good for besides reading. Null narrows nothing. */
    scopes: p.json<readonly Permission[]>().nullable(),
    createdAt: p.datetime(3),
    expiresAt: p.datetime(3).nullable(),
    /** When it was last shown, to within a minute; null before the first time. */
    lastUsedAt: p.datetime(3).nullable(),
    revokedAt: p.datetime(3).nullable(),
  },
});

/** What a program shows to act for a member. */
export class ApiKey extends ApiKeySchema.class {}
ApiKeySchema.setClass(ApiKey);
