import { defineEntity, p } from '@mikro-orm/core';
import { tenantProperties } from '../database/columns.ts';

/** What a member may do: an OWNER everything, a VIEWER nothing but read. */
const ROLES = ['OWNER', 'MANAGER', 'CLERK', 'VIEWER'] as const;
export type Role = (typeof ROLES)[number];

const UserSchema = defineEntity({
  name: 'User',
  tableName: 'users',
  indexes: [{ name: 'users_organization_index', properties: ['organization'] }],
  properties: {
    ...tenantProperties,
    name: p.text(),
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
  indexes: [{ name: 'memberships_user_index', properties: ['user'] }],
  properties: {
    ...tenantProperties,
    user: () => p.manyToOne(User).ref(),
    role: p.enum(ROLES),
    createdAt: p.datetime(3),
  },
});

/** The role of a user in the organization. */
export class Membership extends MembershipSchema.class {}
MembershipSchema.setClass(Membership);

const ApiKeySchema = defineEntity({
  name: 'ApiKey',
  tableName: 'api_keys',
  uniques: [{ name: 'api_keys_hash_key', properties: ['hash'] }],
  indexes: [
    { name: 'api_keys_organization_index', properties: ['organization'] },
    { name: 'api_keys_membership_index', properties: ['membership'] },
  ],
  properties: {
    ...tenantProperties,
    membership: () => p.manyToOne(Membership).ref(),
    name: p.text(),
    /** The key's first letters, by which people recognise it. */
    prefix: p.text(),
    /** SHA-256 of the key, in hexadecimal. The key itself is shown once and stored nowhere. */
    hash: p.text(),
    createdAt: p.datetime(3),
  },
});

/** What a program shows to act for a member. */
export class ApiKey extends ApiKeySchema.class {}
ApiKeySchema.setClass(ApiKey);
