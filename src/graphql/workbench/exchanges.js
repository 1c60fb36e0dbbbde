/**
 * Which requests are operations of whoever works in GraphiQL.
 * @typedef {object} Watched
 * @property {string} introspection the operation by which GraphiQL itself asks for the schema.
 * @property {string} traceHeader the header by which a request asks for its statements.
 * @property {string} traceValue
 */

/**
 * One operation, and what became of it so far. Times in milliseconds.
 * @typedef {object} Exchange
 * @property {string | null} operation its name, if it has one.
 * @property {boolean} mutates whether it is a mutation.
 * @property {boolean} traced whether it asked for its statements.
 * @property {'running' | 'answered' | 'stopped' | 'failed'} state
 * @property {number} [status] of HTTP.
 * @property {number} [ms] from the request to the end of the answer.
 * @property {import('workbench/answer.js').Answer} [answer]
 * @property {string} [reason] why there is no answer.
 */

/** @typedef {Pick<Exchange, 'operation' | 'mutates' | 'traced'>} Asked */
/** @typedef {Omit<Exchange, 'operation' | 'mutates' | 'traced'>} Outcome */

/**
 * Looks on as GraphiQL asks the server, and tells of the operation that was sent last. GraphiQL gets
 * the same answers, at the same time, whatever is made of them here.
 * @param {Watched} watched
 * @param {(exchange: Exchange) => void} tell
 */
export function watchExchanges(watched, tell) {
  const send = window.fetch;
  let newest = 0;
  window.fetch = (input, init) => {
    const sent = send(input, init);
    // Not waited for: what fails in it is seen in the console, and keeps nobody from the answer.
    watch(sent, input, init);
    return sent;
  };

  /**
   * @param {Promise<Response>} sent
   * @param {RequestInfo | URL} input
   * @param {RequestInit | undefined} init
   */
  async function watch(sent, input, init) {
    const asked = askedBy(input, init, watched);
    if (!asked) return;
    newest += 1;
    const number = newest;
    const outcome = outcomeOf(sent);
    tell({ ...asked, state: 'running' });
    const known = await outcome;
    if (number === newest) tell({ ...asked, ...known });
  }
}

/**
 * @param {Promise<Response>} sent
 * @returns {Promise<Outcome>}
 */
async function outcomeOf(sent) {
  const started = performance.now();
  try {
    const response = await sent;
    const copy = response.clone();
    const { status } = response;
    if (!copy.headers.get('content-type')?.includes('json')) {
      return { state: 'failed', reason: `The server answered ${status} without GraphQL.` };
    }
    const answer = await copy.json();
    return { state: 'answered', status, ms: performance.now() - started, answer };
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return { state: 'stopped' };
    return { state: 'failed', reason: `No answer came: ${String(error)}` };
  }
}

/**
 * What a request asks, if it is one of those watched.
 * @param {RequestInfo | URL} input
 * @param {RequestInit | undefined} init
 * @param {Watched} watched
 * @returns {Asked | null}
 */
function askedBy(input, init, { introspection, traceHeader, traceValue }) {
  if (input instanceof Request || typeof init?.body !== 'string') return null;
  if (new URL(input, location.href).pathname !== location.pathname) return null;
  const { operationName = null, query = '' } = JSON.parse(init.body);
  if (operationName === introspection) return null;
  const traced = new Headers(init.headers).get(traceHeader) === traceValue;
  // GraphiQL sends one operation, with the fragments that it needs before or behind it.
  const mutates = /(^|\})\s*mutation\b/.test(query);
  return { operation: operationName, mutates, traced };
}
