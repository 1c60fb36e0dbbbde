import type { EntityManager } from '../database/entity-manager.ts';
import { run, Statement } from '../database/statement.ts';
import { JsonRows } from '../database/statement-values.ts';

/** A tag on an item. */
export interface TagLink {
  readonly id: number;
  readonly item: number;
  readonly tag: number;
}

const FIND = new Statement<TagLink>(
  (dialect) => `select x.id as "id", x.item_id as "item", x.tag_id as "tag" from item_tags x
    where ${dialect.owned('x')} and ${dialect.isIn('x.item_id', '$2')}
    order by x.item_id, x.tag_id`,
);

/** The tags on items, by their keys. */
export function findTagLinks(
  em: EntityManager,
  organizationId: number,
  items: readonly number[],
): Promise<TagLink[]> {
  return run(em, organizationId, FIND, [items]);
}

const REMOVE = new Statement<never>(
  (dialect) => `delete from item_tags as x
    where ${dialect.owned('x')} and ${dialect.isIn('x.id', '$2')}`,
);

const ADD = new Statement<never>(
  (dialect) => `insert into item_tags (organization_id, item_id, tag_id)
    select cast($1 as bigint), item, tag
    from ${dialect.jsonRows('$2', { item: 'bigint', tag: 'bigint' })} j order by item, tag`,
);

/** What an item is to carry from now on, and what of it it carries already. */
export interface TagChange {
  readonly item: number;
  readonly tags: readonly number[];
  readonly known: readonly TagLink[];
}

/** Gives items these tags and no others, with two statements for any number of them. */
export async function writeTagLinks(
  em: EntityManager,
  organizationId: number,
  changes: readonly TagChange[],
): Promise<void> {
  const gone = changes.flatMap(({ tags, known }) =>
    known.filter(({ tag }) => !tags.includes(tag)).map(({ id }) => id),
  );
  const added = changes.flatMap(({ item, tags, known }) => {
    const kept = new Set(known.map(({ tag }) => tag));
    return tags.filter((tag) => !kept.has(tag)).map((tag) => ({ item, tag }));
  });
  if (gone.length > 0) await run(em, organizationId, REMOVE, [gone]);
  if (added.length > 0) await run(em, organizationId, ADD, [new JsonRows(added)]);
}
