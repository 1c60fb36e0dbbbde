import { element, part } from 'workbench/parts.js';

/**
 * An operation to start from.
 * @typedef {object} Example
 * @property {string} group
 * @property {string} title
 * @property {string} description
 * @property {string} query
 * @property {string} variables as JSON; empty where it has none.
 */

/** Where a variable needs a value that was never sent before: an idempotency key. */
const NEW = '{new}';

/**
 * Lists the examples by their groups, to be found by a word, and opens the one that is chosen.
 * @param {readonly Example[]} examples
 * @param {(operation: { readonly query: string; readonly variables: string }) => void} open
 */
export function createExamples(examples, open) {
  const dialog = part('workbench-examples');
  if (!(dialog instanceof HTMLDialogElement)) throw new Error('The examples are no dialog.');
  const search = part('workbench-search');
  const list = part('workbench-list');
  if (!(search instanceof HTMLInputElement)) throw new Error('The search is no input.');
  const choose = (/** @type {Example} */ { query, variables }) => {
    dialog.close();
    open({ query, variables: variables.replaceAll(NEW, unused()) });
  };
  list.replaceChildren(...groupElements(examples, choose));
  search.addEventListener('input', () => filter(list, search.value));
  part('workbench-open').addEventListener('click', () => {
    search.value = '';
    filter(list, '');
    dialog.showModal();
  });
  part('workbench-close').addEventListener('click', () => dialog.close());
}

/**
 * @param {readonly Example[]} examples
 * @param {(example: Example) => void} choose
 */
function groupElements(examples, choose) {
  return [...Map.groupBy(examples, ({ group }) => group)].map(([group, members]) => {
    const heading = element('h3', {}, group);
    return element('section', {}, heading, ...members.map((each) => exampleButton(each, choose)));
  });
}

/**
 * @param {Example} example
 * @param {(example: Example) => void} choose
 */
function exampleButton(example, choose) {
  const { group, title, description, query } = example;
  const button = element('button', { type: 'button' }, element('b', {}, title), description);
  button.dataset['words'] = `${group} ${title} ${description} ${query}`.toLowerCase();
  button.addEventListener('click', () => choose(example));
  return button;
}

/**
 * Leaves what has all the words that were typed.
 * @param {HTMLElement} list
 * @param {string} text
 */
function filter(list, text) {
  const words = text.toLowerCase().split(/\s+/);
  for (const group of list.querySelectorAll('section')) {
    const buttons = [...group.querySelectorAll('button')];
    for (const button of buttons) {
      button.hidden = !words.every((word) => button.dataset['words']?.includes(word));
    }
    group.hidden = buttons.every((button) => button.hidden);
  }
}

/** Eight letters and digits that nobody used before. Works on pages without TLS too. */
function unused() {
  const bytes = crypto.getRandomValues(new Uint8Array(4));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
