import { builder } from '../graphql/builder.ts';
import { entityObject } from '../graphql/entity-type.ts';
import { keyOf } from '../graphql/global-id.ts';
import { mark } from '../graphql/marks.ts';
import { filters } from '../graphql/where-fields.ts';
import { JournalEntry } from '../journal/journal.entity.ts';
import { JournalEntryType } from '../journal/journal.graphql.ts';
import { User } from './access.entity.ts';

const UserType = entityObject(User, {
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
