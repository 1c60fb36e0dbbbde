import { globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Kind, type OperationDefinitionNode, parse } from 'graphql';
import type { Browser, Page, Response } from 'playwright-core';
import { fillWithDemo } from '../src/cli/fill-with-demo.ts';
import { readExamples } from '../src/graphql/examples.ts';
import { chromiumPath, NO_CHROMIUM, openBrowser, type Visit, visit } from './support/browser.ts';
import { DATABASES } from './support/databases.ts';
import { type HttpServer, startHttp, stopAll } from './support/http.ts';
import { startServer, type TestServer } from './support/server.ts';

const NOW = new Date('2026-03-02T12:00:00Z');
const examples = readExamples();

/** The one operation of an example. */
function operationOf(query: string): OperationDefinitionNode {
  const [operation, ...others] = parse(query).definitions.filter(
    (each) => each.kind === Kind.OPERATION_DEFINITION,
  );
  if (!operation || others.length > 0) throw new Error(`Not one operation:\n${query}`);
  return operation;
}

describe('the examples', () => {
  test('every feature that is in the schema has some', () => {
    const cwd = join(import.meta.dirname, '../src');
    const graphql = globSync('*/*.graphql.ts', { cwd }).map(dirname);
    const shown = new Set(examples.map(({ file }) => file.split('/')[0]));

    expect([...new Set(graphql)].filter((feature) => !shown.has(feature))).toEqual([]);
    expect(shown.size).toBeGreaterThan(4);
  });

  test('each has a title and a name of its own, and says more', () => {
    const titles = examples.map(({ group, title }) => `${group}: ${title}`);
    const names = examples.map(({ query }) => operationOf(query).name?.value);

    expect(new Set(titles).size).toBe(examples.length);
    expect(new Set(names).size).toBe(examples.length);
    expect(examples.filter(({ description }) => description === '')).toEqual([]);
  });

  test('no variables are without an example', () => {
    const cwd = join(import.meta.dirname, '../src');
    const files = globSync('*/examples/*.json', { cwd });

    expect(files.sort()).toEqual(
      examples
        .filter(({ variables }) => variables !== '')
        .map(({ file }) => file.replace(/graphql$/, 'json'))
        .sort(),
    );
  });

  test('mutations are dry runs', () => {
    const kept = examples.filter(({ query }) => {
      const { operation, directives } = operationOf(query);
      return operation === 'mutation' && !directives?.some(({ name }) => name.value === 'dryRun');
    });

    expect(kept.map(({ file }) => file)).toEqual([]);
  });
});

describe.each(DATABASES)('on %s, with the demo,', (database) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer(database);
    await fillWithDemo(server.orm.em, server.owner, NOW);
  });

  afterAll(() => server.stop());

  test.each(examples)('the example "$group: $title" shows what it says', async (example) => {
    const given = example.variables.replaceAll('{new}', crypto.randomUUID());
    const answer = await server.ask(example.query, given === '' ? undefined : JSON.parse(given));

    expect(answer.errors).toEqual([]);
    expect(Object.values(answer.data).filter(isEmpty)).toEqual([]);
    if (operationOf(example.query).operation === 'query') return;
    const types = Object.values(answer.data).map(typeOf);
    expect(types.filter((type) => !type.endsWith('Success'))).toEqual([]);
  });
});

/** Whether there is nothing to be seen. */
function isEmpty(value: unknown): boolean {
  if (value === null || (Array.isArray(value) && value.length === 0)) return true;
  return typeof value === 'object' && 'nodes' in value && isEmpty(value.nodes);
}

const typeOf = (value: unknown): string =>
  typeof value === 'object' && value && '__typename' in value ? String(value.__typename) : '';

if (!chromiumPath) {
  console.warn(`SKIPPED: the workbench in a browser, because ${NO_CHROMIUM}.`);
  // `graphiql.test.ts` fails in CI where there is none.
}

/** What a key may use: so much that nothing here comes near it. */
const RATE = { capacity: 5_000_000, perSecond: 500_000 };

(chromiumPath ? describe : describe.skip)('the workbench in a browser', () => {
  let http: HttpServer;
  let browser: Browser;
  let visitor: Visit;
  let complaints: string[];
  let page: Page;

  // Opening GraphiQL is most of the time: one window serves all tests, each in a tab of its own.
  beforeAll(async () => {
    http = await startHttp('sqlite', {}, 'warn', { rateLimit: RATE });
    await fillWithDemo(http.server.orm.em, http.server.owner, NOW);
    browser = await openBrowser();
    visitor = await visit(browser, `http://127.0.0.1:${http.port}`);
    complaints = [];
    page = visitor.page;
    page.on('console', (message) => {
      // The browser itself notes each answer that is no 200.
      if (message.type() !== 'error' || /Failed to load resource/.test(message.text())) return;
      complaints.push(message.text());
    });
    // What others left in the browser's storage is no reason to fail.
    await page.goto(address());
    await page.evaluate("localStorage.setItem('quartermaster:workbench', 'neither')");
    await open();
  });

  afterAll(async () => {
    await browser?.close();
    await stopAll();
  });

  afterEach(async () => {
    await page.emulateMedia({ colorScheme: null });
    await page.unrouteAll();
    const { strangers, failures } = visitor;
    expect([strangers, failures, complaints].map((each) => each.splice(0))).toEqual([[], [], []]);
  });

  const address = () => `http://127.0.0.1:${http.port}/graphql`;

  /** Opens GraphiQL, and waits until it knows the schema. */
  async function open(): Promise<void> {
    const schema = page.waitForResponse(isAnswer);
    await page.goto(`${address()}?key=${http.server.key}`);
    await schema;
    await page.locator(QUERY).filter({ hasText: /./ }).waitFor();
  }

  /** Opens an example from the menu. */
  async function choose(title: string, operation: string): Promise<void> {
    await page.getByRole('button', { name: 'Examples', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: title }).click();
    await page.locator(ACTIVE_TAB).filter({ hasText: operation }).waitFor();
  }

  /** Writes an operation into a new tab. */
  async function type(query: string): Promise<void> {
    await page.locator('.graphiql-tab-add').click();
    await page.locator(QUERY).click();
    await page.keyboard.insertText(query.replaceAll(/\s+/g, ' '));
    const name = operationOf(query).name?.value ?? '';
    await page.locator(ACTIVE_TAB).filter({ hasText: name }).waitFor();
  }

  /** Runs what is in the editor, and gives what the server answered and what is shown of it. */
  async function run(operation: string) {
    const answered = page.waitForResponse(isAnswer);
    await page.keyboard.press('Control+Enter');
    const answer = await (await answered).json();
    await summary(page, new RegExp(`^${operation}: (?!running)`));
    return { answer, shown: await shownOf(page) };
  }

  test('runs an example, and shows the statements of its answer', async () => {
    await choose('Receive a delivery', 'Receive');
    const { answer, shown } = await run('Receive');
    await visitor.photograph('workbench-receive');

    const { trace, cost } = answer.extensions;
    expect(answer.data.stockReceive.__typename).toBe('StockReceiveSuccess');
    expect(shown.statements).toEqual(
      trace.statements.map(({ sql, ms, rows, batch }: Statement, index: number) => [
        ...[`${index + 1}`, sql, `${figure(ms)} ms`, figure(rows)],
        batch === null ? '–' : figure(batch),
      ]),
    );
    expect(shown.statements.length).toBe(trace.count);
    expect(shown.together).toEqual([
      `${trace.count}`,
      'Together',
      `${figure(sum(trace.statements.map(({ ms }: Statement) => ms)))} ms`,
      figure(sum(trace.statements.map(({ rows }: Statement) => rows))),
      '',
    ]);
    expect(shown.cost).toEqual({
      'Cost estimate': figure(cost.requested),
      Used: `${figure(cost.used)} (${Math.round((100 * cost.used) / cost.requested)}%)`,
      'Limit of one request': '5,000',
      'Left of the key': `${figure(cost.rate.available)} of 5,000,000`,
    });
    expect(shown.notes).toEqual(['Dry run: nothing was kept.']);
    expect(shown.summary).toBe(
      `Receive: ${trace.count} statements, ${figure(trace.ms)} ms, ` +
        `cost ${cost.used} of ${cost.requested} at most`,
    );
  });

  test('opens each example in a tab of its own, with a new key, and finds it by a word', async () => {
    const keys = [];
    const before = await page.getByRole('tab').count();
    for (const name of ['Receive 1', 'Receive 2']) {
      await choose('Receive a delivery', 'Receive');
      const asked = page.waitForRequest((request) => request.method() === 'POST');
      await run('Receive');
      keys.push(name, (await asked).postDataJSON().variables.input.idempotencyKey);
    }
    expect(keys.join(' ')).toMatch(
      /^Receive 1 delivery-[0-9a-f]{8} Receive 2 delivery-[0-9a-f]{8}$/,
    );
    expect(keys[1]).not.toBe(keys[3]);
    expect(await page.getByRole('tab').count()).toBe(before + 2);

    await page.getByRole('button', { name: 'Examples', exact: true }).click();
    const buttons = page.locator('#workbench-list button:visible b');
    expect(await buttons.count()).toBe(examples.length);
    await page.keyboard.type('PUT aside');
    expect(await buttons.allTextContents()).toEqual([
      'Give up what was put aside',
      'Hand out what was put aside',
      'Put goods aside',
      'What is put aside',
    ]);
    await visitor.photograph('workbench-examples');
    await page.getByRole('button', { name: 'Close the examples' }).click();
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  test('says what was refused, and what was rolled back because of it', async () => {
    await type(
      `mutation Two @atomic {
        ok: tagCreate(input: { name: "new" }) { __typename }
        twice: tagCreate(input: { name: "winter" }) { __typename }
        later: tagCreate(input: { name: "newer" }) { __typename }
      }`,
    );
    const { shown } = await run('Two');

    expect(shown.notes).toEqual([
      'twice was refused: AlreadyExists.',
      'ROLLED_BACK: Nothing of it was done, because `twice` was not. (2 times)',
    ]);
    expect(shown.summary).toMatch(/^Two: 2 errors, \d+ statements, /);
  });

  test('says what is wrong with an operation that was not run', async () => {
    await type(
      'query Wide { items(first: 100) { nodes { stockLevels(first: 100) { nodes { id } } } } }',
    );
    const { answer, shown } = await run('Wide');
    await visitor.photograph('workbench-refused');

    expect(shown.notes).toEqual([
      `QUERY_TOO_COMPLEX: ${answer.errors[0].message}`,
      'It was not run: there are no statements.',
    ]);
    expect(shown.cost).toMatchObject({
      'Cost estimate': '10,100',
      'Limit of one request': '5,000',
    });
    expect(shown.statements).toEqual([]);
  });

  test('says which moment a snapshot is of', async () => {
    await choose('Several lists of one moment', 'Snapshot');
    const { answer, shown } = await run('Snapshot');

    expect(shown.notes).toEqual([
      `Answered from one moment: seq ${answer.extensions.snapshot.seq}.`,
    ]);
  });

  test('shows the cost, and no statements, to whoever may not see them', async () => {
    const viewer = await http.server.member('VIEWER');
    await type('query Looked { items(first: 3) { nodes { sku } } }');
    const headers = JSON.stringify({ authorization: `Bearer ${viewer.key}`, 'x-trace': 'sql' });
    await page.evaluate(`monaco.editor.getModels()
      .find(({ uri }) => uri.path.endsWith('request-headers.json')).setValue('${headers}')`);
    const { answer, shown } = await run('Looked');
    await visitor.photograph('workbench-viewer');

    expect(answer.extensions.trace).toBe(undefined);
    expect(shown.statements).toEqual([]);
    expect(shown.notes).toEqual([
      'This key may not see the statements: those of owners and managers may.',
    ]);
    expect(shown.cost).toMatchObject({ 'Cost estimate': figure(answer.extensions.cost.requested) });
  });

  test('tells what became of the operation that was sent last, and of no other', async () => {
    const ask = (name: string, signal = 'undefined') =>
      page.evaluate(`(() => { fetch(location.pathname, {
        method: 'POST', signal: ${signal}, body: JSON.stringify({ query: 'query ${name} { viewer { role } }', operationName: '${name}' }),
        headers: { authorization: 'Bearer ${http.server.key}', 'content-type': 'application/json' },
      }).catch(() => undefined) })()`);
    const held = Promise.withResolvers<void>();
    await page.route('**/graphql', async (route) => {
      const { operationName } = route.request().postDataJSON();
      if (operationName === 'Lost') return route.abort();
      if (operationName === 'Broken') return route.fulfill({ status: 502, body: 'no' });
      if (operationName === 'Slow') await held.promise;
      return route.fallback();
    });

    await ask('Slow');
    await summary(page, /^Slow: running/);
    await ask('Quick');
    await summary(page, /^Quick: cost /);
    const slow = page.waitForResponse(isAnswer);
    held.resolve();
    await slow;
    const schema = page.waitForResponse(isAnswer);
    await page.getByRole('button', { name: 'Re-fetch GraphQL schema' }).click();
    await schema;
    expect(await shownOf(page)).toMatchObject({
      summary: expect.stringMatching(/^Quick: /),
      notes: ['Its statements were not asked for: the header "x-trace": "sql" does that.'],
    });

    await ask('Lost');
    await summary(page, /^Lost: no answer/);
    expect((await shownOf(page)).notes).toEqual(['No answer came: TypeError: Failed to fetch']);
    await ask('Broken');
    await summary(page, /^Broken: no answer/);
    expect((await shownOf(page)).notes).toEqual(['The server answered 502 without GraphQL.']);
    await ask('Stopped', 'AbortSignal.abort()');
    await summary(page, /^Stopped: stopped/);
    expect((await shownOf(page)).notes).toEqual(['Stopped before an answer came.']);
  });

  test('is opened, closed and sized by the keyboard, and found again as it was left', async () => {
    const grip = page.getByRole('separator', { name: 'Height of the trace' });
    const toggle = page.getByRole('button', { name: 'Trace' });
    const panel = page.locator('#workbench-panel');
    const heightOf = async () => (await panel.boundingBox())?.height;
    expect(await heightOf()).toBe(220);

    await grip.focus();
    await page.keyboard.press('ArrowUp');
    expect(await heightOf()).toBe(252);
    expect(await grip.getAttribute('aria-valuenow')).toBe('252');
    await toggle.press('Enter');
    expect(await panel.isVisible()).toBe(false);

    await open();
    expect(await panel.isVisible()).toBe(false);
    expect(await toggle.getAttribute('aria-expanded')).toBe('false');
    await toggle.press('Enter');
    expect(await heightOf()).toBe(252);
  });

  test("is as dark as GraphiQL is: by the system's wish, or by its own setting", async () => {
    const colors = () =>
      page.evaluate<string[]>(`['#workbench', '.graphiql-container .graphiql-container'].map(
        (part) => getComputedStyle(document.querySelector(part)).backgroundColor)`);
    const light = ['rgb(255, 255, 255)', 'rgb(255, 255, 255)'];
    expect(await colors()).toEqual(light);

    await page.emulateMedia({ colorScheme: 'dark' });
    const dark = await colors();
    expect(dark).toEqual(['rgb(33, 42, 59)', 'rgb(33, 42, 59)']);
    await type('query Dark { items(first: 3) { nodes { sku category { name } } } }');
    await run('Dark');
    await visitor.photograph('workbench-dark');

    for (const [theme, expected] of Object.entries({ light, dark })) {
      await page.emulateMedia({ colorScheme: theme === 'dark' ? 'light' : 'dark' });
      await page.evaluate(`document.body.classList.remove('graphiql-light', 'graphiql-dark')`);
      await page.evaluate(`document.body.classList.add('graphiql-${theme}')`);
      expect(await colors()).toEqual(expected);
    }
    await page.evaluate(`document.body.classList.remove('graphiql-light', 'graphiql-dark')`);
  });
});

const QUERY = '.graphiql-query-editor';
const ACTIVE_TAB = '.graphiql-tab-active';

interface Statement {
  readonly sql: string;
  readonly ms: number;
  readonly rows: number;
  readonly batch: number | null;
}

/** What the panel shows. */
interface Shown {
  readonly summary: string;
  readonly notes: string[];
  readonly cost: Record<string, string>;
  readonly statements: string[][];
  readonly together: string[];
}

function shownOf(page: Page): Promise<Shown> {
  return page.evaluate(`(() => {
    const all = (selector, from = document) => [...from.querySelectorAll('#workbench ' + selector)];
    const text = (each) => each.textContent;
    const cells = (row) => [...row.cells].map(text);
    return {
      summary: text(all('#workbench-summary')[0]),
      notes: all('.workbench-note').map(text),
      cost: Object.fromEntries(all('.workbench-cost div').map((each) => [...each.children].map(text))),
      statements: all('tbody tr').map(cells),
      together: all('tfoot tr').flatMap(cells),
    };
  })()`);
}

/** Waits until the line beside the buttons says something. */
async function summary(page: Page, text: RegExp): Promise<void> {
  await page.locator('#workbench-summary').filter({ hasText: text }).waitFor({ timeout: 15_000 });
}

const isAnswer = (response: Response): boolean => response.request().method() === 'POST';
const figure = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 3 });
const sum = (values: readonly number[]): number => values.reduce((one, other) => one + other, 0);
