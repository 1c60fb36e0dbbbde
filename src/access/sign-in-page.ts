import { KEY_IN_TAB } from '../graphql/graphiql.ts';

/**
 * Signs in with the key that the tab has kept. One that was refused is forgotten instead, and taken
 * out of the address bar.
 */
const SIGN_IN_AGAIN = `
  const url = new URL(location.href);
  if (url.searchParams.has('key')) {
    sessionStorage.removeItem('${KEY_IN_TAB}');
    url.searchParams.delete('key');
    history.replaceState(null, '', url);
  } else if (sessionStorage.getItem('${KEY_IN_TAB}')) {
    url.searchParams.set('key', sessionStorage.getItem('${KEY_IN_TAB}'));
    location.replace(url);
  }`;

/**
 * What a browser sees that opens GraphiQL without a key: a place to put it. Contacts nobody else.
 * @param refused whether a key was shown that nobody has.
 */
export const signInPage = (refused: boolean): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <title>Quartermaster: sign in</title>
    <link rel="icon" href="data:," />
    <style>
      :root { color-scheme: light dark; }
      body { font: 16px/1.5 system-ui, sans-serif; display: grid; place-items: center; min-height: 90vh; }
      form { display: grid; gap: 0.75rem; width: min(32rem, 90vw); }
      h1, p { margin: 0; }
      input, button { font: inherit; padding: 0.5rem 0.75rem; }
      [role='alert'] { color: light-dark(#b00020, #ff8a80); }
    </style>
    <script>${SIGN_IN_AGAIN}</script>
  </head>
  <body>
    <form method="get">
      <h1>Quartermaster</h1>
      <label for="key">API key</label>
      <input id="key" name="key" type="password" autocomplete="off" required pattern="qm_[A-Za-z0-9]{43,}"
        placeholder="qm_…" title="qm_ and at least 43 letters and digits" autofocus />
      ${refused ? '<p role="alert">There is no such key.</p>' : ''}
      <button>Open GraphiQL</button>
      <p>The first start of the server printed the owner's key.</p>
    </form>
  </body>
</html>
`;
