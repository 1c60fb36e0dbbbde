import { entityObject } from '../graphql/entity-type.ts';
import { User } from './access.entity.ts';

entityObject(User, {
  description: 'A person or a program that acts in the organization.',
  fields: (t) => ({
    name: t.column('name', { description: 'What people call it.' }),
    createdAt: t.column('createdAt', { description: 'When it was created.' }),
  }),
});
