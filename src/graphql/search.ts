import { type Condition, ConditionWriter } from '../database/condition.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import type { Matches } from '../database/page-shape.ts';
import { isKeepable } from '../input.ts';
import { badRequest } from './bad-request.ts';

/** Says which rows of a list a text finds, and how well each. */
export type Search = (text: string, writer: ConditionWriter) => Matches;

/** The longest text to search for, in characters. */
const LONGEST_SEARCH = 200;

/**
 * What a client's search finds; nothing for a text that says nothing, as while somebody begins to type.
 * @throws GraphQLError with the code BAD_REQUEST for a text that is too long, or no text.
 */
export function searchOf(
  em: EntityManager,
  search: Search,
  text: string | null | undefined,
): { readonly matches: Matches; readonly condition: Condition } | undefined {
  if (!text?.trim()) return undefined;
  if (text.length > LONGEST_SEARCH) {
    throw badRequest(`\`search\` takes at most ${LONGEST_SEARCH} characters, got ${text.length}.`);
  }
  if (!isKeepable(text)) throw badRequest('`search` must be Unicode text without NUL.');
  const matches = search(text, new ConditionWriter(em));
  const { select } = matches;
  const condition = { ...select, text: `x.id in (select m.id from (${select.text}) m)` };
  return { matches, condition };
}
