import { notesOf } from 'workbench/answer.js';
import { element, part } from 'workbench/parts.js';

/** @typedef {import('workbench/answer.js').Answer} Answer */
/** @typedef {import('workbench/answer.js').Cost} Cost */
/** @typedef {import('workbench/answer.js').Trace} Trace */
/** @typedef {import('workbench/exchanges.js').Exchange} Exchange */

/**
 * Draws what became of an operation: in a line, and with its statements below.
 * @returns {(exchange: Exchange) => void}
 */
export function createTraceView() {
  const summary = part('workbench-summary');
  const body = part('workbench-body');
  return (exchange) => {
    summary.textContent = summaryOf(exchange);
    body.setAttribute('aria-busy', String(exchange.state === 'running'));
    // What was there last stays until there is something new: nothing flickers.
    if (exchange.state !== 'running') body.replaceChildren(...contentOf(exchange));
  };
}

/**
 * @param {Exchange} exchange
 * @returns {string}
 */
function summaryOf({ operation, state, answer }) {
  const name = operation ?? 'Operation without a name';
  if (state === 'running') return `${name}: running …`;
  if (state === 'stopped') return `${name}: stopped`;
  if (!answer) return `${name}: no answer`;
  const { trace, cost } = answer.extensions ?? {};
  const facts = [
    ...(answer.errors ? [counted(answer.errors.length, 'error')] : []),
    ...(trace ? [counted(trace.count, 'statement'), `${figure(trace.ms)} ms`] : []),
    ...(cost ? [costText(cost)] : []),
  ];
  return `${name}: ${facts.join(', ')}`;
}

/** @param {Cost} cost */
const costText = ({ used, requested }) =>
  used === undefined
    ? `cost ${figure(requested)} at most`
    : `cost ${figure(used)} of ${figure(requested)} at most`;

/**
 * @param {Exchange} exchange
 * @returns {Node[]}
 */
function contentOf({ state, answer, reason, traced, mutates, ms = 0 }) {
  if (state === 'stopped') return [noteElement('warning', 'Stopped before an answer came.')];
  if (!answer) return [noteElement('error', reason ?? 'No answer came.')];
  const { trace, cost } = answer.extensions ?? {};
  return [
    ...notesOf(answer, mutates).map(({ tone, text }) => noteElement(tone, text)),
    ...(cost ? [costElement(cost)] : []),
    trace ? statementTable(trace, ms) : noteElement('plain', whyUntraced(answer, traced)),
  ];
}

/**
 * @param {Answer} answer
 * @param {boolean} traced
 * @returns {string}
 */
function whyUntraced({ data }, traced) {
  if (data === undefined) return 'It was not run: there are no statements.';
  return traced
    ? 'This key may not see the statements: those of owners and managers may.'
    : 'Its statements were not asked for: the header "x-trace": "sql" does that.';
}

/**
 * @param {string} tone
 * @param {string} text
 */
const noteElement = (tone, text) => element('p', { class: `workbench-note ${tone}` }, text);

/**
 * What was counted before it ran, and what it came to.
 * @param {Cost} cost
 */
function costElement({ requested, limit, used, rate }) {
  const facts = [
    ['Cost estimate', figure(requested)],
    ...(used === undefined ? [] : [['Used', `${figure(used)} (${percent(used, requested)})`]]),
    ['Limit of one request', figure(limit)],
    ...(rate ? [['Left of the key', `${figure(rate.available)} of ${figure(rate.capacity)}`]] : []),
  ];
  const list = facts.map(([term = '', fact = '']) =>
    element('div', {}, element('dt', {}, term), element('dd', {}, fact)),
  );
  return element('dl', { class: 'workbench-cost', 'aria-label': 'Cost, in rows' }, ...list);
}

/**
 * @param {Trace} trace
 * @param {number} wholeMs from the request to the end of the answer.
 */
function statementTable({ count, ms, statements }, wholeMs) {
  const longest = Math.max(...statements.map((each) => each.ms));
  const rows = statements.map((statement, index) => {
    const bar = element('span', { class: 'workbench-bar', 'aria-hidden': 'true' });
    bar.style.setProperty('--share', String(statement.ms / longest));
    return element(
      'tr',
      {},
      element('td', { class: 'number' }, String(index + 1)),
      element('td', {}, sqlElement(statement.sql)),
      element('td', { class: 'number time' }, bar, `${figure(statement.ms)} ms`),
      element('td', { class: 'number' }, figure(statement.rows)),
      element('td', { class: 'number' }, statement.batch === null ? '–' : figure(statement.batch)),
    );
  });
  const times = `${figure(ms)} ms in the server, ${figure(wholeMs)} ms with the way there and back`;
  return element(
    'table',
    {},
    element('caption', {}, `${counted(count, 'statement')}; ${times}`),
    element('thead', {}, headings()),
    element('tbody', {}, ...rows),
    element(
      'tfoot',
      {},
      element(
        'tr',
        {},
        element('td', { class: 'number' }, figure(statements.length)),
        element('th', { scope: 'row' }, 'Together'),
        element('td', { class: 'number' }, `${figure(sum(statements.map((each) => each.ms)))} ms`),
        element('td', { class: 'number' }, figure(sum(statements.map((each) => each.rows)))),
        element('td', {}),
      ),
    ),
  );
}

const HEADINGS = /** @type {const} */ ([
  ['#', 'The order in which they were sent'],
  ['Statement', 'The SQL, without its values'],
  ['Time', 'Milliseconds until its last row was there'],
  ['Rows', 'Rows that it gave or changed'],
  ['Batch', 'How many keys were asked for at once; – where it serves one caller'],
]);

function headings() {
  const cells = HEADINGS.map(([name, title]) => element('th', { scope: 'col', title }, name));
  return element('tr', {}, ...cells);
}

/**
 * A line of it, and all of it where it is opened.
 * @param {string} sql
 */
const sqlElement = (sql) =>
  element('details', {}, element('summary', {}, element('code', {}, sql)));

/**
 * @param {number} count
 * @param {string} what
 */
const counted = (count, what) => `${figure(count)} ${what}${count === 1 ? '' : 's'}`;

/** @param {number} value */
const figure = (value) => value.toLocaleString('en', { maximumFractionDigits: 3 });

/**
 * @param {number} part
 * @param {number} whole
 */
const percent = (part, whole) =>
  (whole === 0 ? 0 : part / whole).toLocaleString('en', { style: 'percent' });

/** @param {readonly number[]} values */
const sum = (values) => values.reduce((total, value) => total + value, 0);
