import type { EntityManager } from '../database/entity-manager.ts';
import { foldKey } from '../database/key.ts';
import { run, Statement } from '../database/statement.ts';
import { JsonRows } from '../database/statement-values.ts';
import { Outdated } from '../database/transaction.ts';
import type { Change } from '../journal/journal.service.ts';

/** The most names in a category's path. */
export const MAX_PATH = 10;

/** A category's place: its name, and the key of the category above it, 0 at the top. */
interface Place {
  readonly parent: number;
  readonly name: string;
  readonly nameKey: string;
}

interface FoundCategory {
  readonly id: number;
  readonly parent: number;
  readonly nameKey: string;
}

const FIELDS = { parent: 'bigint', nameKey: 'text' } as const;

const FIND = new Statement<FoundCategory>(
  (dialect) => `select x.id as "id", x.parent_key as "parent", x.name_key as "nameKey"
    from ${dialect.jsonRows('$2', FIELDS)} j ${dialect.orderedJoin} categories x
      on x.organization_id = $1 and x.parent_key = j.parent and x.name_key = j."nameKey"
    order by x.id ${dialect.forShare('x')}`,
);

const MAKE = new Statement<FoundCategory>(
  (dialect) => `insert into categories (organization_id, name, name_key, parent_id, parent_key,
      created_at, updated_at, version)
    select cast($1 as bigint), name, "nameKey", nullif(parent, 0), parent, ${dialect.time('$3')},
      ${dialect.time('$3')}, 1
    from ${dialect.jsonRows('$2', { ...FIELDS, name: 'text' })} j
    where true order by parent, "nameKey"
    on conflict (organization_id, parent_key, name_key) do nothing
    returning id as "id", parent_key as "parent", name_key as "nameKey"`,
);

const nameOf = (path: readonly string[]): string => JSON.stringify(path.map(foldKey));
const placeOf = ({ parent, nameKey }: Omit<Place, 'name'>): string => `${parent} ${nameKey}`;

/** Categories that paths of names lead to. */
export class CategoryPaths {
  readonly #ids = new Map<string, number>();
  /** What was made on the way, to be recorded. */
  readonly made: Change[] = [];

  /**
   * Finds categories by the names from the top down to them, and makes those that are missing: level
   * by level, with two statements each for any number of paths. None of them goes until the commit.
   * @throws Outdated, which has the work done again, when somebody made one of them meanwhile.
   */
  static async find(
    em: EntityManager,
    { organizationId, userId }: { readonly organizationId: number; readonly userId: number },
    paths: readonly (readonly string[])[],
  ): Promise<CategoryPaths> {
    const found = new CategoryPaths();
    const deepest = Math.max(0, ...paths.map(({ length }) => length));
    for (let depth = 1; depth <= deepest; depth += 1) {
      const heads = paths
        .filter(({ length }) => length >= depth)
        .map((path) => path.slice(0, depth));
      // The first spelling of a path counts.
      const unique = [...Map.groupBy(heads, nameOf)];
      const places = unique.map(([key, [head = []]]) => ({ key, place: found.#placeOf(head) }));
      const ids = await findOrMake(em, organizationId, {
        places: places.map(({ place }) => place),
      });
      for (const { key, place } of places) {
        found.#ids.set(key, ids.all.get(placeOf(place)) as number);
      }
      found.made.push(...ids.made.map((each) => entryOf(each, userId)));
    }
    return found;
  }

  /** The key of the category at the end of a path; null for a path of no names. */
  idOf(path: readonly string[]): number | null {
    if (path.length === 0) return null;
    const id = this.#ids.get(nameOf(path));
    if (id === undefined) throw new Error('A path that was not looked for');
    return id;
  }

  #placeOf(path: readonly string[]): Place {
    const name = path.at(-1) as string;
    return { parent: this.idOf(path.slice(0, -1)) ?? 0, name, nameKey: foldKey(name) };
  }
}

interface MadeCategory extends Place {
  readonly id: number;
}

async function findOrMake(
  em: EntityManager,
  organizationId: number,
  { places }: { readonly places: readonly Place[] },
): Promise<{ readonly all: ReadonlyMap<string, number>; readonly made: readonly MadeCategory[] }> {
  const found = await run(em, organizationId, FIND, [new JsonRows(places)]);
  const all = new Map(found.map((category) => [placeOf(category), category.id]));
  const missing = places.filter((place) => !all.has(placeOf(place)));
  if (missing.length === 0) return { all, made: [] };
  const made = await run(em, organizationId, MAKE, [new JsonRows(missing), new Date()]);
  if (made.length < missing.length) throw new Outdated();
  for (const category of made) all.set(placeOf(category), category.id);
  return {
    all,
    made: missing.map((place) => ({ ...place, id: all.get(placeOf(place)) as number })),
  };
}

const entryOf = ({ id, name, parent }: MadeCategory, actorId: number): Change => ({
  ...{ action: 'category.create', actorId, subjectType: 'Category', subjectId: id },
  changes: { name, parent: parent === 0 ? null : parent },
});
