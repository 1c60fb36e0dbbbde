import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Browser, Page, Request } from 'playwright-core';
import { generateApiKey } from '../src/access/api-key.service.ts';
import { chromiumPath, NO_CHROMIUM, openBrowser, type Visit, visit } from './support/browser.ts';
import { createDatabase, DATABASES } from './support/databases.ts';
import { quartermaster, startQuartermaster, type TestProcess } from './support/process.ts';
import { startServer, type TestServer } from './support/server.ts';

describe.each(DATABASES)('the page at /graphql on %s', (database) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer(database);
  });

  afterAll(() => server.stop());

  const open = (query = '', accept = 'text/html') =>
    server.app.fetch(`http://test/graphql${query}`, { headers: { accept } });

  test('is GraphiQL for whoever has a key', async () => {
    const response = await open(`?key=${server.key}`);

    expect(response.status).toBe(200);
    expect(await response.text()).toContain(`Bearer ${server.key}`);
  });

  test('is a place to sign in for everybody else', async () => {
    const response = await open();
    const page = await response.text();

    expect(response.status).toBe(401);
    expect(page).toContain('<label for="key">API key</label>');
    expect(page).not.toContain('There is no such key.');
  });

  test('says so when nobody has the key, and does not repeat it', async () => {
    const key = generateApiKey();
    const response = await open(`?key=${key}`);
    const page = await response.text();

    expect(response.status).toBe(401);
    expect(page).toContain('There is no such key.');
    expect(page).not.toContain(key);
  });

  test('is kept by no cache, framed by no page, and tells no host where it was', async () => {
    for (const response of [await open(`?key=${server.key}`), await open()]) {
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'cache-control': 'no-store',
        'content-type': 'text/html; charset=utf-8',
        'referrer-policy': 'no-referrer',
        'x-frame-options': 'DENY',
      });
    }
  });

  test.each(['/', '/graphql/', '/other/graphql', '/?x=/graphql', '/healthz/graphql'])(
    'is not at %s, and neither is the API',
    async (address) => {
      const headers = { authorization: `Bearer ${server.key}`, 'content-type': 'application/json' };
      const body = JSON.stringify({ query: '{ items { totalCount } }' });
      const requests: RequestInit[] = [
        { headers: { accept: 'text/html' } },
        { method: 'POST', headers, body },
      ];
      for (const request of requests) {
        const response = await server.app.fetch(`http://test${address}`, request);
        expect(response.status).toBe(404);
        expect(await response.text()).toContain('are at /graphql');
      }
    },
  );

  test.each(['/healthz', '/readyz'])('%s needs no key', async (address) => {
    expect((await server.app.fetch(`http://test${address}`)).status).toBe(200);
  });

  test('is for browsers only: a key in a link answers no query', async () => {
    const query = `?key=${server.key}&query=${encodeURIComponent('{ items { totalCount } }')}`;
    const response = await open(query, 'application/json');

    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({
      errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    });
  });
});

if (!chromiumPath) {
  console.warn(`SKIPPED: GraphiQL in a browser, because ${NO_CHROMIUM}.`);
  if (process.env['CI']) {
    test('CI has a Chromium', () => {
      throw new Error(`In CI nothing may be skipped, but ${NO_CHROMIUM}.`);
    });
  }
}

(chromiumPath ? describe : describe.skip)('GraphiQL in a browser', () => {
  let server: TestProcess;
  let browser: Browser;
  let link: string;
  let url: string;
  let key: string;
  let visitor: Visit;

  beforeAll(async () => {
    const { url: address } = await createDatabase('sqlite', { migrated: false });
    const settings = { DATABASE_URL: address, PORT: '0', LOG_LEVEL: 'warn' };
    server = startQuartermaster(['serve'], settings);
    [link = '', url = '', key = ''] = await server.line(/(http:\S+)\?key=(qm_\w+)/);
    // The server runs on the file meanwhile.
    expect(await quartermaster(['demo'], settings)).toMatchObject({ code: 0 });
    browser = await openBrowser();
  });

  afterAll(async () => {
    await browser?.close();
    expect(await server.stop()).toMatchObject({ code: 0, stderr: '' });
  });

  beforeEach(async () => {
    visitor = await visit(browser, new URL(url).origin);
  });

  afterEach(async () => {
    const { context, strangers, failures } = visitor;
    await context.close();
    expect({ strangers, failures }).toEqual({ strangers: [], failures: [] });
  });

  test('the printed link opens it signed in, and its first query answers', async () => {
    const { page, answers, photograph } = visitor;
    await page.goto(link);
    await shows(page, QUERY, 'query Items {');
    expect([await page.title(), page.url()]).toEqual(['Quartermaster', url]);
    await shows(page, HEADERS, `"authorization": "Bearer ${key}"`);
    await shows(page, HEADERS, '"x-trace": "sql"');
    await photograph('graphiql-opened');

    const asked = page.waitForRequest(isQuery);
    await page.locator(QUERY).click();
    await page.keyboard.press('Control+Enter');

    await shows(page, ANSWER, '"sku": "BAG-PANNIER-20"');
    await photograph('graphiql-answered');
    const request = await asked;
    expect(await request.allHeaders()).toMatchObject({
      authorization: `Bearer ${key}`,
      'x-trace': 'sql',
    });
    // The page, what it asks to know the schema, and the query.
    expect(answers).toEqual(['GET /graphql 200', 'POST /graphql 200', 'POST /graphql 200']);
    const response = await request.response();
    expect(await response?.json()).toMatchObject({
      data: { items: { totalCount: 59 } },
      // Items with their categories, their number, sums, levels with their locations.
      extensions: { trace: { count: 4 } },
    });
    await page.locator(ANSWER).click();
    await page.keyboard.press('Control+End');
    await shows(page, ANSWER, '"batch"');
    await photograph('graphiql-trace');
  });

  test('the button runs it too, and the documentation is there', async () => {
    const { page, photograph } = visitor;
    await page.goto(link);
    await shows(page, QUERY, 'query Items {');
    await page.locator('.graphiql-execute-button').click();
    await shows(page, ANSWER, '"totalCount": 59');

    await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();

    await shows(page, '.graphiql-plugin', 'Query');
    await photograph('graphiql-documentation');
  });

  test('a new tab is signed in as well, and so is the page after a reload', async () => {
    const { page, photograph } = visitor;
    await page.goto(link);
    await keeps(page, 'query Items');
    await page.reload();
    await shows(page, QUERY, 'query Items {');
    expect(await page.getByRole('tab').count()).toBe(1);
    expect(page.url()).toBe(url);

    await page.locator('.graphiql-tab-add').click();
    await shows(page, HEADERS, `"authorization": "Bearer ${key}"`);
    await page.locator(QUERY).click();
    await page.keyboard.insertText('query Tags { tags { totalCount } }');
    // GraphiQL reads what was typed after a moment, and names the tab after it.
    await page.getByRole('tab', { name: 'Tags' }).waitFor();
    await page.keyboard.press('Control+Enter');
    await shows(page, ANSWER, '"totalCount": 32');
    expect(page.url()).not.toContain('qm_');

    await keeps(page, 'query Tags');
    await page.reload();
    await shows(page, QUERY, 'query Tags');
    expect(await page.getByRole('tab').count()).toBe(2);
    await photograph('graphiql-reloaded');
    await page.locator('.graphiql-execute-button').click();
    await shows(page, ANSWER, '"totalCount": 32');
    expect(page.url()).not.toContain('qm_');
  });

  test('the key is not written to the disk', async () => {
    const { page } = visitor;
    await page.goto(link);
    await shows(page, QUERY, 'query Items {');
    await page.locator('.graphiql-tab-add').click();
    await keeps(page, 'untitled');

    expect(await page.evaluate('JSON.stringify(localStorage)')).not.toContain('qm_');
  });

  test('without a key there is a page to sign in on', async () => {
    const { page, answers, photograph } = visitor;
    await page.goto(url);
    expect(await page.title()).toBe('Quartermaster: sign in');
    await photograph('sign-in');

    await page.getByLabel('API key').fill(generateApiKey());
    await page.keyboard.press('Enter');

    await shows(page, '[role=alert]', 'There is no such key.');
    await photograph('sign-in-refused');
    expect(page.url()).toBe(url);

    await page.getByLabel('API key').fill(key);
    await page.getByRole('button').click();

    await shows(page, QUERY, 'query Items {');
    expect(page.url()).toBe(url);
    expect(answers.slice(0, 3)).toEqual([
      'GET /graphql 401',
      'GET /graphql 401',
      'GET /graphql 200',
    ]);
  });

  test('a key that was good once is not tried for ever', async () => {
    const { page, answers } = visitor;
    await page.goto(url);
    await page.evaluate(`sessionStorage.setItem('quartermaster:key', '${generateApiKey()}')`);

    await page.goto(url);

    await shows(page, '[role=alert]', 'There is no such key.');
    expect(page.url()).toBe(url);
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
    expect(answers).toEqual(['GET /graphql 401', 'GET /graphql 401', 'GET /graphql 401']);
  });

  test('a request to anybody else would be seen, and fail', async () => {
    const { page, strangers } = visitor;
    await page.goto(url);

    const failed = page.evaluate(
      "fetch('http://example.com/x').then(() => 'sent', () => 'failed')",
    );

    expect(await failed).toBe('failed');
    expect(strangers.splice(0)).toEqual(['http://example.com/x']);
  });
});

const QUERY = '.graphiql-query-editor';
const HEADERS = '.graphiql-editor-tool .graphiql-editor:not(.hidden)';
const ANSWER = '.result-window';

/** Waits until a part of the page shows a text. The editor draws its spaces as no-break spaces. */
async function shows(page: Page, part: string, text: string): Promise<void> {
  const where = page.locator(part).filter({ hasText: text });
  await where.first().waitFor({ timeout: 15_000 });
}

/** Waits until GraphiQL has stored what its tabs say, which it does a moment later. */
async function keeps(page: Page, text: string): Promise<void> {
  await page.waitForFunction(
    `localStorage.getItem('graphiql:tabState')?.includes(${JSON.stringify(text)})`,
  );
}

const isQuery = (request: Request): boolean => request.postData()?.includes('query Items') ?? false;
