import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { inTestDirectory } from './databases.ts';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Where this machine has a Chromium; undefined where it has none. */
export const chromiumPath = PLACES.find((path) => existsSync(path));

/** Why tests in a browser cannot run here. */
export const NO_CHROMIUM = `there is no Chromium (looked for ${PLACES.join(', ')})`;

const ARGUMENTS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  ...['--disable-background-networking', '--disable-component-update'],
  // No name resolves: were a request to slip by the guard below, it would find nobody.
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
];

export function openBrowser(): Promise<Browser> {
  if (!chromiumPath) throw new Error(NO_CHROMIUM);
  return chromium.launch({ executablePath: chromiumPath, args: ARGUMENTS });
}

/** A browser's window as somebody sees it who never was here before, and what it asked of whom. */
export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  /** The addresses outside the server that were asked for, all of them in vain. */
  readonly strangers: string[];
  /** Each answer of the server: method, path without query, and status. */
  readonly answers: string[];
  /** What the page's scripts failed with. */
  readonly failures: string[];
  /** Keeps what the window shows, for a person to look at, until the tests are over. */
  photograph(name: string): Promise<void>;
}

/** Opens a new window that reaches one server and nobody else. */
export async function visit(browser: Browser, origin: string): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1360, height: 850 } });
  const page = await context.newPage();
  const strangers: string[] = [];
  const answers: string[] = [];
  const failures: string[] = [];
  const own = (address: string) => {
    const { protocol, origin: asked } = new URL(address);
    return protocol === 'data:' || asked === origin;
  };
  page.on('request', (request) => {
    if (!own(request.url())) strangers.push(request.url());
  });
  page.on('websocket', (socket) => strangers.push(socket.url()));
  page.on('pageerror', (error) => failures.push(error.message));
  page.on('response', (response) => {
    const { protocol, pathname } = new URL(response.url());
    if (protocol !== 'http:') return;
    answers.push(`${response.request().method()} ${pathname} ${response.status()}`);
  });
  await context.route('**/*', (route) =>
    own(route.request().url()) ? route.continue() : route.abort(),
  );
  const photograph = async (name: string) => {
    await page.screenshot({ path: inTestDirectory(`${name}.png`) });
  };
  return { page, context, strangers, answers, failures, photograph };
}
