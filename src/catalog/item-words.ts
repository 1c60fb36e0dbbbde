import type { EntityManager } from '../database/entity-manager.ts';
import { foldKey } from '../database/key.ts';
import type { Row } from '../database/rows.ts';
import { run, runAcrossOrganizations, Statement } from '../database/statement.ts';
import { JsonRows } from '../database/statement-values.ts';
import type { Item } from './item.entity.ts';

/** The longest word that is told apart, in characters: what is longer is found by its beginning. */
const LONGEST_WORD = 50;
/** Most words of one item; a description of many pages is found by its beginning. */
const MOST_WORDS = 500;

const WORD = /[\p{L}\p{N}]+/gu;

/** The words of a text, folded as names are, in their order: letters and digits, whatever is between. */
export function wordsOf(text: string): string[] {
  return (foldKey(text).match(WORD) ?? []).map((word) => word.slice(0, LONGEST_WORD));
}

/** The properties of an item that are searched. */
export const FOUND_BY = ['sku', 'name', 'description', 'attributes'] as const;

/** An item with what it is found by. */
type Findable = Pick<Row<Item>, 'id' | (typeof FOUND_BY)[number]>;

const REMOVE = new Statement<never>(
  (dialect) => `delete from item_words as w
    where ${dialect.owned('w')} and ${dialect.isIn('w.item_id', '$2')}`,
);

const INSERT = new Statement<never>(
  (dialect) => `insert into item_words (organization_id, item_id, word)
    select cast($1 as bigint), item, word
    from ${dialect.jsonRows('$2', { item: 'bigint', word: 'text' })} j where true order by word, item`,
);

/**
 * Writes by which words items are found, in place of those they were found by: two statements for any
 * number of items.
 * @param isNew spares the look for words of before.
 */
export async function writeWords(
  em: EntityManager,
  organizationId: number,
  items: readonly Findable[],
  { isNew = false } = {},
): Promise<void> {
  if (items.length === 0) return;
  const ids = items.map(({ id }) => id);
  if (!isNew) await run(em, organizationId, REMOVE, [ids]);
  const rows = items.flatMap((item) => itemWords(item).map((word) => ({ item: item.id, word })));
  if (rows.length > 0) await run(em, organizationId, INSERT, [new JsonRows(rows)]);
}

/** The words of an item, each once: of its SKU, its name, its description and its attributes' values. */
function itemWords({ sku, name, description, attributes }: Omit<Findable, 'id'>): string[] {
  const texts = [sku, name, description ?? '', ...valuesIn(attributes)];
  return [...new Set(texts.flatMap(wordsOf))].slice(0, MOST_WORDS);
}

/** Texts and numbers anywhere in a JSON value. */
function valuesIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number') return [String(value)];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(valuesIn) : [];
}

/** How many items are read at once, of all that there are. */
const BATCH = 1000;

type FoundItem = Findable & { readonly organization: number };

const NEXT = new Statement<FoundItem>(
  () => `select i.id as "id", i.organization_id as "organization", i.sku as "sku",
      i.name as "name", i.description as "description", i.attributes as "attributes"
    from items i where i.id > $1 order by i.id limit ${BATCH}`,
  (row) => {
    row['attributes'] = JSON.parse(String(row['attributes']));
  },
);

/** Writes the words of all items of all organizations, of which none were written before. */
export async function writeAllWords(em: EntityManager): Promise<void> {
  for (let last = 0; ; ) {
    const items = await runAcrossOrganizations(em, NEXT, [last]);
    for (const [organization, own] of Map.groupBy(items, (each) => each.organization)) {
      await writeWords(em, organization, own, { isNew: true });
    }
    if (items.length < BATCH) return;
    last = items.at(-1)?.id ?? last;
  }
}
