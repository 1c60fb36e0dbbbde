import { defineEntity, p } from '@mikro-orm/core';

const OrganizationSchema = defineEntity({
  name: 'Organization',
  tableName: 'organizations',
  properties: {
    id: p.bigint('number').primary().autoincrement(),
    name: p.text(),
    createdAt: p.datetime(3),
  },
});

/** The tenant. Every other row belongs to exactly one, and no statement crosses the border. */
export class Organization extends OrganizationSchema.class {}
OrganizationSchema.setClass(Organization);
