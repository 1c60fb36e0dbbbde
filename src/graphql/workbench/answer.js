/**
 * One SQL statement of an answer. Times in milliseconds.
 * @typedef {object} Statement
 * @property {string} sql
 * @property {number} ms
 * @property {number} rows that it gave or changed.
 * @property {number | null} batch how many keys were put into it; null where it serves one caller.
 */

/**
 * @typedef {object} Trace
 * @property {number} count
 * @property {number} ms
 * @property {readonly Statement[]} statements
 */

/**
 * @typedef {object} Cost counted in rows.
 * @property {number} requested
 * @property {number} limit
 * @property {number} [used] where keys have limits.
 * @property {{ capacity: number; perSecond: number; available: number }} [rate]
 */

/**
 * @typedef {object} Fault
 * @property {string} message
 * @property {{ code?: string; failedPath?: readonly unknown[] }} [extensions]
 */

/**
 * @typedef {object} Answer
 * @property {Record<string, unknown> | null} [data]
 * @property {readonly Fault[]} [errors]
 * @property {{
 *   trace?: Trace;
 *   cost?: Cost;
 *   dryRun?: boolean;
 *   snapshot?: { seq: number };
 * }} [extensions]
 */

/**
 * What is to be known of an answer besides its statements and its cost.
 * @typedef {object} Note
 * @property {'plain' | 'warning' | 'error'} tone
 * @property {string} text
 */

/**
 * @param {Answer} answer
 * @param {boolean} mutates whether it is the answer to a mutation.
 * @returns {Note[]}
 */
export function notesOf({ data, errors = [], extensions = {} }, mutates) {
  const { dryRun = false, snapshot } = extensions;
  return [
    ...(dryRun ? [note('warning', 'Dry run: nothing was kept.')] : []),
    ...(snapshot ? [note('plain', `Answered from one moment: seq ${snapshot.seq}.`)] : []),
    ...(mutates ? refusalsOf(data ?? {}) : []),
    ...faultsOf(errors),
  ];
}

/**
 * @param {Note['tone']} tone
 * @param {string} text
 * @returns {Note}
 */
const note = (tone, text) => ({ tone, text });

/**
 * Refusals are data: a field that answers one has a code, or a type that is no success.
 * @param {Record<string, unknown>} data
 * @returns {Note[]}
 */
function refusalsOf(data) {
  return Object.entries(data).flatMap(([field, value]) => {
    const reason = refusalIn(value);
    return reason === null ? [] : [note('warning', `${field} was refused: ${reason}.`)];
  });
}

/**
 * @param {unknown} value
 * @returns {string | null}
 */
function refusalIn(value) {
  if (typeof value !== 'object' || value === null) return null;
  if ('code' in value) return String(value.code);
  const type = '__typename' in value ? String(value.__typename) : null;
  return type?.endsWith('Success') ? null : type;
}

/**
 * What went wrong; what went wrong in the same way at several places, once.
 * @param {readonly Fault[]} errors
 * @returns {Note[]}
 */
function faultsOf(errors) {
  const texts = errors.map(
    ({ message, extensions: { code = 'ERROR' } = {} }) => `${code}: ${message}`,
  );
  return [...new Set(texts)].map((text) => {
    const count = texts.filter((each) => each === text).length;
    return note('error', count === 1 ? text : `${text} (${count} times)`);
  });
}
