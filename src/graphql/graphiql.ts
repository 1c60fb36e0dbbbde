import { TRACE_HEADER, TRACE_VALUE } from './trace-extension.ts';
import { readWorkbench, SCHEMA_OPERATION, type Workbench } from './workbench.ts';

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

let workbench: Workbench | undefined;

/**
 * GraphiQL, whole, for whoever opened it with a key: signed in, with the statements of each answer and
 * with examples. It contacts no address but the one that it came from.
 */
export async function graphiqlPage(key: string): Promise<string> {
  // Nine megabytes of JavaScript: whoever only asks the API does not wait for them at the start.
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  workbench ??= readWorkbench();
  const headers = { authorization: `Bearer ${key}`, [TRACE_HEADER]: TRACE_VALUE };
  const page = renderGraphiQL({
    title: 'Quartermaster',
    defaultQuery: FIRST_QUERY,
    headers: JSON.stringify(headers, null, 2),
    // The key stays with the tab that it was shown to, and is not written to the browser's disk.
    shouldPersistHeaders: false,
    introspectionQueryName: SCHEMA_OPERATION,
  });
  return withParts(page, [
    ['</head>', `${PREPARE}${workbench.head}</head>`],
    ['<div id="root"></div>', `<div id="root"></div>${workbench.body}`],
    // Examples are put into GraphiQL's editors, which are Monaco's.
    ['globalAPI: false', 'globalAPI: true'],
  ]);
}

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
