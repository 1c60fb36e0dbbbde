import type { ConditionWriter } from '../database/condition.ts';
import { foldKey } from '../database/key.ts';
import type { Matches } from '../database/page-shape.ts';
import { wordsOf } from './item-words.ts';

/** Most words of a search that count. */
const MOST_WORDS = 8;

/**
 * The items that a search finds: first the one with exactly this SKU or barcode, then those whose SKU
 * begins with the text, then those that have all of its words, each of which may go on.
 */
export function searchItems(text: string, writer: ConditionWriter): Matches {
  const key = foldKey(text);
  // The longest word is the one that the fewest items have.
  const words = [...new Set(wordsOf(text))].slice(0, MOST_WORDS).sort(longestFirst);
  const [first, ...others] = words;
  const exact = writer.value(key);
  const ways = [
    `select i.id, '0' as rank from items i where i.organization_id = $1 and i.sku_key = ${exact}`,
    `select b.item_id, '0' from barcodes b where b.organization_id = $1 and b.code_key = ${exact}`,
  ];
  if (key) {
    ways.push(
      `select i.id, '1' from items i where i.organization_id = $1
        and ${beginsWith('i.sku_key', key, writer)}`,
    );
  }
  if (first) {
    const also = others.map(
      (word) => `and exists (select 1 from item_words o where o.item_id = w.item_id
        and ${beginsWith('o.word', word, writer)})`,
    );
    ways.push(
      `select w.item_id, '2' from item_words w where w.organization_id = $1
        and ${beginsWith('w.word', first, writer)} ${also.join(' ')}`,
    );
  }
  const select = `select f.id, min(f.rank) as rank from (${ways.join(' union all ')}) f group by f.id`;
  return { select: writer.condition(select), tiesBy: 'skuKey' };
}

const longestFirst = (one: string, other: string): number => other.length - one.length;

const beginsWith = (column: string, text: string, writer: ConditionWriter): string =>
  `${column} >= ${writer.value(text)} and ${column} < ${writer.value(`${text}\u{10ffff}`)}`;
