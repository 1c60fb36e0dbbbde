/** What a browser sees that opens GraphiQL without a key: a place to put it. Contacts nobody else. */
export const signInPage = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="referrer" content="no-referrer" />
    <title>Quartermaster: sign in</title>
    <style>
      body { font: 16px/1.5 system-ui, sans-serif; display: grid; place-items: center; min-height: 90vh; }
      form { display: grid; gap: 0.75rem; width: min(32rem, 90vw); }
      input, button { font: inherit; padding: 0.5rem 0.75rem; }
    </style>
  </head>
  <body>
    <form method="get">
      <h1>Quartermaster</h1>
      <label for="key">API key</label>
      <input id="key" name="key" type="password" autocomplete="off" required pattern="qm_[A-Za-z0-9]{43,}"
        placeholder="qm_…" title="qm_ and at least 43 letters and digits" autofocus />
      <button>Open GraphiQL</button>
      <p>The first start of the server printed a link with the owner's key.</p>
    </form>
  </body>
</html>
`;
