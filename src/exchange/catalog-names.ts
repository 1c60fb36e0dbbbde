import type { EntityManager } from '../database/entity-manager.ts';
import { run, Statement } from '../database/statement.ts';

const CATEGORIES = new Statement<{ id: number; parent: number | null; name: string }>(
  () => `select x.id as "id", x.parent_id as "parent", x.name as "name" from categories x
    where x.organization_id = $1 order by x.id`,
);

/** The names from the top of the tree down to each category, by its key. */
export async function findCategoryPaths(
  em: EntityManager,
  organizationId: number,
): Promise<(category: number | null) => readonly string[] | null> {
  const found = await run(em, organizationId, CATEGORIES);
  const byId = new Map(found.map((category) => [category.id, category]));
  const paths = new Map<number, readonly string[]>();
  const pathOf = (id: number): readonly string[] => {
    const known = paths.get(id);
    if (known) return known;
    const { parent, name } = byId.get(id) as (typeof found)[number];
    const path = [...(parent === null ? [] : pathOf(parent)), name];
    paths.set(id, path);
    return path;
  };
  return (category) => (category === null ? null : pathOf(category));
}

interface Named {
  readonly item: number;
  readonly name: string;
}

const TAGS = new Statement<Named>(
  (dialect) => `select x.item_id as "item", t.name as "name"
    from item_tags x ${dialect.orderedJoin} tags t on t.id = x.tag_id
    where ${dialect.owned('x')} and ${dialect.isIn('x.item_id', '$2')}
    order by x.item_id, t.name_key`,
);

const BARCODES = new Statement<Named>(
  (dialect) => `select x.item_id as "item", x.code as "name" from barcodes x
    where ${dialect.owned('x')} and ${dialect.isIn('x.item_id', '$2')}
    order by x.item_id, x.code_key`,
);

/** The tags and barcodes of items, in their order, by the key of the item. */
export async function findNamesOf(
  em: EntityManager,
  organizationId: number,
  items: readonly number[],
): Promise<(item: number) => { readonly tags: string[]; readonly barcodes: string[] }> {
  const tags = Map.groupBy(await run(em, organizationId, TAGS, [items]), ({ item }) => item);
  const barcodes = Map.groupBy(
    await run(em, organizationId, BARCODES, [items]),
    ({ item }) => item,
  );
  const names = (found: readonly Named[] = []) => found.map(({ name }) => name);
  return (item) => ({ tags: names(tags.get(item)), barcodes: names(barcodes.get(item)) });
}
