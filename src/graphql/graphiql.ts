import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import type { GraphiQLOptions } from 'graphql-yoga';
import { TRACE_HEADER, TRACE_VALUE } from './trace-extension.ts';

const FIRST_QUERY = `# Quartermaster: ask for items, and where they are.
# Run it with Ctrl+Enter. The answer's \`extensions.trace\` lists the SQL statements that it took:
# one for each edge, however many rows there are.
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
        nodes { onHand location { code name } }
      }
    }
  }
}
`;

/** GraphiQL for whoever opened it with a key: signed in, and showing the statements of each answer. */
export function graphiqlOptions(key: string | undefined): GraphiQLOptions {
  const headers = {
    ...(key && { authorization: `Bearer ${key}` }),
    [TRACE_HEADER]: TRACE_VALUE,
  };
  return {
    title: 'Quartermaster',
    defaultQuery: FIRST_QUERY,
    headers: JSON.stringify(headers, null, 2),
    shouldPersistHeaders: false,
  };
}

/** Takes the key out of the address bar, so that it is neither bookmarked nor shown around. */
const HIDE_KEY = `<script>history.replaceState(null, '', location.pathname)</script></head>`;

/** The page, whole: it contacts no address but the one that it came from. */
export const graphiqlPage = (options: GraphiQLOptions): string =>
  renderGraphiQL(options).replace('</head>', () => HIDE_KEY);
