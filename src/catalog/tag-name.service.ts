import type { EntityManager } from '../database/entity-manager.ts';
import { foldKey } from '../database/key.ts';
import { run, Statement } from '../database/statement.ts';
import { JsonRows } from '../database/statement-values.ts';
import { Outdated } from '../database/transaction.ts';
import type { Change } from '../journal/journal.service.ts';

interface FoundTag {
  readonly id: number;
  readonly nameKey: string;
}

const FIND = new Statement<FoundTag>(
  (dialect) => `select x.id as "id", x.name_key as "nameKey" from tags x
    where x.organization_id = $1 and ${dialect.isIn('x.name_key', '$2', 'text')}
    order by x.id ${dialect.forShare('x')}`,
);

const MAKE = new Statement<FoundTag>(
  (dialect) => `insert into tags (organization_id, name, name_key, created_at, updated_at, version)
    select cast($1 as bigint), name, "nameKey", ${dialect.time('$3')}, ${dialect.time('$3')}, 1
    from ${dialect.jsonRows('$2', { name: 'text', nameKey: 'text' })} j
    where true order by "nameKey"
    on conflict (organization_id, name_key) do nothing
    returning id as "id", name_key as "nameKey"`,
);

/** Tags with some names. */
export interface NamedTags {
  /** The keys of tags by the keys of their names. */
  readonly ids: ReadonlyMap<string, number>;
  /** What was made, to be recorded. */
  readonly made: readonly Change[];
}

/**
 * Finds tags by their names, and makes those that are missing: two statements for any number. None of
 * them goes until the commit.
 * @throws Outdated, which has the work done again, when somebody made one of them meanwhile.
 */
export async function findOrMakeTags(
  em: EntityManager,
  { organizationId, userId }: { readonly organizationId: number; readonly userId: number },
  names: readonly string[],
): Promise<NamedTags> {
  if (names.length === 0) return { ids: new Map(), made: [] };
  // The first spelling of a name counts.
  const byKey = new Map([...Map.groupBy(names, foldKey)].map(([key, [name = key]]) => [key, name]));
  const found = await run(em, organizationId, FIND, [[...byKey.keys()]]);
  const ids = new Map(found.map(({ id, nameKey }) => [nameKey, id]));
  const missing = [...byKey]
    .filter(([nameKey]) => !ids.has(nameKey))
    .map(([nameKey, name]) => ({ name, nameKey }));
  if (missing.length === 0) return { ids, made: [] };
  const made = await run(em, organizationId, MAKE, [new JsonRows(missing), new Date()]);
  if (made.length < missing.length) throw new Outdated();
  for (const { id, nameKey } of made) ids.set(nameKey, id);
  return {
    ids,
    made: missing.map(({ name, nameKey }) => ({
      ...{ action: 'tag.create', actorId: userId, subjectType: 'Tag' },
      ...{ subjectId: ids.get(nameKey) as number, changes: { name } },
    })),
  };
}
