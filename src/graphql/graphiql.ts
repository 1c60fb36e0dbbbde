import { TRACE_HEADER, TRACE_VALUE } from './trace-extension.ts';
import { readWorkbench, SCHEMA_OPERATION } from './workbench.ts';

const FIRST_QUERY = `# Ask for items, and where they are: Ctrl+Enter.
# What came from a supplier is below zero there:
# each unit comes from somewhere and goes somewhere.
# The trace below lists the SQL that it took:
# one statement an edge, for any number of rows.
query Items {
  items(first: 10) {
    totalCount
    nodes {
      sku
      name
      available
      unit
      category { name }
      stockLevels(first: 5) {
        nodes { onHand location { name kind } }
      }
    }
  }
}
`;

/** Where a browser's tab keeps its key, until it is closed: a reload is no reason to ask again. */
export const KEY_IN_TAB = 'quartermaster:key';

/**
 * Takes the key out of the address bar, so that it is neither bookmarked nor shown around. Tells
 * GraphiQL which query was worked on last: it keeps those that were edited, and without one it would
 * greet whoever comes back with an empty tab.
 */
const PREPARE = `<script>{
  const url = new URL(location.href);
  if (url.searchParams.has('key')) {
    sessionStorage.setItem('${KEY_IN_TAB}', url.searchParams.get('key'));
    url.searchParams.delete('key');
    history.replaceState(null, '', url);
  }
  localStorage['graphiql:query'] ??= ${JSON.stringify(FIRST_QUERY)};
}</script>`;

/** Stands for the key in the page that is made once. */
const KEY_MARK = '{the key of whoever opens it}';

let halves: Promise<readonly [before: Buffer, after: Buffer]> | undefined;

/**
 * GraphiQL, whole, for whoever opened it with a key: signed in, with the statements of each answer and
 * with examples. It contacts no address but the one that it came from.
 * @returns the page in UTF-8.
 */
export async function graphiqlPage(key: string): Promise<Uint8Array<ArrayBuffer>> {
  halves ??= makeHalves();
  const [before, after] = await halves;
  return Buffer.concat([before, Buffer.from(inJson(inJson(key))), after]);
}

/** The page before and after the key: made and encoded once, as that stops the event loop for long. */
async function makeHalves(): Promise<readonly [Buffer, Buffer]> {
  // Nine megabytes of JavaScript: whoever only asks the API does not wait for them at the start.
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const { head, body } = readWorkbench();
  const headers = { authorization: `Bearer ${KEY_MARK}`, [TRACE_HEADER]: TRACE_VALUE };
  const page = renderGraphiQL({
    title: 'Quartermaster',
    defaultQuery: FIRST_QUERY,
    headers: JSON.stringify(headers, null, 2),
    // The key stays with the tab that it was shown to, and is not written to the browser's disk.
    shouldPersistHeaders: false,
    introspectionQueryName: SCHEMA_OPERATION,
  });
  const whole = withParts(page, [
    ['</head>', `${PREPARE}${head}</head>`],
    ['<div id="root"></div>', `<div id="root"></div>${body}`],
    // Examples are put into GraphiQL's editors, which are Monaco's.
    ['globalAPI: false', 'globalAPI: true'],
  ]);
  const [before, after, ...more] = whole.split(KEY_MARK);
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error("GraphiQL's page does not have its headers once.");
  }
  return [Buffer.from(before), Buffer.from(after)];
}

/** A text as it stands within a string of JSON: the headers are one, within the page's options. */
const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);

/** Puts parts of ours where GraphiQL's page has marks; each mark is replaced once, in their order. */
function withParts(
  page: string,
  parts: readonly (readonly [mark: string, part: string])[],
): string {
  let rest = page;
  let done = '';
  for (const [mark, part] of parts) {
    const at = rest.indexOf(mark);
    if (at < 0) throw new Error(`GraphiQL's page has no ${mark} any more where it is looked for.`);
    done += rest.slice(0, at) + part;
    rest = rest.slice(at + mark.length);
  }
  return done + rest;
}
